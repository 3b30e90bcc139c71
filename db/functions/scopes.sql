-- Every row knows its project and stays in it; its version counts what clients changed.

-- A variant's project is its generation's.
create or replace function fill_project_of_variant() returns trigger
language plpgsql set search_path = public, pg_temp
as $$
begin
  select project_id into new.project_id from generations where id = new.generation_id;
  return new;
end
$$;

drop trigger if exists trg_a_fill_project on generation_variants;
create trigger trg_a_fill_project
before insert on generation_variants
for each row when (new.project_id is null)
execute function fill_project_of_variant();

-- An entry's project is its shot's.
create or replace function fill_project_of_entry() returns trigger
language plpgsql set search_path = public, pg_temp
as $$
begin
  select project_id into new.project_id from shots where id = new.shot_id;
  return new;
end
$$;

drop trigger if exists trg_a_fill_project on shot_generations;
create trigger trg_a_fill_project
before insert on shot_generations
for each row when (new.project_id is null)
execute function fill_project_of_entry();

-- Moving to another project would take a row out of its owner's hands: copy it, then delete it.
create or replace function refuse_move() returns trigger
language plpgsql set search_path = public, pg_temp
as $$
begin
  raise exception 'a row of % stays in its project: copy it, then delete it', tg_table_name
    using errcode = 'check_violation', constraint = tg_table_name || '_stays_in_project';
end
$$;

do $$
declare
  name text;
begin
  foreach name in array array[
    'project_members', 'project_invitations', 'runs', 'shots', 'generations', 'generation_variants',
    'shot_generations', 'tasks', 'assets'
  ] loop
    execute format('drop trigger if exists trg_refuse_move on %I', name);
    execute format(
      'create trigger trg_refuse_move
       before update of project_id on %I
       for each row when (old.project_id is distinct from new.project_id)
       execute function refuse_move()',
      name
    );
  end loop;
end
$$;

create or replace function count_version() returns trigger
language plpgsql set search_path = public, pg_temp
as $$
begin
  new.version := old.version + 1;
  new.updated_at := now();
  return new;
end
$$;

-- The columns that clients write. Settings count their own versions; what a trigger or a cascade
-- writes (mirrors, caches, ranks) counts none: a client's own write has no trigger around it.
-- The trigger's name sorts last: it sees the row as the other triggers leave it.
do $$
declare
  counted record;
  was text;
  is_now text;
begin
  for counted in
    select name, string_to_array(columns, ' ') as columns
    from (values
      ('users', 'email name avatar_url onboarding'),
      ('projects', 'user_id name aspect_ratio thumbnail_generation_id'),
      ('project_members', 'role'),
      ('runs', 'name prompt model image_count status settings_snapshot'),
      ('shots', 'name position aspect_ratio'),
      ('generations',
       'type location thumbnail_url name params tool_type model prompt width height duration_ms '
       'byte_size blurhash starred run_id task_id based_on parent_generation_id child_order '
       'pair_shot_generation_id'),
      ('generation_variants',
       'location thumbnail_url name params variant_type width height duration_ms byte_size '
       'blurhash is_primary starred viewed_at'),
      ('shot_generations', 'generation_id position timeline_frame metadata'),
      ('tasks',
       'status params dependant_on worker_id output_location result_data error_message attempts '
       'progress generation_started_at generation_processed_at'),
      ('task_types',
       'run_type category display_name billing_type base_cost_per_second unit_cost cost_factors '
       'tool_type content_type is_visible supports_progress is_active'),
      ('assets',
       'status error attempts upload_expires_at thumbnail_url width height duration_ms blurhash'),
      ('workers', 'instance_type status current_model metadata')
    ) as listed (name, columns)
  loop
    select string_agg('old.' || quote_ident(columns), ', '),
           string_agg('new.' || quote_ident(columns), ', ')
    into was, is_now
    from unnest(counted.columns) as columns;

    execute format('drop trigger if exists zz_count_version on %I', counted.name);
    execute format(
      'create trigger zz_count_version
       before update on %I
       for each row when (
         row(%s) is distinct from row(%s)
         and pg_trigger_depth() = 0
       )
       execute function count_version()',
      counted.name, was, is_now
    );
  end loop;
end
$$;

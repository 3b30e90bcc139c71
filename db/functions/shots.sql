-- Shots: their order in the project, dense from 0, and what is made of whole shots.
-- The order of a project's shots is one lock, taken before any shot is: see shot_entries.sql.

-- Takes the order of a project's shots for this transaction.
create or replace function lock_shot_order(project uuid) returns void
language plpgsql
as $$
begin
  -- Not the project's row: an editor may not lock that.
  perform pg_advisory_xact_lock(hashtextextended('shots ' || project, 0));
end;
$$;

-- A new shot goes to the position it names, no further than the end, and else to the end.
create or replace function place_new_shot() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  count integer;
begin
  perform lock_shot_order(new.project_id);
  select count(*) into count from shots s where s.project_id = new.project_id;
  new.position := greatest(0, least(new.position, count));
  return new;
end;
$$;

drop trigger if exists place_new_shot on shots;
create trigger place_new_shot
  before insert on shots
  for each row
  execute function place_new_shot();

-- After any statement: positions are dense again, and shots that asked for one have it.
create or replace function keep_shot_order() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  touched uuid[];
  asked uuid[] := '{}';
begin
  if tg_op = 'INSERT' then
    -- One after another, as they came.
    select array_agg(distinct n.project_id), array_agg(n.id) into touched, asked from new_rows n;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct p.id)
    into touched
    from projects p
    where p.id in (select o.project_id from old_rows o);
  else
    select array_agg(distinct n.project_id), array_agg(n.id order by n.position, o.position)
    into touched, asked
    from old_rows o
      full join new_rows n on n.id = o.id
    where o.position is distinct from n.position;
  end if;
  if touched is not null then
    perform restore_shot_order(touched, asked);
  end if;
  return null;
end;
$$;

-- Takes the orders of these projects, and closes and opens ranks where they are not dense.
create or replace function restore_shot_order(touched uuid[], asked uuid[]) returns void
language plpgsql
as $$
declare
  project uuid;
begin
  foreach project in array touched loop
    perform lock_shot_order(project);
    perform write_shot_order(project, asked)
    where exists (
      select
      from (
        select s.position, row_number() over (order by s.position, s.id) - 1 as rank
        from shots s
        where s.project_id = project
      ) place
      where place.position <> place.rank
    );
  end loop;
end;
$$;

-- Gives shots that ask for it their position as their rank, in this order; the others go around.
create or replace function write_shot_order(project uuid, asked uuid[]) returns void
language plpgsql
as $$
declare
  line uuid[] := array(
    select s.id
    from shots s
    where s.project_id = project and s.id <> all (asked)
    order by s.position, s.id
  );
  mover record;
begin
  for mover in
    select s.id, greatest(0, least(s.position, 1000000)) as rank
    from unnest(asked) with ordinality a (id, turn)
      join shots s on s.id = a.id
    where s.project_id = project
    order by a.turn
  loop
    line := array_append(line[1:mover.rank], mover.id) || line[mover.rank + 1:];
  end loop;
  update shots s
  set position = place.rank - 1
  from unnest(line) with ordinality place (id, rank)
  where s.id = place.id
    and s.position <> place.rank - 1;
end;
$$;

drop trigger if exists keep_shot_order_after_insert on shots;
create trigger keep_shot_order_after_insert
  after insert on shots
  referencing new table as new_rows
  for each statement
  execute function keep_shot_order();

drop trigger if exists keep_shot_order_after_update on shots;
create trigger keep_shot_order_after_update
  after update on shots
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function keep_shot_order();

drop trigger if exists keep_shot_order_after_delete on shots;
create trigger keep_shot_order_after_delete
  after delete on shots
  referencing old table as old_rows
  for each statement
  execute function keep_shot_order();

-- Makes a shot at a position of its project; returns it, then those that made room.
create or replace function insert_shot_at_position(
  project uuid, shot_name text, at_position integer, shot uuid default null
) returns setof shots
language plpgsql
as $$
declare
  made uuid := coalesce(shot, gen_random_uuid());
  place integer;
begin
  perform lock_shot_order(project);
  insert into shots (id, project_id, name, position, settings)
  values (made, project, shot_name, at_position, settings_for_shot(project))
  returning position into place;
  return query
    select * from shots s
    where s.project_id = project and s.position >= place
    order by s.position;
end;
$$;

-- Puts shots of a project in this order on the positions that they have now; the others stay.
create or replace function reorder_shots(project uuid, shots_in_order uuid[]) returns setof shots
language plpgsql
as $$
declare
  places integer[];
begin
  perform lock_shot_order(project);
  places := array(
    select s.position
    from shots s
    where s.project_id = project and s.id = any (shots_in_order)
    order by s.position
  );
  if cardinality(places) <> cardinality(shots_in_order) then
    raise exception 'the shots are not all different ones of project %', project
      using errcode = '22023', constraint = 'shots_order';
  end if;
  return query
    update shots s
    set position = place.position
    from unnest(shots_in_order, places) place (id, position)
    where s.id = place.id
      and s.position <> place.position
    returning s.*;
end;
$$;

-- Copies a shot right behind itself, with all its entries or only the placed ones; returns the
-- copy, then the shots that made room.
create or replace function duplicate_shot(
  shot uuid, placed_only boolean default false, copy uuid default null
) returns setof shots
language plpgsql
as $$
declare
  made uuid := coalesce(copy, gen_random_uuid());
begin
  perform lock_shot_order(s.project_id) from shots s where s.id = shot;
  perform lock_shot(shot);
  insert into shots (id, project_id, name, position, aspect_ratio, settings)
  select made, s.project_id, s.name || ' (copy)', s.position + 1, s.aspect_ratio, s.settings
  from shots s
  where s.id = shot;
  -- The copies wait in the order of the originals, which stay the older association.
  insert into shot_generations
    (shot_id, generation_id, position, timeline_frame, metadata, created_at)
  select
    made, e.generation_id, e.position, e.timeline_frame, e.metadata,
    clock_timestamp() + row_number() over (order by e.created_at, e.id) * interval '1 microsecond'
  from shot_generations e
  where e.shot_id = shot
    and (e.timeline_frame is not null or not placed_only);
  return query
    select s.*
    from shots m
      join shots s on s.project_id = m.project_id and s.position >= m.position
    where m.id = made
    order by s.position;
end;
$$;

-- Makes a shot at the end of its project with one generation at frame 0.
create or replace function create_shot_with_image(
  project uuid, shot_name text, generation uuid, shot uuid default null
) returns setof shots
language plpgsql
as $$
declare
  made uuid := coalesce(shot, gen_random_uuid());
begin
  insert into shots (id, project_id, name, settings)
  values (made, project, shot_name, settings_for_shot(project));
  perform add_generation_to_shot(made, generation);
  return query select * from shots s where s.id = made;
end;
$$;

-- How many entries of a shot wait off the timeline.
create or replace function count_unpositioned_generations(shot uuid) returns integer
language plpgsql stable
as $$
begin
  return (
    select count(*)
    from shot_generations e
    where e.shot_id = shot and e.timeline_frame is null
  );
end;
$$;

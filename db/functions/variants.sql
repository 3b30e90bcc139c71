-- Variants: other takes of the same generation. Which of them is primary stands in primaries.sql,
-- and what a generation shows of it in mirrors.sql.

-- Generations with a location and no variant get their original, seen already when no task made
-- it: an upload is not new to whoever uploads it.
create or replace function create_original_variants(generation_ids uuid[]) returns void
language plpgsql
as $$
begin
  insert into generation_variants (
    project_id, generation_id, variant_type, is_primary, viewed_at, created_at,
    location, thumbnail_url, name, params, width, height, duration_ms, byte_size, blurhash
  )
  select
    g.project_id, g.id, 'original', true, case when g.task_id is null then now() end, g.created_at,
    g.location, g.thumbnail_url, g.name, g.params, g.width, g.height, g.duration_ms, g.byte_size,
    g.blurhash
  from generations g
  where g.id = any (generation_ids)
    and g.location is not null
    and not exists (select from generation_variants v where v.generation_id = g.id);
end;
$$;

-- A generation written as a finished file gets its original variant; one that names its primary
-- variant waits for the writer to insert that.
create or replace function auto_create_variant_after_generation() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  finished uuid[];
begin
  select array_agg(n.id)
  into finished
  from new_rows n
  where n.location is not null and n.primary_variant_id is null;

  if finished is not null then
    perform create_original_variants(finished);
  end if;
  return null;
end;
$$;

drop trigger if exists trg_auto_create_variant_after_generation on generations;
create trigger trg_auto_create_variant_after_generation
  after insert on generations
  referencing new table as new_rows
  for each statement
  execute function auto_create_variant_after_generation();

-- A variant is another take of one generation, for ever.
create or replace function refuse_variant_move() returns trigger
language plpgsql
as $$
begin
  raise exception 'variant % stays with its generation', old.id
    using errcode = 'check_violation',
      table = 'generation_variants',
      constraint = 'generation_variants_stay';
end;
$$;

-- An original that no task made is an upload, which is not new to whoever uploads it.
create or replace function view_upload() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  if exists (select from generations g where g.id = new.generation_id and g.task_id is null) then
    new.viewed_at := now();
  end if;
  return new;
end;
$$;

drop trigger if exists trg_refuse_variant_move on generation_variants;
create trigger trg_refuse_variant_move
  before update on generation_variants
  for each row
  when (old.generation_id is distinct from new.generation_id)
  execute function refuse_variant_move();

drop trigger if exists trg_view_upload on generation_variants;
create trigger trg_view_upload
  before insert on generation_variants
  for each row
  when (new.variant_type = 'original' and new.viewed_at is null)
  execute function view_upload();

-- Who makes a variant primary waits for the generation before, not after: the constraint of one
-- primary looks at what others have not committed yet, and would wait for them in turn.
create or replace function await_generation() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  perform from generations g where g.id = new.generation_id for no key update;
  return new;
end;
$$;

drop trigger if exists trg_await_generation_on_insert on generation_variants;
create trigger trg_await_generation_on_insert
  before insert on generation_variants
  for each row
  when (new.is_primary and pg_trigger_depth() = 0)
  execute function await_generation();

drop trigger if exists trg_await_generation on generation_variants;
create trigger trg_await_generation
  before update on generation_variants
  for each row
  when (new.is_primary and not old.is_primary and pg_trigger_depth() = 0)
  execute function await_generation();

-- Variants as the viewer who means to change them sees them; the writable ones stay as they are
-- until the transaction ends. Their generations come first, as with everybody who writes both.
create or replace function hold_variants(ids uuid[])
returns table (
  id text, writable boolean, version integer, generation_id text, name text, starred boolean
)
language plpgsql
as $$
declare
  writables uuid[];
begin
  writables := array(
    select hold_writable(
      array(select v.project_id from generation_variants v where v.id = any (ids))
    )
  );
  perform lock_generations(
    array(select v.generation_id from generation_variants v where v.id = any (ids))
  );
  perform from generation_variants v where v.id = any (ids) order by v.id for no key update;
  return query
  select
    v.id::text, v.project_id = any (writables), v.version, v.generation_id::text,
    v.name, v.starred
  from generation_variants v
  where v.id = any (ids);
end;
$$;

-- Makes a generation of its own out of a variant, based on the variant's generation.
create or replace function promote_variant_to_generation(
  variant uuid, generation uuid default null
) returns setof generations
language plpgsql
as $$
declare
  promoted uuid := coalesce(generation, gen_random_uuid());
begin
  insert into generations (
    id, project_id, based_on, type, location, thumbnail_url, name, params, tool_type, model,
    prompt, width, height, duration_ms, byte_size, blurhash
  )
  select
    promoted, g.project_id, g.id, g.type, v.location, v.thumbnail_url, v.name, v.params,
    g.tool_type, coalesce(param_model(v.params), g.model),
    coalesce(param_text(v.params, 'prompt'), g.prompt),
    v.width, v.height, v.duration_ms, v.byte_size, v.blurhash
  from generation_variants v
    join generations g on g.id = v.generation_id
  where v.id = variant;
  if not found then
    raise exception 'variant % is not known', variant
      using errcode = 'P0002', constraint = 'generation_variants_known';
  end if;
  -- Read again: the triggers have given it its own variant.
  return query select * from generations g where g.id = promoted;
end;
$$;

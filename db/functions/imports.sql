-- Imports: a folder of files becomes generations and shots, in the rights of whoever imports.
-- Ids come from content and folder names, so what is there already is left as it is.

-- The project of this name, or this id, that the viewer sees, those to write in first; a new one
-- when there is none by this name.
create or replace function project_to_import(wanted text, out id uuid, out writable boolean)
language plpgsql
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('import ' || viewer_id() || wanted, 0));
  select p.id, p.id in (table writable_projects)
  into project_to_import.id, writable
  from projects p
  where p.name = wanted or p.id::text = lower(wanted)
  order by
    p.id in (table writable_projects) desc,
    p.user_id = viewer_id() desc,
    p.created_at,
    p.id
  limit 1;
  if not found and wanted !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    insert into projects (user_id, name)
    values (viewer_id(), wanted)
    returning projects.id, true into project_to_import.id, writable;
  end if;
end;
$$;

-- Makes shots at the end of a project, in the order given.
create or replace function import_shots(project uuid, rows jsonb) returns void
language plpgsql
as $$
begin
  insert into shots (id, project_id, name, settings)
  select row.id, project, row.name, settings_for_shot(project)
  from rows from (jsonb_to_recordset(rows) as (id uuid, name text)) with ordinality
    as row (id, name, turn)
  order by row.turn
  on conflict do nothing;
end;
$$;

-- Makes generations out of what was measured and read; returns the new ones.
create or replace function import_generations(project uuid, rows jsonb) returns setof uuid
language plpgsql
as $$
begin
  return query
    insert into generations (
      id, project_id, type, location, thumbnail_url, name, params, model, prompt,
      width, height, duration_ms, byte_size, blurhash, created_at
    )
    select
      row.id, project, row.type, row.location, row.thumbnail_url, row.name, row.params,
      row.model, row.prompt, row.width, row.height, row.duration_ms, row.byte_size,
      row.blurhash, row.created_at
    from jsonb_to_recordset(rows) as row (
      id uuid, type text, location text, thumbnail_url text, name text, params jsonb,
      model text, prompt text, width integer, height integer, duration_ms integer,
      byte_size bigint, blurhash text, created_at timestamptz
    )
    on conflict do nothing
    returning generations.id;
end;
$$;

-- Puts generations in shots that do not have them yet, in the order given: images at the end of
-- the timeline, videos unpositioned.
create or replace function import_entries(rows jsonb) returns void
language plpgsql
as $$
declare
  entry record;
begin
  perform lock_shot(touched.id)
  from (
    select distinct row.shot_id as id
    from jsonb_to_recordset(rows) as row (shot_id uuid)
    order by 1
  ) touched;
  for entry in
    select *
    from rows from (
      jsonb_to_recordset(rows) as (shot_id uuid, generation_id uuid)
    ) with ordinality as row (shot_id, generation_id, turn)
    order by row.turn
  loop
    perform add_generation_to_shot(entry.shot_id, g.id, media_type(g.type) = 'image')
    from generations g
    where g.id = entry.generation_id
      and not exists (
        select
        from shot_generations e
        where e.shot_id = entry.shot_id and e.generation_id = g.id
      );
  end loop;
end;
$$;

-- Says of generations what they were made from, unless something is said already.
create or replace function import_lineage(project uuid, derived uuid[], sources uuid[])
returns void
language plpgsql
as $$
begin
  update generations g
  set based_on = source.id
  from unnest(derived, sources) as pair (derived, source)
    join generations source on source.id = pair.source and source.project_id = project
  where g.id = pair.derived
    and g.project_id = project
    and g.based_on is null;
end;
$$;

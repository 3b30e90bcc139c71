-- Projects: how they begin, and who may change them.

-- Projects as the viewer who means to change them sees them; those that they own stay as they are
-- until the transaction ends.
create or replace function hold_projects(ids uuid[])
returns table (
  id text, writable boolean, version integer, name text, aspect_ratio text,
  thumbnail_generation_id text, user_id text
)
language plpgsql
as $$
declare
  managed uuid[];
begin
  perform from projects p where p.id = any (ids) order by p.id for no key update;
  managed := array(select hold_managed(ids));
  return query
  select
    p.id::text, p.id = any (managed), p.version, p.name, p.aspect_ratio,
    p.thumbnail_generation_id::text, p.user_id::text
  from projects p
  where p.id = any (ids);
end;
$$;

-- Makes a project of the viewer's with a first shot, and with the settings of another project where
-- one is named; returns the kind of what has its id already, and nothing when all is made.
create or replace function create_project(
  project uuid, project_name text, shape text, settings_from uuid, shot uuid, shot_name text
) returns text
language plpgsql
as $$
begin
  insert into projects (id, user_id, name, aspect_ratio, settings)
  values (
    project, viewer_id(), project_name, shape, coalesce(settings_for_project(settings_from), '{}')
  )
  on conflict (id) do nothing;
  if not found then
    return 'project';
  end if;
  perform from create_shot(project, shot_name, shot, null, null, '{}');
  if not found then
    return 'shot';
  end if;
  return null;
end;
$$;

-- Settings: what tools remember of a person, a project or a shot, under the tool's id.
-- A write is one statement that holds its entity: of two that patch different keys both survive.

-- A value with a patch merged into it: objects key by key, anything else replaced, null too.
create or replace function deep_merge(base jsonb, patch jsonb) returns jsonb
language plpgsql immutable parallel safe
as $$
begin
  if jsonb_typeof(base) is distinct from 'object' or jsonb_typeof(patch) <> 'object' then
    return patch;
  end if;
  return base || coalesce(
    (select jsonb_object_agg(p.key, deep_merge(base -> p.key, p.value)) from jsonb_each(patch) p),
    '{}'
  );
end;
$$;

-- The keys that a JSON pointer goes through.
create or replace function pointer_path(pointer text) returns text[]
language sql immutable parallel safe
return array(
  select replace(replace(p.key, '~1', '/'), '~0', '~')
  from unnest((string_to_array(pointer, '/'))[2:]) with ordinality p (key, turn)
  order by p.turn
);

-- An object without the key at a path, and without the objects that lose their last key by that;
-- null when nothing is left. Paths that lead nowhere, or into lists, change nothing.
create or replace function deep_unset(value jsonb, path text[]) returns jsonb
language plpgsql immutable parallel safe
as $$
declare
  kept jsonb;
begin
  if cardinality(path) = 0 then
    return null;
  end if;
  if jsonb_typeof(value) is distinct from 'object' or not value ? path[1] then
    return value;
  end if;
  kept := deep_unset(value -> path[1], path[2:]);
  if kept is not null then
    return value || jsonb_build_object(path[1], kept);
  end if;
  return nullif(value - path[1], '{}');
end;
$$;

-- A value without the keys that pointers lead to, and with a patch merged into what is left; null
-- when nothing is.
create or replace function patched(value jsonb, patch jsonb, unset text[]) returns jsonb
language plpgsql immutable parallel safe
as $$
declare
  kept jsonb := value;
  pointer text;
begin
  foreach pointer in array coalesce(unset, '{}') loop
    kept := deep_unset(kept, pointer_path(pointer));
  end loop;
  if patch is null then
    return kept;
  end if;
  return nullif(deep_merge(kept, patch), '{}');
end;
$$;

-- The entity of a scope if the viewer sees it: its project, and whether they may write there.
create or replace function settings_entity(scope text, entity uuid)
returns table (project uuid, writable boolean)
language sql stable
as $$
  select null::uuid, true
  where scope = 'user' and entity = viewer_id()
  union all
  select p.id, p.id in (table writable_projects)
  from projects p
  where scope = 'project' and p.id = entity and p.id in (table visible_projects)
  union all
  select s.project_id, s.project_id in (table writable_projects)
  from shots s
  where scope = 'shot' and s.id = entity and s.project_id in (table visible_projects)
$$;

-- The settings of all tools with those of one of them, or without any.
create or replace function with_tool(settings jsonb, tool text, value jsonb) returns jsonb
language sql immutable parallel safe
return case jsonb_typeof(settings) when 'object' then settings else '{}' end - tool
  || case when value is null then '{}' else jsonb_build_object(tool, value) end;

-- Takes keys out of one tool's settings, then merges a patch in, and keeps what was there before as
-- a revision if that changes anything. Nothing is written at another version than expected, which is
-- the one before those `added` by the same batch, or when the entity is gone, which is told by nulls.
-- Rights are the caller's; moves name no argument.
create or replace function write_settings(
  scope text, entity uuid, project uuid, tool text, patch jsonb, unset text[], expected integer,
  argument text, added integer default 0,
  out written boolean, out version integer, out was jsonb, out value jsonb
)
language plpgsql
as $$
begin
  -- Named one by one: a statement made of words is planned anew each time.
  case scope
    when 'user' then
      select u.settings -> tool into was from users u where u.id = entity for no key update;
    when 'project' then
      select p.settings -> tool into was from projects p where p.id = entity for no key update;
    else
      select s.settings -> tool into was from shots s where s.id = entity for no key update;
  end case;
  if not found then
    return;
  end if;

  select coalesce(max(r.version), 0) - added into version
  from settings_revisions r
  where r.scope = write_settings.scope and r.entity_id = entity and r.tool = write_settings.tool;

  value := was;
  written := version = coalesce(expected, version);
  if not written then
    return;
  end if;
  version := version + added;
  value := patched(was, patch, unset);
  if value is not distinct from was then
    return;
  end if;
  -- What is too large already may shrink.
  if argument is not null and octet_length(value::text) > greatest(262144, octet_length(was::text))
  then
    raise exception 'the settings of a tool are at most 256 KiB'
      using errcode = 'check_violation', constraint = 'tool_settings_size', column = argument;
  end if;

  case scope
    when 'user' then
      update users u set settings = with_tool(u.settings, tool, value) where u.id = entity;
    when 'project' then
      update projects p set settings = with_tool(p.settings, tool, value) where p.id = entity;
    else
      update shots s set settings = with_tool(s.settings, tool, value) where s.id = entity;
  end case;

  version := version + 1;
  insert into settings_revisions
    (user_id, project_id, shot_id, tool, version, patch, unset, value_before, author)
  values (
    case scope when 'user' then entity end, project, case scope when 'shot' then entity end,
    tool, version, patch, coalesce(unset, '{}'), was, viewer_id()
  );
end;
$$;

-- Holds what lets the viewer write there, and first the projects that have settings of their own.
create or replace function hold_settings_right(writes jsonb) returns void
language plpgsql
as $$
declare
  named uuid[] := array(select (w.value ->> 'id')::uuid from jsonb_array_elements(writes) w);
begin
  if jsonb_path_exists(writes, '$[*] ? (@.scope == "project")') then
    perform from projects p
    where p.id = any (named) and p.id in (table writable_projects)
    order by p.id for no key update;
  end if;
  perform hold_writable(named || array(select s.project_id from shots s where s.id = any (named)));
end;
$$;

-- The writes of a viewer, each as {scope, id, tool, patch, unset, expected, argument}; all expect
-- the versions before the first. Entities are taken in one order, so that two batches never wait for
-- each other. What the viewer does not see has no row, what they may not write is not written; that
-- they may stays so until the end.
create or replace function change_settings(writes jsonb)
returns table (
  turn integer, writable boolean, written boolean, version integer, was jsonb, value jsonb,
  has_schema boolean
)
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  write record;
  added text[] := '{}';
begin
  perform hold_settings_right(writes);
  for write in
    select row.*, e.project, e.writable, concat_ws(' ', row.scope, row.id, row.tool) as place
    from rows from (
      jsonb_to_recordset(writes) as (
        scope text, id uuid, tool text, patch jsonb, unset text[], expected integer,
        argument text
      )
    ) with ordinality as row (scope, id, tool, patch, unset, expected, argument, turn)
      cross join lateral settings_entity(row.scope, row.id) e
    order by row.scope, row.id, row.turn
  loop
    turn := write.turn;
    writable := write.writable;
    written := false;
    if writable then
      select w.* into written, version, was, value
      from write_settings(
        write.scope, write.id, write.project, write.tool, write.patch, write.unset,
        write.expected, write.argument, cardinality(array_positions(added, write.place))
      ) w;
      continue when written is null;
      added := added || case when value is distinct from was then write.place end;
    end if;
    has_schema := exists (select from tools t where t.id = write.tool and t.schema is not null);
    return next;
  end loop;
end;
$$;

-- What every layer holds for places: each a tool, in a project or not, in a shot or not.
create or replace function tool_settings(at_shots uuid[], at_projects uuid[], of_tools text[])
returns table (
  turn bigint, tool text, project_id text, shot_id text, found boolean,
  defaults jsonb, user_value jsonb, project_value jsonb, shot_value jsonb,
  user_version integer, project_version integer, shot_version integer
)
language sql stable
as $$
  select
    place.turn, place.tool, p.id::text, s.id::text,
    (place.project is null or p.id is not null) and (place.shot is null or s.id is not null),
    coalesce(t.defaults, '{}'),
    u.settings -> place.tool, p.settings -> place.tool, s.settings -> place.tool,
    -- Side by side, not by a function of SQL: each call of one costs more than all three look-ups.
    coalesce((select max(r.version) from settings_revisions r
      where r.scope = 'user' and r.entity_id = u.id and r.tool = place.tool), 0),
    coalesce((select max(r.version) from settings_revisions r
      where r.scope = 'project' and r.entity_id = p.id and r.tool = place.tool), 0),
    coalesce((select max(r.version) from settings_revisions r
      where r.scope = 'shot' and r.entity_id = s.id and r.tool = place.tool), 0)
  from unnest(at_shots, at_projects, of_tools) with ordinality place (shot, project, tool, turn)
    left join shots s
      on s.id = place.shot and s.project_id = coalesce(place.project, s.project_id)
    left join projects p on p.id = coalesce(s.project_id, place.project)
    left join users u on u.id = viewer_id()
    left join tools t on t.id = place.tool
$$;

drop function if exists settings_version(text, uuid, text);
drop function if exists write_settings(text, uuid, uuid, text, jsonb, text[], integer, text);

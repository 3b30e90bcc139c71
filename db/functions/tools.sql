-- Tools: those that come with the product, and what their registration decides.

-- Built-in tools follow the product until a studio registers its own of that name.
insert into tools (id, primary_scope, defaults, content_fields, built_in)
select t.id, t.scope, t.defaults::jsonb, string_to_array(t.fields, ' '), true
from (values
  ('travel-between-images', 'shot',
   '{"prompt": "", "negativePrompt": "", "generationMode": "timeline",
     "videoControlMode": "batch", "batchVideoFrames": 61, "batchVideoSteps": 6,
     "amountOfMotion": 50, "motionMode": "basic", "enhancePrompt": false, "turboMode": false}',
   'prompt negativePrompt textBeforePrompts textAfterPrompts pairConfigs'),
  ('image-generation', 'project',
   '{"imagesPerPrompt": 1, "promptMode": "automated", "depthStrength": 50,
     "softEdgeStrength": 20}',
   'prompt prompts textBeforePrompts textAfterPrompts'),
  ('character-animate', 'project', '{}', 'prompt'),
  ('join-clips', 'project',
   '{"contextFrameCount": 15, "gapFrameCount": 23, "numInferenceSteps": 6, "guidanceScale": 3,
     "seed": -1}',
   'prompt'),
  ('edit-video', 'project', '{}', 'prompt'),
  ('edit-images', 'project', '{}', 'prompt'),
  ('training-data-helper', 'user',
   '{"autoPlaySegments": true, "defaultSegmentDuration": 10, "segmentOverlap": 500}', ''),
  ('user-preferences', 'user', '{}', ''),
  ('ui', 'user', '{"paneLocks": {"gens": false, "shots": false, "tasks": true}}', '')
) as t (id, scope, defaults, fields)
on conflict (id) do update
set
  primary_scope = excluded.primary_scope,
  defaults = excluded.defaults,
  content_fields = excluded.content_fields
where tools.built_in
  and (tools.primary_scope, tools.defaults, tools.content_fields)
    is distinct from (excluded.primary_scope, excluded.defaults, excluded.content_fields);

-- Settings as another shot or project takes them over: without the content that tools name.
create or replace function without_content(settings jsonb) returns jsonb
language sql stable
as $$
  select coalesce(jsonb_object_agg(kept.tool, kept.value), '{}')
  from (
    select
      own.key as tool,
      case jsonb_typeof(own.value) when 'object'
        then own.value - coalesce(t.content_fields, '{}')
        else own.value
      end as value
    from jsonb_each(case jsonb_typeof(settings) when 'object' then settings else '{}' end) own
      left join tools t on t.id = own.key
  ) kept
  where kept.value <> '{}'
$$;

-- What a new shot of a project begins with: of each tool what the latest shot has, else the project.
create or replace function settings_for_shot(project uuid) returns jsonb
language sql stable
as $$
  select without_content(p.settings) || without_content(
    (
      select s.settings
      from shots s
      where s.project_id = p.id
      order by s.created_at desc, s.id desc
      limit 1
    )
  )
  from projects p
  where p.id = project
$$;

-- What a new project begins with when it takes after another one.
create or replace function settings_for_project(source uuid) returns jsonb
language sql stable
as $$
  select without_content(p.settings) from projects p where p.id = source
$$;

-- Moves a map that a project keeps under one field of a tool, by the ids of its shots, into the
-- settings of these shots: an object becomes settings of its own, anything else goes under the
-- field's name. What a shot has already stays; keys that are no shots of the project stay behind.
create or replace function split_tool_settings(
  tool text, field text, into_tool text, out projects integer, out shots integer, out left_over integer
)
language plpgsql
as $$
declare
  map record;
  moved record;
  keys text[];
begin
  projects := 0;
  shots := 0;
  left_over := 0;
  for map in
    select p.id, p.settings -> tool -> field as entries
    from projects p
    where jsonb_typeof(p.settings -> tool -> field) = 'object'
    order by p.id
    for no key update
  loop
    keys := '{}';
    for moved in
      select s.id, e.key, s.settings -> into_tool as kept,
        case jsonb_typeof(e.value) when 'object' then e.value else jsonb_build_object(field, e.value)
        end as value
      from jsonb_each(map.entries) e
        join shots s on s.id::text = lower(e.key) and s.project_id = map.id
      order by s.id
      for no key update of s
    loop
      perform write_settings(
        'shot', moved.id, map.id, into_tool, deep_merge(moved.value, coalesce(moved.kept, '{}')),
        null, null, null
      );
      keys := keys || format('/%s/%s', pointer_key(field), pointer_key(moved.key));
    end loop;
    perform write_settings('project', map.id, map.id, tool, null, keys, null, null);
    projects := projects + (cardinality(keys) > 0)::integer;
    shots := shots + cardinality(keys);
    left_over := left_over
      + (select count(*) from jsonb_object_keys(map.entries))::integer - cardinality(keys);
  end loop;
end;
$$;

-- A key as JSON pointers spell it.
create or replace function pointer_key(key text) returns text
language sql immutable parallel safe
return replace(replace(key, '~', '~0'), '/', '~1');

-- Generations: what is lifted out of their params.

-- Whether a type names an image or a video; no type and unknown ones are images.
create or replace function media_type(type text) returns text
language sql immutable parallel safe
return case when lower(type) ~ '^video' then 'video' else 'image' end;

-- The text that params hold under a key; anything else there is none.
create or replace function param_text(params jsonb, key text) returns text
language sql immutable parallel safe
return case when jsonb_typeof(params -> key) = 'string' then params ->> key end;

-- The model that params name.
create or replace function param_model(params jsonb) returns text
language sql immutable parallel safe
return coalesce(param_text(params, 'model'), param_text(params, 'model_name'));

-- Prompt and model follow params, as long as nobody has written something else there.
create or replace function lift_params() returns trigger
language plpgsql
as $$
begin
  if new.prompt is not distinct from old.prompt
    and (old.prompt is null or old.prompt = param_text(old.params, 'prompt'))
  then
    new.prompt := param_text(new.params, 'prompt');
  end if;

  if new.model is not distinct from old.model
    and (old.model is null or old.model = param_model(old.params))
  then
    new.model := param_model(new.params);
  end if;
  return new;
end;
$$;

drop trigger if exists trg_lift_params on generations;
create trigger trg_lift_params
  before insert on generations
  for each row
  when (new.params is not null)
  execute function lift_params();

drop trigger if exists trg_lift_params_on_update on generations;
create trigger trg_lift_params_on_update
  before update on generations
  for each row
  when (old.params is distinct from new.params)
  execute function lift_params();

-- Generations as the viewer who means to change them sees them; the writable ones stay as they are
-- until the transaction ends.
create or replace function hold_generations(ids uuid[])
returns table (id text, writable boolean, version integer, name text, starred boolean)
language plpgsql
as $$
declare
  writables uuid[];
begin
  writables := array(
    select hold_writable(array(select g.project_id from generations g where g.id = any (ids)))
  );
  perform lock_generations(ids);
  return query
  select g.id::text, g.project_id = any (writables), g.version, g.name, g.starred
  from generations g
  where g.id = any (ids);
end;
$$;

-- Generations: what is lifted out of their params, and the list of their children.
-- A trigger's plan lives as long as its session: rows before and after are paired by full joins,
-- which stay linear however few rows the session's first statement had.

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

-- The children of a composition in order, kept on their parent for readers who want no join.
create or replace function list_children(parent_ids uuid[]) returns void
language plpgsql
as $$
begin
  if parent_ids is null then
    return;
  end if;
  perform from generations g where g.id = any (parent_ids) order by g.id for no key update;

  update generations p
  set children = c.list
  from unnest(parent_ids) as parent (id)
    cross join lateral (
      select
        coalesce(
          jsonb_agg(
            jsonb_build_object('id', g.id, 'order', g.child_order)
            order by g.child_order, g.created_at, g.id
          ),
          '[]'
        ) as list
      from generations g
      where g.parent_generation_id = parent.id
    ) as c
  where p.id = parent.id and p.children is distinct from c.list;
end;
$$;

create or replace function list_children_on_insert() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  perform list_children(array_agg(distinct n.parent_generation_id))
  from new_rows n
  where n.parent_generation_id is not null
  having count(*) > 0;
  return null;
end;
$$;

create or replace function list_children_on_delete() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  perform list_children(array_agg(distinct o.parent_generation_id))
  from old_rows o
  where o.parent_generation_id is not null
  having count(*) > 0;
  return null;
end;
$$;

-- Both the parent that a child leaves and the one that it joins.
create or replace function list_children_on_update() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  perform list_children(array_agg(distinct p.id))
  from old_rows o
    full join new_rows n on n.id = o.id
    cross join lateral (values (o.parent_generation_id), (n.parent_generation_id)) as p (id)
  where p.id is not null
    and (o.parent_generation_id, o.child_order)
      is distinct from (n.parent_generation_id, n.child_order)
  having count(*) > 0;
  return null;
end;
$$;

drop trigger if exists trg_list_children_on_insert on generations;
create trigger trg_list_children_on_insert
  after insert on generations
  referencing new table as new_rows
  for each statement
  execute function list_children_on_insert();

drop trigger if exists trg_list_children_on_update on generations;
create trigger trg_list_children_on_update
  after update on generations
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function list_children_on_update();

drop trigger if exists trg_list_children_on_delete on generations;
create trigger trg_list_children_on_delete
  after delete on generations
  referencing old table as old_rows
  for each statement
  execute function list_children_on_delete();

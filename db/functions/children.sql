-- Children: the segments of a composition, and the list of them that their parent keeps.
-- A trigger's plan lives as long as its session: rows before and after are paired by full joins,
-- which stay linear however few rows the session's first statement had.

-- Generations whose composition the viewer means to change, with the parents that they have.
-- Whoever does that in a project takes turns, or else circles could close behind their backs.
create or replace function hold_segments(ids uuid[])
returns table (
  id text, writable boolean, version integer, project_id text, parent_generation_id text
)
language plpgsql
as $$
declare
  writables uuid[] := array(
    select hold_writable(array(select g.project_id from generations g where g.id = any (ids)))
  );
begin
  perform pg_advisory_xact_lock(hashtextextended('composition ' || p.id, 0))
  from unnest(writables) with ordinality p (id, turn)
  order by p.turn;
  perform lock_generations(
    ids || array(select g.parent_generation_id from generations g where g.id = any (ids))
  );
  return query
  select
    g.id::text, g.project_id = any (writables), g.version, g.project_id::text,
    g.parent_generation_id::text
  from generations g
  where g.id = any (ids);
end;
$$;

-- Makes generations the segments of a parent, in the order given, behind those that it has.
create or replace function attach_children(parent uuid, ids uuid[]) returns void
language plpgsql
as $$
declare
  last integer := (
    select max(g.child_order)
    from generations g
    where g.parent_generation_id = parent and g.id <> all (ids)
  );
begin
  if exists (
    with recursive above (id) as (
      select parent
      union
      select g.parent_generation_id
      from above a join generations g on g.id = a.id
      where g.parent_generation_id is not null
    )
    select from above where id = any (ids)
  ) then
    raise exception 'generation % would become a segment of itself', parent
      using errcode = 'check_violation',
        table = 'generations',
        constraint = 'generations_no_circle';
  end if;

  update generations g
  set parent_generation_id = parent, child_order = coalesce(last, -1) + given.turn
  from unnest(ids) with ordinality as given (id, turn)
  where g.id = given.id;
end;
$$;

-- The children of a composition in order, kept on their parent for readers who want no join.
create or replace function list_children(parent_ids uuid[]) returns void
language plpgsql
as $$
begin
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

-- After any statement: parents list the children that they have now, those that were left too.
create or replace function keep_children() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  touched uuid[];
begin
  if tg_op = 'INSERT' then
    select array_agg(distinct n.parent_generation_id)
    into touched
    from new_rows n
    where n.parent_generation_id is not null;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct o.parent_generation_id)
    into touched
    from old_rows o
    where o.parent_generation_id is not null;
  else
    select array_agg(distinct p.id)
    into touched
    from old_rows o
      full join new_rows n on n.id = o.id
      cross join lateral (values (o.parent_generation_id), (n.parent_generation_id)) as p (id)
    where p.id is not null
      and (o.parent_generation_id, o.child_order)
        is distinct from (n.parent_generation_id, n.child_order);
  end if;
  if touched is not null then
    perform list_children(touched);
  end if;
  return null;
end;
$$;

drop trigger if exists trg_list_children_on_insert on generations;
create trigger trg_list_children_on_insert
  after insert on generations
  referencing new table as new_rows
  for each statement
  execute function keep_children();

drop trigger if exists trg_list_children_on_update on generations;
create trigger trg_list_children_on_update
  after update on generations
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function keep_children();

drop trigger if exists trg_list_children_on_delete on generations;
create trigger trg_list_children_on_delete
  after delete on generations
  referencing old table as old_rows
  for each statement
  execute function keep_children();

-- There was one for each kind of statement.
drop function if exists list_children_on_insert();
drop function if exists list_children_on_update();
drop function if exists list_children_on_delete();

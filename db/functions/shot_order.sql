-- The order of a project's shots, dense from 0, and what moves shots in it.
-- It is one lock, taken before any shot is: see shot_entries.sql.

-- Takes the order of a project's shots for this transaction.
create or replace function lock_shot_order(project uuid) returns void
language plpgsql
as $$
begin
  -- Not the project's row: an editor may not lock that.
  perform pg_advisory_xact_lock(hashtextextended('shots ' || project, 0));
end;
$$;

-- Takes the orders that shots of the viewer's are in.
create or replace function lock_shot_orders(ids uuid[]) returns void
language plpgsql
as $$
begin
  perform lock_shot_order(o.project_id)
  from (
    select distinct s.project_id
    from shots s
    where s.id = any (ids)
      and s.project_id in (select writable_projects())
    order by s.project_id
  ) o;
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

-- Puts a shot at a position of its project, no further than the end; returns all that moved.
create or replace function move_shot(shot uuid, to_position integer) returns setof shots
language plpgsql
as $$
declare
  project uuid;
  was integer;
  place integer;
begin
  perform lock_shot_order(s.project_id) from shots s where s.id = shot;
  select s.project_id, s.position into project, was from shots s where s.id = shot;
  select least(to_position, count(*) - 1) into place from shots s where s.project_id = project;
  update shots s set position = place where s.id = shot and s.position <> place;
  return query
    select *
    from shots s
    where s.project_id = project
      and was <> place
      and s.position between least(was, place) and greatest(was, place)
    order by s.position;
end;
$$;

-- Deletes shots with their entries; returns those that closed up, project by project.
create or replace function delete_shots(ids uuid[]) returns setof shots
language plpgsql
as $$
declare
  projects uuid[];
  places integer[];
begin
  perform lock_shot_orders(ids);
  perform from shots s where s.id = any (ids) order by s.id for update;
  select array_agg(gap.project_id), array_agg(gap.place)
  into projects, places
  from (
    select s.project_id, min(s.position) as place
    from shots s
    where s.id = any (ids)
    group by s.project_id
  ) gap;
  delete from shots s where s.id = any (ids);
  return query
    select s.*
    from unnest(projects, places) gap (project_id, place)
      join shots s on s.project_id = gap.project_id and s.position >= gap.place
    order by s.project_id, s.position;
end;
$$;

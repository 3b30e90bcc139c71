-- Locks: what a transaction that changes shots and their entries takes first. The order in which
-- locks are taken stands in shot_entries.sql.

-- Takes a shot for this transaction: whoever writes its entries comes here first.
create or replace function lock_shot(shot uuid) returns uuid
language plpgsql
as $$
begin
  -- Not FOR UPDATE: the foreign keys of two inserts share the row already, and would deadlock.
  perform from shots s where s.id = shot for no key update;
  if not found then
    raise exception 'shot % is not known', shot
      using errcode = 'P0002', constraint = 'shots_known';
  end if;
  return shot;
end;
$$;

-- Takes the shot of an entry, and makes sure that the entry is still there.
create or replace function lock_shot_of_entry(entry uuid) returns uuid
language plpgsql
as $$
declare
  shot uuid;
begin
  select e.shot_id into shot from shot_generations e where e.id = entry;
  if found then
    perform lock_shot(shot);
    perform from shot_generations e where e.id = entry and e.shot_id = shot;
  end if;
  if not found then
    raise exception 'shot entry % is not known', entry
      using errcode = 'P0002', constraint = 'shot_entries_known';
  end if;
  return shot;
end;
$$;

-- Shot entries as the viewer who means to change them sees them; the writable ones stay as they are
-- until the transaction ends. Their shots are taken before them.
create or replace function hold_shot_entries(ids uuid[])
returns table (
  id text, writable boolean, version integer, shot_id text, generation_id text,
  frame integer, "position" integer
)
language plpgsql
as $$
declare
  writables uuid[];
begin
  writables := array(
    select hold_writable(
      array(select e.project_id from shot_generations e where e.id = any (ids))
    )
  );
  perform
  from shots s
  where s.id in (select e.shot_id from shot_generations e where e.id = any (ids))
  order by s.id
  for no key update;
  perform from shot_generations e where e.id = any (ids) order by e.id for no key update;
  return query
    select
      e.id::text, e.project_id = any (writables), e.version, e.shot_id::text,
      e.generation_id::text, e.timeline_frame, e.position
    from shot_generations e
    where e.id = any (ids);
end;
$$;

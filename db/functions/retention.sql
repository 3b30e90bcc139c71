-- Retention: changes lie in slots that are written in turn. A slot whose changes are all too old is
-- folded, which keeps the last that became of each row, and then emptied for its next turn. None of
-- that stands in the way of whoever writes: they write into another slot.

-- Lets whatever begins from now on write into the next slot, if that is empty and this one has been
-- written for long enough.
create or replace function turn_slot(written interval) returns boolean
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  following smallint;
begin
  select (f.slot + 1) % 8 into following from feed f where f.since < now() - written for update;
  if following is null
    or exists (select from ticks t where t.slot = following)
    or exists (select from changes x where x.slot = following)
  then
    return false;
  end if;
  update feed set slot = following, since = now();
  return true;
end;
$$;

-- Keeps of a slot what became of each row in the end, if all in it was committed before a moment;
-- what is older can be read from then on only as that. Ticks that other slots hold of the time
-- before are folded too, so that what is left begins at one tick. Whoever still writes into the
-- slot is waited for, not for long; so is whoever else folds it.
create or replace function fold_slot(old smallint, before timestamptz) returns boolean
language plpgsql security definer
set search_path = public, pg_temp
set lock_timeout = '1s'
as $$
begin
  execute format('lock table ticks_%1$s, changes_%1$s in share row exclusive mode', old);
  if exists (select from feed f where f.slot = old)
    or not exists (select from ticks t where t.slot = old)
    or exists (select from ticks t where t.slot = old and t.at >= before)
  then
    return false;
  end if;

  insert into heads as h (scope, tbl, id, tick, deleted)
  select distinct on (t.scope, x.tbl, i.id) t.scope, x.tbl, i.id, t.tick, x.op = 'D'
  from last_ticks(old) l
    join clocks c on c.scope = l.scope
    join ticks t on t.scope = l.scope and t.tick > c.min_tick and t.tick <= l.tick
    join changes x on x.slot = t.slot and x.tx = t.tx and x.scope = t.scope
    cross join lateral unnest(x.ids) i (id)
  order by t.scope, x.tbl, i.id, t.tick desc, x.seq desc
  on conflict (scope, tbl, id) do update
  set tick = excluded.tick, deleted = excluded.deleted
  where h.tick < excluded.tick;

  -- In the order in which commits take them.
  perform from clocks c join last_ticks(old) l on l.scope = c.scope
  order by c.scope
  for no key update of c;
  update clocks c
  set min_tick = l.tick
  from last_ticks(old) l
  where c.scope = l.scope and c.min_tick < l.tick;
  return true;
end;
$$;

-- The last tick of each scope that a slot holds.
create or replace function last_ticks(of_slot smallint) returns table (scope uuid, tick bigint)
language sql stable
as $$
  select t.scope, max(t.tick) from ticks t where t.slot = of_slot group by t.scope
$$;

-- Empties a slot of which all is folded.
create or replace function empty_slot(old smallint) returns boolean
language plpgsql security definer
set search_path = public, pg_temp
set lock_timeout = '1s'
as $$
begin
  execute format('lock table ticks_%1$s, changes_%1$s in access exclusive mode', old);
  if exists (
    select
    from ticks t join clocks c on c.scope = t.scope
    where t.slot = old and t.tick > c.min_tick
  ) or exists (select from feed f where f.slot = old) then
    return false;
  end if;
  execute format('truncate ticks_%1$s, changes_%1$s', old);
  return true;
end;
$$;

-- Clocks: every transaction that changes a scope advances the scope's clock by one tick. A scope is
-- a project, or a user's private data. The clock is taken at commit and held until it is done, so
-- ticks have the order of commits and no gaps; whoever reads them misses nothing.

insert into feed default values on conflict do nothing;

-- The number under which this transaction notes its changes, the slot that keeps them, and the
-- scopes it has changed so far. They are local to the transaction, so that a savepoint takes them
-- back together with the rows.
create or replace function feed_transaction(out number bigint, out slot smallint, out seen uuid[])
language plpgsql
as $$
declare
  noted text[] := string_to_array(nullif(current_setting('dailies.feed', true), ''), ' ');
begin
  if noted is not null then
    number := noted[1];
    slot := noted[2];
    seen := noted[3];
    return;
  end if;
  select nextval('feed_numbers'), f.slot, '{}' into number, slot, seen from feed f;
end;
$$;

-- Remembers scopes that this transaction has changed for the first time.
create or replace function note_scopes(number bigint, slot smallint, seen uuid[]) returns void
language plpgsql
as $$
begin
  perform set_config('dailies.feed', format('%s %s %s', number, slot, seen), true);
end;
$$;

-- The scopes that this transaction has changed so far.
create or replace function changed_scopes() returns text[]
language sql stable
return nullif(split_part(current_setting('dailies.feed', true), ' ', 3), '')::uuid[]::text[];

-- Gives the transaction its tick in each scope that it has changed. It runs at commit, for the
-- first change of a scope, and then does all of them at once: always in the order of their ids,
-- so that no two transactions wait for each other. No statement_timeout holds here.
create or replace function stamp_ticks() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
set lock_timeout = '5s'
as $$
declare
  told text := current_setting('dailies.feed');
  stamped uuid[] := nullif(current_setting('dailies.stamped', true), '');
begin
  if new.scope = any (stamped) then
    return null;
  end if;
  perform set_config('dailies.stamped', split_part(told, ' ', 3), true);
  -- A tick that readers have seen must not be lost in a crash.
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;

  with advanced as (
    insert into clocks (scope, tick)
    select s.scope, 1
    from unnest(split_part(told, ' ', 3)::uuid[]) s (scope)
    where s.scope <> all (coalesce(stamped, '{}'))
    order by s.scope
    on conflict (scope) do update set tick = clocks.tick + 1
    returning scope, tick
  )
  insert into ticks (slot, scope, tick, tx, at, reason, scopes, origin)
  select
    new.slot, a.scope, a.tick, new.tx, clock_timestamp(),
    coalesce(nullif(current_setting('dailies.reason', true), ''), 'external'),
    coalesce(string_to_array(nullif(current_setting('dailies.scopes', true), ''), ','), '{}'),
    nullif(current_setting('dailies.origin', true), '')
  from advanced a;
  return null;
end;
$$;

-- Who makes constraints immediate takes the clocks early and holds them: name those that are meant.
drop trigger if exists changes_advance_clocks on changes;
create constraint trigger changes_advance_clocks
after insert on changes
deferrable initially deferred
for each row when (new.lead)
execute function stamp_ticks();
alter table changes enable always trigger changes_advance_clocks;

-- Where the clocks of scopes stand that the viewer sees, in the snapshot of whoever asks.
create or replace function visible_clocks(scopes uuid[])
returns table (scope text, epoch text, tick bigint)
language sql stable
security definer set search_path = public, pg_temp
as $$
  select s.scope::text, f.epoch::text, coalesce(c.tick, 0)
  from unnest(scopes) s (scope)
    cross join feed f
    left join clocks c on c.scope = s.scope
  where s.scope = viewer_id() or s.scope in (table visible_projects)
$$;

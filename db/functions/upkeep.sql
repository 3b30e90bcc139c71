-- Upkeep: what becomes of uploaded files between requests, and in the end.

drop function if exists next_arrived_asset(uuid[]);

-- How long a file waits for its next turn, after so many turns and one: from ten seconds on, six
-- times as long after each that was in vain.
create or replace function turn_delay(turns integer) returns interval
language sql immutable parallel safe
return case when turns > 1 then interval '10 seconds' * 6 ^ (least(turns, 6) - 2)
  else interval '0' end;

-- The file that has waited longest for its thumbnail. It is this connection's until that lets go of
-- it or ends, and no transaction is needed for as long.
create or replace function claim_arrived_asset(passed_over uuid[])
returns table (id text, key text, sha256 text, attempts integer)
language plpgsql
as $$
#variable_conflict use_column
declare
  waiting uuid;
begin
  for waiting in
    select a.id
    from assets a
    where a.status = 'uploaded'
      and a.updated_at <= now() - turn_delay(a.attempts)
      and a.id <> all (passed_over)
    order by a.updated_at, a.id
  loop
    if pg_try_advisory_lock(hashtextextended('asset ' || waiting, 0)) then
      -- Looked at again: whoever had it may just have come to an end.
      return query
      select a.id::text, a.key, a.sha256, a.attempts
      from assets a
      where a.id = waiting
        and a.status = 'uploaded'
        and a.updated_at <= now() - turn_delay(a.attempts);
      if found then
        return;
      end if;
      perform pg_advisory_unlock(hashtextextended('asset ' || waiting, 0));
    end if;
  end loop;
end;
$$;

-- Keeps what was found out about a file, unless something became of it meanwhile. Whoever makes
-- something of it at this moment is waited for: what they make would never hear of it.
create or replace function finish_asset(
  asset uuid, thumbnail text, wide integer, high integer, duration integer, blur text
) returns void
language plpgsql
as $$
begin
  perform from assets a where a.id = asset for update;
  update assets a
  set
    status = 'ready', thumbnail_url = thumbnail, width = wide, height = high,
    duration_ms = duration, blurhash = blur
  where a.id = asset and a.status = 'uploaded';
end;
$$;

-- Uploads that did not come in time are awaited no longer; answers how many.
create or replace function expire_uploads(most integer) returns integer
language plpgsql
as $$
declare
  expired integer;
begin
  update assets a
  set status = 'expired'
  where a.id in (
    select late.id
    from assets late
    where late.status in ('pending', 'uploading') and late.upload_expires_at < now()
    order by late.upload_expires_at
    limit most
    for update skip locked
  );
  get diagnostics expired = row_count;
  return expired;
end;
$$;

drop function if exists delete_unused_assets(interval, integer);

-- Of so many assets after a place, in the order in which they last got further, those that nobody
-- has made anything of for so long are deleted; answers how many, and the place that was come to,
-- which is null at the end. What is in use is looked at as well: all of it would be too much at once.
create or replace function delete_unused_assets(
  kept_for interval, most integer,
  after_at timestamptz, after_id uuid,
  out deleted integer, out next_at timestamptz, out next_id uuid
)
language plpgsql
as $$
declare
  looked_at uuid[] := array(
    select a.id
    from assets a
    where a.bucket = 'media'
      and a.status not in ('pending', 'uploading')
      and a.updated_at < now() - kept_for
      and (a.updated_at, a.id) > (after_at, after_id)
    order by a.updated_at, a.id
    limit most
  );
  unused uuid[] := array(
    select a.id
    from assets a
    where a.id = any (looked_at)
      and not exists (select from generation_variants v where v.location = 'media/' || a.key)
  );
begin
  select a.updated_at, a.id into next_at, next_id
  from assets a
  where a.id = looked_at[most];

  perform from assets a where a.id = any (unused) order by a.id for update;
  -- Looked at again: something may have been made of them before they were locked.
  delete from assets a
  where a.id = any (unused)
    and not exists (select from generation_variants v where v.location = 'media/' || a.key);
  get diagnostics deleted = row_count;
end;
$$;

-- Files that have been left over for so long, to be removed before the transaction ends. What
-- something still shows is left over for as long again.
create or replace function take_leftover_files(since interval, most integer) returns setof text
language sql
as $$
  with due as (
    select l.key
    from leftover_files l
    where l.at < now() - since
    order by l.at
    limit most
    for update skip locked
  ),
  shown as (
    update leftover_files l
    set at = now()
    from due
    where l.key = due.key
      and exists (select from generation_variants v where v.location = 'media/' || l.key)
    returning l.key
  )
  delete from leftover_files l
  using due
  where l.key = due.key and l.key not in (select s.key from shown s)
  returning l.key
$$;

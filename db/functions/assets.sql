-- Assets: files on their way in, and who still needs them.

-- Assets as the viewer who means to use them sees them; the writable ones are there until the
-- transaction ends. Their thumbnails may be made meanwhile: whoever deletes them waits. Those that
-- are awaited are one transaction's alone, and the next finds out what it has decided.
create or replace function hold_assets(ids uuid[])
returns table (
  id text, writable boolean, version integer, project_id text, bucket text, status text,
  error text, key text, content_type text, size bigint, attempts integer, thumbnail_url text,
  width integer, height integer, duration_ms integer, blurhash text
)
language plpgsql
as $$
declare
  writables uuid[];
begin
  writables := array(
    select hold_writable(array(select a.project_id from assets a where a.id = any (ids)))
  );
  perform
  from assets a
  where a.id = any (ids) and a.status in ('pending', 'uploading')
  order by a.id
  for no key update;
  perform from assets a where a.id = any (ids) order by a.id for key share;
  return query
  select
    a.id::text, a.project_id = any (writables), a.version, a.project_id::text,
    a.bucket, a.status, a.error, a.key, a.content_type, a.size, a.attempts, a.thumbnail_url,
    a.width, a.height, a.duration_ms, a.blurhash
  from assets a
  where a.id = any (ids);
end;
$$;

-- Variants that show the file tell of it what was found out. This is no change that people made.
create or replace function show_ready_asset() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  update generation_variants v
  set
    thumbnail_url = coalesce(v.thumbnail_url, new.thumbnail_url),
    width = new.width,
    height = new.height,
    duration_ms = new.duration_ms,
    byte_size = new.size,
    blurhash = new.blurhash
  where v.location = 'media/' || new.key;
  return null;
end;
$$;

drop trigger if exists trg_show_ready_asset on assets;
create trigger trg_show_ready_asset
  after update on assets
  for each row
  when (new.status = 'ready' and old.status <> 'ready')
  execute function show_ready_asset();

-- A key for a copy of what was sent to an asset, to which nobody can send anything. It is left over
-- from the beginning, until the asset takes it: whoever dies in between leaves nothing for ever.
create or replace function new_asset_key(asset uuid) returns text
language sql security definer
set search_path = public, pg_temp
as $$
  insert into leftover_files (key)
  select regexp_replace(a.key, '\.', '.' || gen_random_uuid() || '.')
  from assets a
  where a.id = asset and a.project_id in (table writable_projects)
  returning key
$$;

grant execute on function new_asset_key(uuid) to authenticated;

-- The files of assets that are gone, by whatever way, that nobody waits for, or that were sent and
-- then copied, are left over.
create or replace function leave_file() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  delete from leftover_files l where l.key = new.key;
  insert into leftover_files (key) values (old.key) on conflict (key) do update set at = now();
  return null;
end;
$$;

drop trigger if exists trg_leave_file_on_delete on assets;
create trigger trg_leave_file_on_delete
  after delete on assets
  for each row
  execute function leave_file();

drop trigger if exists trg_leave_file_on_expiry on assets;
create trigger trg_leave_file_on_expiry
  after update on assets
  for each row
  when (new.key <> old.key or (new.status = 'expired' and old.status <> 'expired'))
  execute function leave_file();

-- What a generation shows of its primary variant, copied both ways.
-- Only columns that were written are copied, from the rows as they stand: both sides may be
-- written in one statement. Rows that agree are left alone, so a copy is answered by none.

-- The columns that a generation shows of its primary variant.
create or replace function mirrored_columns() returns text[]
language sql immutable parallel safe
return array[
  'location', 'thumbnail_url', 'name', 'params',
  'width', 'height', 'duration_ms', 'byte_size', 'blurhash'
];

-- A generation shows what its primary variant holds, in the columns that were written.
create or replace function mirror_primary_variants(generation_ids uuid[], written text[])
returns void
language plpgsql
as $$
begin
  update generations g
  set
    primary_variant_id = v.id,
    location = case when 'location' = any (written) then v.location else g.location end,
    thumbnail_url =
      case when 'thumbnail_url' = any (written) then v.thumbnail_url else g.thumbnail_url end,
    name = case when 'name' = any (written) then v.name else g.name end,
    params = case when 'params' = any (written) then v.params else g.params end,
    width = case when 'width' = any (written) then v.width else g.width end,
    height = case when 'height' = any (written) then v.height else g.height end,
    duration_ms = case when 'duration_ms' = any (written) then v.duration_ms else g.duration_ms end,
    byte_size = case when 'byte_size' = any (written) then v.byte_size else g.byte_size end,
    blurhash = case when 'blurhash' = any (written) then v.blurhash else g.blurhash end
  from generation_variants v
  where v.generation_id = any (generation_ids)
    and v.is_primary
    and g.id = v.generation_id
    and (
      g.primary_variant_id, g.location, g.thumbnail_url, g.name, g.params,
      g.width, g.height, g.duration_ms, g.byte_size, g.blurhash
    ) is distinct from (
      v.id, v.location, v.thumbnail_url, v.name, v.params,
      v.width, v.height, v.duration_ms, v.byte_size, v.blurhash
    );
end;
$$;

-- The way back: what was written on generations is written on their primary variants.
create or replace function mirror_on_primary_variants(generation_ids uuid[], written text[])
returns void
language plpgsql
as $$
begin
  update generation_variants v
  set
    location = case when 'location' = any (written) then g.location else v.location end,
    thumbnail_url =
      case when 'thumbnail_url' = any (written) then g.thumbnail_url else v.thumbnail_url end,
    name = case when 'name' = any (written) then g.name else v.name end,
    params = case when 'params' = any (written) then g.params else v.params end,
    width = case when 'width' = any (written) then g.width else v.width end,
    height = case when 'height' = any (written) then g.height else v.height end,
    duration_ms = case when 'duration_ms' = any (written) then g.duration_ms else v.duration_ms end,
    byte_size = case when 'byte_size' = any (written) then g.byte_size else v.byte_size end,
    blurhash = case when 'blurhash' = any (written) then g.blurhash else v.blurhash end
  from generations g
  where g.id = any (generation_ids)
    and v.generation_id = g.id
    and v.is_primary
    and (
      v.location, v.thumbnail_url, v.name, v.params,
      v.width, v.height, v.duration_ms, v.byte_size, v.blurhash
    ) is distinct from (
      g.location, g.thumbnail_url, g.name, g.params,
      g.width, g.height, g.duration_ms, g.byte_size, g.blurhash
    );
end;
$$;

create or replace function sync_generation_from_variant_on_insert() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  shown uuid[];
begin
  select array_agg(distinct n.generation_id) into shown from new_rows n where n.is_primary;
  if shown is not null then
    perform mirror_primary_variants(shown, mirrored_columns());
  end if;
  return null;
end;
$$;

create or replace function sync_generation_from_variant() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  shown uuid[];
  written text[];
begin
  select array_agg(distinct n.generation_id), array_agg(distinct c.name)
  into shown, written
  from old_rows o
    full join new_rows n on n.id = o.id
    cross join lateral (
      values
        ('is_primary', o.is_primary is distinct from n.is_primary),
        ('location', o.location is distinct from n.location),
        ('thumbnail_url', o.thumbnail_url is distinct from n.thumbnail_url),
        ('name', o.name is distinct from n.name),
        ('params', o.params is distinct from n.params),
        ('width', o.width is distinct from n.width),
        ('height', o.height is distinct from n.height),
        ('duration_ms', o.duration_ms is distinct from n.duration_ms),
        ('byte_size', o.byte_size is distinct from n.byte_size),
        ('blurhash', o.blurhash is distinct from n.blurhash)
    ) as c (name, differs)
  where c.differs and coalesce(n.is_primary, false);

  if shown is null then
    return null;
  end if;
  perform lock_generations(shown);
  perform mirror_primary_variants(
    shown, case when 'is_primary' = any (written) then mirrored_columns() else written end
  );
  return null;
end;
$$;

drop trigger if exists trg_sync_generation_from_variant_on_insert on generation_variants;
create trigger trg_sync_generation_from_variant_on_insert
  after insert on generation_variants
  referencing new table as new_rows
  for each statement
  execute function sync_generation_from_variant_on_insert();

drop trigger if exists trg_sync_generation_from_variant on generation_variants;
create trigger trg_sync_generation_from_variant
  after update on generation_variants
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function sync_generation_from_variant();

-- A generation with variants keeps a location: it goes with the last of them.
create or replace function refuse_missing_location(generation_ids uuid[]) returns void
language plpgsql
as $$
declare
  refused uuid;
begin
  select g.id
  into refused
  from generations g
  where g.id = any (generation_ids)
    and g.location is null
    and exists (select from generation_variants v where v.generation_id = g.id)
  limit 1;

  if found then
    raise exception 'generation % has variants, so its location cannot be removed', refused
      using errcode = 'check_violation',
        hint = 'Delete its variants: the location goes with the last one.',
        table = 'generations',
        constraint = 'generations_location_of_variants';
  end if;
end;
$$;

-- What is written on a generation is written on its primary variant, nulls too.
create or replace function sync_variant_from_generation() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  changed uuid[];
  written text[];
begin
  select array_agg(distinct n.id), array_agg(distinct c.name)
  into changed, written
  from old_rows o
    full join new_rows n on n.id = o.id
    cross join lateral (
      values
        ('location', o.location is distinct from n.location),
        ('thumbnail_url', o.thumbnail_url is distinct from n.thumbnail_url),
        ('name', o.name is distinct from n.name),
        ('params', o.params is distinct from n.params),
        ('width', o.width is distinct from n.width),
        ('height', o.height is distinct from n.height),
        ('duration_ms', o.duration_ms is distinct from n.duration_ms),
        ('byte_size', o.byte_size is distinct from n.byte_size),
        ('blurhash', o.blurhash is distinct from n.blurhash)
    ) as c (name, differs)
  where c.differs
    -- Most updates write none of these, whole shots at a time: that is told by one comparison.
    and (
      o.location, o.thumbnail_url, o.name, o.params,
      o.width, o.height, o.duration_ms, o.byte_size, o.blurhash
    ) is distinct from (
      n.location, n.thumbnail_url, n.name, n.params,
      n.width, n.height, n.duration_ms, n.byte_size, n.blurhash
    );

  if changed is null then
    return null;
  end if;
  if 'location' = any (written) then
    perform refuse_missing_location(changed);
  end if;
  perform mirror_on_primary_variants(changed, written);
  if 'location' = any (written) then
    perform create_original_variants(changed);
  end if;
  return null;
end;
$$;

drop trigger if exists trg_sync_variant_from_generation on generations;
create trigger trg_sync_variant_from_generation
  after update on generations
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function sync_variant_from_generation();

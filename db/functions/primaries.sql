-- Variants: one of them is primary, and what it holds is what its generation shows.
-- Every trigger here takes the lock of its generations first, in the order of their ids, so that
-- writers of one generation take turns and each sees what the one before it left.
-- Pairs of arrays and lateral lookups stay linear whatever plan the session has kept.

-- Writers of these generations take turns from here on; answers which of them exist.
create or replace function lock_generations(generation_ids uuid[]) returns uuid[]
language plpgsql
as $$
declare
  locked uuid[];
begin
  select array_agg(l.id)
  into locked
  from (
    select g.id
    from generations g
    where g.id = any (generation_ids)
    order by g.id
    for no key update
  ) as l;
  return locked;
end;
$$;

-- Each generation's winner stays primary, alone.
create or replace function demote_other_variants(generation_ids uuid[], winners uuid[])
returns void
language plpgsql
as $$
begin
  update generation_variants v
  set is_primary = false
  from unnest(generation_ids, winners) as w (generation_id, winner)
  where v.generation_id = w.generation_id and v.is_primary and v.id <> w.winner;
end;
$$;

-- Generations without a primary variant get their newest one, passing over a single variant each.
create or replace function promote_newest_variants(generation_ids uuid[], passed_over uuid[])
returns void
language plpgsql
as $$
declare
  newest uuid[];
begin
  select array_agg(c.id)
  into newest
  from unnest(generation_ids, passed_over) as w (generation_id, passed_over)
    cross join lateral (
      -- A candidate that somebody else is deleting is waited for, then the next one is taken.
      select v.id
      from generation_variants v
      where v.generation_id = w.generation_id
        and v.id is distinct from w.passed_over
        and not exists (
          select
          from generation_variants p
          where p.generation_id = w.generation_id and p.is_primary
        )
      order by v.created_at desc, v.id desc
      limit 1
      for no key update
    ) as c;

  update generation_variants v
  set is_primary = true
  where v.id = any (newest);
end;
$$;

-- A generation with variants has a primary one.
create or replace function refuse_missing_primary(generation_ids uuid[]) returns void
language plpgsql
as $$
declare
  refused uuid;
begin
  select v.id
  into refused
  from generation_variants v
  where v.generation_id = any (generation_ids)
    and not exists (
      select
      from generation_variants p
      where p.generation_id = v.generation_id and p.is_primary
    )
  limit 1;

  if found then
    raise exception 'variant % is the only one of its generation, so it stays primary', refused
      using errcode = 'check_violation',
        hint = 'Make another variant primary, or delete this one.',
        table = 'generation_variants',
        constraint = 'generation_variants_primary_required';
  end if;
end;
$$;

-- The last primary variant that an INSERT brings wins; a first variant is primary by itself.
create or replace function handle_variant_primary_switch_on_insert() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  touched uuid[];
  contested uuid[];
  winners uuid[];
begin
  select array_agg(distinct n.generation_id) into touched from new_rows n;
  if touched is null then
    return null;
  end if;

  select array_agg(w.generation_id), array_agg(w.id)
  into contested, winners
  from (
    select distinct on (n.generation_id) n.generation_id, n.id
    from (select generation_id, id, is_primary, row_number() over () as place from new_rows) as n
    where n.is_primary
    order by n.generation_id, n.place desc
  ) as w;

  perform lock_generations(touched);
  perform demote_other_variants(contested, winners);
  perform promote_newest_variants(touched, null);
  return null;
end;
$$;

-- Whoever becomes primary demotes the others; whoever stops being it makes way for the newest.
create or replace function handle_variant_primary_switch() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  contested uuid[];
  winners uuid[];
  abandoned uuid[];
  passed_over uuid[];
begin
  select array_agg(w.generation_id), array_agg(w.id)
  into contested, winners
  from (
    select distinct on (r.generation_id) r.generation_id, r.id
    from (
      select n.generation_id, n.id, n.created_at from new_rows n where n.is_primary
      except
      select o.generation_id, o.id, o.created_at from old_rows o where o.is_primary
    ) as r
    order by r.generation_id, r.created_at desc, r.id desc
  ) as w;

  select array_agg(f.generation_id), array_agg(f.id)
  into abandoned, passed_over
  from (
    select o.generation_id, o.id from old_rows o where o.is_primary
    except
    select n.generation_id, n.id from new_rows n where n.is_primary
  ) as f;

  if contested is null and abandoned is null then
    return null;
  end if;
  perform lock_generations(contested || abandoned);
  perform demote_other_variants(contested, winners);
  perform promote_newest_variants(abandoned, passed_over);
  perform refuse_missing_primary(abandoned);
  return null;
end;
$$;

-- Generations whose last variant is gone show nothing.
create or replace function empty_generations(generation_ids uuid[]) returns void
language plpgsql
as $$
begin
  update generations g
  set (
    primary_variant_id, location, thumbnail_url, name, params,
    width, height, duration_ms, byte_size, blurhash
  ) = row(null, null, null, null, null, null, null, null, null, null)
  where g.id = any (generation_ids)
    and not exists (select from generation_variants v where v.generation_id = g.id);
end;
$$;

-- Generations whose primary variant goes get their newest one, or nothing when that was the last.
create or replace function handle_variant_deletion() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  bereft uuid[];
begin
  select lock_generations(array_agg(distinct o.generation_id))
  into bereft
  from old_rows o
  where o.is_primary;

  if bereft is null then
    return null;
  end if;
  perform promote_newest_variants(bereft, null);
  perform empty_generations(bereft);
  return null;
end;
$$;

drop trigger if exists trg_handle_variant_primary_switch_on_insert on generation_variants;
create trigger trg_handle_variant_primary_switch_on_insert
  after insert on generation_variants
  referencing new table as new_rows
  for each statement
  execute function handle_variant_primary_switch_on_insert();

drop trigger if exists trg_handle_variant_primary_switch on generation_variants;
create trigger trg_handle_variant_primary_switch
  after update on generation_variants
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function handle_variant_primary_switch();

drop trigger if exists trg_handle_variant_deletion on generation_variants;
create trigger trg_handle_variant_deletion
  after delete on generation_variants
  referencing old table as old_rows
  for each statement
  execute function handle_variant_deletion();

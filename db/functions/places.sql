-- Places: which frame and which rank each placed entry of a shot has. The frame is the truth and
-- unique in the shot; the position is its rank, dense from 0; both are null or neither.

-- The entries of a line in a new order: those that ask for a rank get it, locked ones keep theirs,
-- and the others keep their order. Two that ask for one rank sit side by side.
create or replace function reseated(entries uuid[], locks uuid[], asked uuid[], ranks integer[])
returns uuid[]
language plpgsql stable
as $$
declare
  seats uuid[] := locks;
  count integer := cardinality(entries);
  mover record;
  entry uuid;
begin
  for mover in
    select a.entry, greatest(0, least(a.rank, count - 1)) + 1 as seat
    from unnest(asked, ranks) a (entry, rank)
    where a.entry = any (entries)
    order by a.rank, array_position(entries, a.entry)
  loop
    continue when seats[mover.seat] = mover.entry;
    perform refuse_locked(mover.entry) where mover.entry = any (locks);
    perform refuse_locked(locks[mover.seat]);
    mover.seat := (
      select s
      from generate_series(1, count) s
      where seats[s] is null
      order by abs(s - mover.seat), s
      limit 1
    );
    seats[mover.seat] := mover.entry;
  end loop;
  foreach entry in array entries loop
    continue when entry = any (seats);
    seats[array_position(seats, null)] := entry;
  end loop;
  return seats;
end;
$$;

-- Lifts entries off the line of a shot, then gives those that ask for a rank that rank: on the
-- line by changing places on the same frames, from outside with a frame between the neighbours.
create or replace function settle_places(
  shot uuid, lifted uuid[], asked uuid[], ranks integer[]
) returns void
language plpgsql
as $$
declare
  entries uuid[];
  frames integer[];
  locks uuid[];
  outside uuid[];
  newcomer record;
begin
  select * into entries, frames, locks from line_of(shot, lifted);
  entries := reseated(entries, locks, asked, ranks);
  for newcomer in
    select e.id, greatest(0, a.rank) as rank
    from unnest(asked, ranks) a (entry, rank)
      join shot_generations e on e.id = a.entry
    where e.shot_id = shot
      and e.id <> all (entries)
    order by a.rank, e.id
  loop
    newcomer.rank := least(newcomer.rank, cardinality(entries));
    frames := make_room(frames, locks, newcomer.rank);
    entries := array_append(entries[1:newcomer.rank], newcomer.id) || entries[newcomer.rank + 1:];
    locks := array_append(locks[1:newcomer.rank], null) || locks[newcomer.rank + 1:];
  end loop;
  outside := array(select l from unnest(lifted) l where l <> all (entries));
  perform write_frames(
    shot, entries || outside, frames || array_fill(null::integer, array[cardinality(outside)])
  );
end;
$$;

-- Whether every placed entry of these shots has its rank as its position, and no other has one.
create or replace function places_hold(shots uuid[]) returns boolean
language plpgsql stable
as $$
begin
  return not exists (
    select
    from (
      select
        e.position,
        case
          when e.timeline_frame is not null
          then row_number() over (
            partition by e.shot_id order by e.timeline_frame, e.id
          ) - 1
        end as rank
      from shot_generations e
      where e.shot_id = any (shots)
    ) place
    where place.position is distinct from place.rank
  );
end;
$$;

-- After any statement: ranks are dense again, and who was given only a position has a frame.
create or replace function keep_places() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  touched uuid[];
  lifted uuid[] := '{}';
  asked uuid[] := '{}';
  ranks integer[] := '{}';
begin
  if tg_op = 'INSERT' then
    select
      array_agg(distinct n.shot_id),
      coalesce(array_agg(n.id) filter (where n.timeline_frame is null), '{}'),
      coalesce(array_agg(n.position) filter (where n.timeline_frame is null), '{}')
    into touched, asked, ranks
    from new_rows n
    where num_nonnulls(n.position, n.timeline_frame) > 0;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct o.shot_id) into touched from old_rows o where o.position is not null;
  else
    -- A frame that was written counts; then a position that was written; a null of either lifts.
    select
      array_agg(distinct s.shot_id),
      coalesce(array_agg(distinct n.id) filter (where by_rank and n.position is null), '{}'),
      coalesce(array_agg(n.id order by n.id) filter (where moved), '{}'),
      coalesce(array_agg(n.position order by n.id) filter (where moved), '{}')
    into touched, lifted, asked, ranks
    from old_rows o
      full join new_rows n on n.id = o.id
      cross join lateral (values (o.shot_id, false), (n.shot_id, true)) s (shot_id, arrives)
      cross join lateral (
        select
          n.position is distinct from o.position
            and (n.timeline_frame is null or n.timeline_frame = o.timeline_frame)
      ) r (by_rank)
      cross join lateral (
        select r.by_rank and n.position is not null and s.arrives
      ) m (moved)
    where (o.shot_id, o.position, o.timeline_frame)
      is distinct from (n.shot_id, n.position, n.timeline_frame);
  end if;
  if touched is not null then
    perform restore_places(touched, lifted, asked, ranks);
  end if;
  return null;
end;
$$;

-- Takes the shots in order, and settles each of them if anything is out of place.
create or replace function restore_places(
  touched uuid[], lifted uuid[], asked uuid[], ranks integer[]
) returns void
language plpgsql
as $$
declare
  shot uuid;
begin
  perform from shots s where s.id = any (touched) order by s.id for no key update;
  if places_hold(touched) then
    return;
  end if;
  foreach shot in array touched loop
    perform settle_places(shot, lifted, asked, ranks);
  end loop;
end;
$$;

drop trigger if exists keep_places_after_insert on shot_generations;
create trigger keep_places_after_insert
  after insert on shot_generations
  referencing new table as new_rows
  for each statement
  execute function keep_places();

drop trigger if exists keep_places_after_update on shot_generations;
create trigger keep_places_after_update
  after update on shot_generations
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function keep_places();

drop trigger if exists keep_places_after_delete on shot_generations;
create trigger keep_places_after_delete
  after delete on shot_generations
  referencing old table as old_rows
  for each statement
  execute function keep_places();

-- Timelines: how entries are moved about. Moves by rank keep the set of frames, and locked entries
-- (metadata.locked = true) keep theirs; a frame that is asked for by name is always given.

-- Moves an entry to a frame, or to the nearest free one.
create or replace function move_entry_to_frame(entry uuid, frame integer)
returns setof shot_generations
language plpgsql
as $$
declare
  shot uuid := lock_shot_of_entry(entry);
  was shot_generations[] := entries_of(shot);
begin
  perform write_frames(shot, array[entry], array[nearest_free_frame(shot, frame, entry)]);
  return query select * from changed_entries(shot, was);
end;
$$;

-- Moves an entry to a rank. On the timeline it changes places with those between, locked ones
-- stepped over; from outside it gets a frame between its new neighbours.
create or replace function move_entry_to_position(entry uuid, at_position integer)
returns setof shot_generations
language plpgsql
as $$
declare
  shot uuid := lock_shot_of_entry(entry);
  was shot_generations[] := entries_of(shot);
begin
  perform settle_places(shot, '{}', array[entry], array[at_position]);
  return query select * from changed_entries(shot, was);
end;
$$;

-- Moves an entry halfway between two neighbours; without one of them, to that end of the other.
create or replace function move_entry_to_midpoint(entry uuid, after uuid, before uuid)
returns setof shot_generations
language plpgsql
as $$
declare
  shot uuid := lock_shot_of_entry(entry);
  was shot_generations[] := entries_of(shot);
  line uuid[] := (select l.entries from line_of(shot, array[entry]) l);
  rank integer := coalesce(array_position(line, after), array_position(line, before) - 1);
begin
  perform refuse_locked(e.id)
  from shot_generations e
  where e.id = entry and e.metadata @> '{"locked": true}';
  if rank is null
    or after is not null and array_position(line, after) is null
    or before is not null and coalesce(array_position(line, before), 0) <= rank
  then
    raise exception 'shot entries % and % are not neighbours in this order', after, before
      using
        errcode = '22023',
        constraint = 'shot_entries_neighbours',
        column = case
          when after is not null and array_position(line, after) is null then 'after'
          else 'before'
        end;
  end if;
  perform settle_places(shot, array[entry], array[entry], array[rank]);
  return query select * from changed_entries(shot, was);
end;
$$;

-- Refuses a list that names an entry twice, one that is not in the shot, or one that is not placed
-- where all must be; `place` is how the argument names one of the list.
create or replace function refuse_strangers(
  shot uuid, entries uuid[], placed boolean default false, place text default 'ids[%s]'
) returns void
language plpgsql
as $$
declare
  wrong record;
begin
  select l.id, l.again, e.id is null as gone, format(place, l.turn - 1) as argument
  into wrong
  from (
    select l.id, l.turn, row_number() over (partition by l.id order by l.turn) > 1 as again
    from unnest(entries) with ordinality l (id, turn)
  ) l
    left join shot_generations e on e.id = l.id and e.shot_id = shot
  where l.again or e.id is null or placed and e.timeline_frame is null
  order by l.turn
  limit 1;
  if not found then
    return;
  end if;
  if wrong.gone then
    raise exception 'shot entry % is not known in shot %', wrong.id, shot
      using errcode = 'P0002', constraint = 'shot_entries_known', column = wrong.argument;
  end if;
  raise exception 'shot entry % is named twice, or is not on the timeline', wrong.id
    using
      errcode = '22023',
      constraint = case when wrong.again then 'shot_entries_once' else 'shot_entries_placed' end,
      column = wrong.argument;
end;
$$;

-- Takes entries off the timeline; they stay in the shot, and the rest closes up.
create or replace function unposition_entries(shot uuid, entries uuid[])
returns setof shot_generations
language plpgsql
as $$
declare
  was shot_generations[];
begin
  perform lock_shot(shot);
  perform refuse_strangers(shot, entries);
  was := entries_of(shot);
  perform write_frames(shot, entries, array_fill(null::integer, array[cardinality(entries)]));
  return query select * from changed_entries(shot, was);
end;
$$;

-- Puts placed entries in this order on the frames that they have now; those not named stay.
create or replace function reorder_entries(shot uuid, entries uuid[])
returns setof shot_generations
language plpgsql
as $$
declare
  was shot_generations[];
  frames integer[];
begin
  perform lock_shot(shot);
  perform refuse_strangers(shot, entries, true);
  was := entries_of(shot);
  frames := array(
    select e.timeline_frame
    from shot_generations e
    where e.id = any (entries)
    order by e.timeline_frame, e.id
  );
  perform refuse_locked(e.id)
  from unnest(entries, frames) given (id, frame)
    join shot_generations e on e.id = given.id
  where e.timeline_frame <> given.frame
    and e.metadata @> '{"locked": true}';
  perform write_frames(shot, entries, frames);
  return query select * from changed_entries(shot, was);
end;
$$;

-- Two placed entries of a shot change places.
create or replace function swap_entries(entry uuid, other uuid) returns setof shot_generations
language plpgsql
as $$
declare
  shot uuid := lock_shot_of_entry(entry);
begin
  return query
    select *
    from reorder_entries(
      shot,
      array(
        select pair.id
        from unnest(array[entry, other]) pair (id)
          left join shot_generations e on e.id = pair.id
        order by e.timeline_frame desc
      )
    );
end;
$$;

-- Gives entries these frames, null to unposition: all of them or, if one is taken, none.
create or replace function set_entry_frames(shot uuid, entries uuid[], frames integer[])
returns setof shot_generations
language plpgsql
as $$
declare
  was shot_generations[];
  taken record;
begin
  perform lock_shot(shot);
  perform refuse_strangers(shot, entries, false, 'frames[%s].id');
  if cardinality(entries) <> cardinality(frames) then
    raise exception 'there are % entries and % frames', cardinality(entries), cardinality(frames)
      using errcode = '22023', constraint = 'shot_entries_frames';
  end if;
  was := entries_of(shot);
  perform write_frames(shot, entries, frames);
  select e.timeline_frame as frame, format('frames[%s].frame', given.turn - 1) as argument
  into taken
  from unnest(entries) with ordinality given (id, turn)
    join shot_generations e on e.id = given.id
    join shot_generations o on o.shot_id = shot and o.timeline_frame = e.timeline_frame
  where o.id <> e.id
  order by given.turn desc
  limit 1;
  if found then
    raise exception 'frame % is taken', taken.frame
      using errcode = '22023', constraint = 'shot_entries_frames', column = taken.argument;
  end if;
  return query select * from changed_entries(shot, was);
end;
$$;

-- Gives the placed entries of a shot even gaps, the first at frame 0; those that wait stay.
create or replace function initialise_frames(
  shot uuid,
  gap integer default 81,
  smooth boolean default false,
  context_frames integer default 0,
  quantised boolean default false
) returns setof shot_generations
language plpgsql
as $$
begin
  return query select * from space_entries(shot, gap, smooth, context_frames, quantised);
end;
$$;

-- Brings the gaps of a shot within what a video model can fill, the first entry to frame 0.
create or replace function fix_timeline_spacing(
  shot uuid,
  smooth boolean default false,
  context_frames integer default 0,
  quantised boolean default false
) returns setof shot_generations
language plpgsql
as $$
begin
  return query select * from space_entries(shot, null, smooth, context_frames, quantised);
end;
$$;

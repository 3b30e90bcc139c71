-- Frames: what the numbers on a shot's timeline are and become; who gets which is in places.sql
-- and timelines.sql.

-- The frames of a shot in order.
create or replace function frames_of(shot uuid, except_for uuid default null) returns integer[]
language plpgsql stable
as $$
begin
  return array(
    select e.timeline_frame
    from shot_generations e
    where e.shot_id = shot
      and e.timeline_frame is not null
      and e.id is distinct from except_for
    order by e.timeline_frame, e.id
  );
end;
$$;

-- The frame behind the last one: the first is 0, and gaps go on as they are, within 10 to 81.
create or replace function append_frame(frames integer[]) returns integer
language plpgsql immutable
as $$
declare
  count integer := cardinality(frames);
begin
  if count = 0 then
    return 0;
  end if;
  if count = 1 then
    return frames[1] + 81;
  end if;
  return frames[count]
    + least(81, greatest(10, round((frames[count] - frames[1])::numeric / (count - 1))))::integer;
end;
$$;

-- A frame of a shot if nobody else is there, or the nearest free one: +1, -1, +2 …
create or replace function nearest_free_frame(shot uuid, frame integer, mover uuid default null)
returns integer
language plpgsql stable
as $$
declare
  taken integer[] := frames_of(shot, mover);
begin
  if frame < 0 then
    raise exception 'frame % is before the start of the timeline', frame
      using errcode = 'check_violation', constraint = 'shot_generations_frame_not_negative';
  end if;
  return (
    select c.frame
    from generate_series(0, 2 * cardinality(taken) + 1) step
      cross join lateral (
        select frame + case when step % 2 = 1 then (step + 1) / 2 else -step / 2 end::bigint
      ) c (frame)
    where c.frame between 0 and 2147483647
      and c.frame <> all (taken)
    order by step
    limit 1
  );
end;
$$;

-- Refuses what would take a locked entry from its frame.
create or replace function refuse_locked(entry uuid) returns void
language plpgsql
as $$
begin
  if entry is not null then
    raise exception 'shot entry % is locked', entry
      using errcode = 'DL001', constraint = 'shot_entries_locked', detail = entry::text;
  end if;
end;
$$;

-- Gives entries the frames asked for, none to be unpositioned, and everybody their rank, in one
-- statement that writes only the rows that change.
create or replace function write_frames(shot uuid, entries uuid[], frames integer[]) returns void
language plpgsql
as $$
begin
  update shot_generations e
  set timeline_frame = line.frame, position = line.rank
  from (
    select
      place.id,
      place.frame,
      case
        when place.frame is not null then row_number() over (order by place.frame, place.id) - 1
      end as rank
    from (
      select o.id, case when given.id is null then o.timeline_frame else given.frame end as frame
      from shot_generations o
        left join unnest(entries, frames) given (id, frame) on given.id = o.id
      where o.shot_id = shot
    ) place
  ) line
  where e.id = line.id
    and (e.timeline_frame, e.position) is distinct from (line.frame, line.rank);
end;
$$;

-- The frames of a line with one more at a rank: halfway between its new neighbours, at the end by
-- append. Where they leave no frame free, the shorter of the two unbroken runs beside the place
-- moves away by one frame, the later run when they are equal; a run with a locked entry stays.
create or replace function make_room(frames integer[], locks uuid[], rank integer)
returns integer[]
language plpgsql stable
as $$
declare
  count integer := cardinality(frames);
  before integer := case when rank > 0 then frames[rank] else -1 end;
  first integer := rank;
  last integer := rank + 1;
  holder uuid;
begin
  if rank >= count then
    return frames || append_frame(frames);
  end if;
  if frames[rank + 1] - before > 1 then
    return frames[1:rank]
      || greatest(before, 0) + (frames[rank + 1] - greatest(before, 0)) / 2
      || frames[rank + 1:count];
  end if;
  while first > 1 and frames[first - 1] = frames[first] - 1 loop
    first := first - 1;
  end loop;
  while last < count and frames[last + 1] = frames[last] + 1 loop
    last := last + 1;
  end loop;
  holder := (select l from unnest(locks[rank + 1:last]) l where l is not null limit 1);
  if frames[first] > 0
    and num_nonnulls(variadic locks[first:rank]) = 0
    and (holder is not null or rank - first + 1 < last - rank)
  then
    return frames[1:first - 1]
      || array(select f - 1 from unnest(frames[first:rank]) f)
      || frames[rank:count];
  end if;
  perform refuse_locked(holder);
  return frames[1:rank + 1]
    || array(select f + 1 from unnest(frames[rank + 1:last]) f)
    || frames[last + 1:count];
end;
$$;

-- The placed entries of a shot in order, but for some; `locks` repeats the locked ones.
create or replace function line_of(
  shot uuid, lifted uuid[], out entries uuid[], out frames integer[], out locks uuid[]
)
language plpgsql stable
as $$
begin
  select
    coalesce(array_agg(e.id order by e.timeline_frame, e.id), '{}'),
    coalesce(array_agg(e.timeline_frame order by e.timeline_frame, e.id), '{}'),
    coalesce(
      array_agg(
        case when e.metadata @> '{"locked": true}' then e.id end order by e.timeline_frame, e.id
      ),
      '{}'
    )
  into entries, frames, locks
  from shot_generations e
  where e.shot_id = shot
    and e.timeline_frame is not null
    and e.id <> all (lifted);
end;
$$;

-- Spaces the placed entries of a shot by one gap, or by the gaps they have. At 16 frames a second
-- gaps are 5 to 81 frames, 77 with smooth continuations, less twice the context frames; quantised
-- they are 4N+1.
create or replace function space_entries(
  shot uuid, gap integer, smooth boolean, context_frames integer, quantised boolean
) returns setof shot_generations
language plpgsql
as $$
declare
  step integer := case when quantised then 4 else 1 end;
  longest integer := case when smooth then 77 else 81 end
    - 2 * least(81, greatest(-1, context_frames));
  was shot_generations[];
  line record;
  gaps integer[];
begin
  perform lock_shot(shot);
  longest := longest - (longest - 1) % step;
  if longest < 5 or context_frames < 0 then
    raise exception '% context frames leave no gap', context_frames
      using errcode = '22023', constraint = 'shot_entries_spacing';
  end if;
  was := entries_of(shot);
  select * into line from line_of(shot, '{}');
  gaps := array(
    select least(longest, greatest(5, round((g.wanted::numeric - 1) / step) * step + 1))::integer
    from generate_subscripts(line.frames, 1) i
      cross join lateral (
        select coalesce(gap, line.frames[i] - line.frames[i - 1], 5)
      ) g (wanted)
    order by i
  );
  perform write_frames(
    shot, line.entries, spaced_frames(line.frames, line.locks, gaps, longest, step)
  );
  return query select * from changed_entries(shot, was);
end;
$$;

-- The frames of a line whose entries follow one another by these gaps (the first counts nothing).
-- A locked entry keeps its frame: the gaps before it, back to the locked one before, give or take
-- in whole steps; when they cannot it is refused.
create or replace function spaced_frames(
  frames integer[], locks uuid[], gaps integer[], longest integer, step integer
) returns integer[]
language plpgsql stable
as $$
declare
  spaced integer[] := frames;
  anchor integer := 1;
  missing integer;
  share integer;
begin
  for i in 1 .. cardinality(frames) loop
    if i = 1 then
      spaced[1] := case when locks[1] is null then 0 else frames[1] end;
      continue;
    end if;
    spaced[i] := spaced[i - 1] + gaps[i];
    continue when locks[i] is null;
    missing := frames[i] - spaced[i];
    for j in anchor + 1 .. i loop
      share := case
        when missing > 0 then least(missing, longest - gaps[j]) else greatest(missing, 5 - gaps[j])
      end;
      share := share - share % step;
      gaps[j] := gaps[j] + share;
      missing := missing - share;
      spaced[j] := spaced[j - 1] + gaps[j];
    end loop;
    perform refuse_locked(locks[i]) where missing <> 0;
    anchor := i;
  end loop;
  return spaced;
end;
$$;

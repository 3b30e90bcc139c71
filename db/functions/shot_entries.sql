-- Shot entries: generations placed in shots. The frame is the truth, the position is its rank.
--
-- Locks are always taken in this order: the order of a project's shots, shots by id, entries,
-- generations by id. Every function below takes them so and none can deadlock with another.
-- A bare UPDATE or DELETE holds its rows before any trigger runs: it may meet a function in a
-- deadlock (40P01), and is then to be repeated; a bare INSERT may not.
-- Generations are taken before entries point at them: the foreign keys' own locks come too early
-- for whoever is deleting the generation, and in no order.
--
-- What is refused: DL001 shot_entries_locked (its detail is the entry's id), P0002 shots_known,
-- shot_entries_known and shot_entries_generations, 22023 shot_entries_once, shot_entries_placed,
-- shot_entries_frames, shot_entries_neighbours and shot_entries_spacing, 23505
-- shot_generations_frame_free, 23514 shot_generations_frame_not_negative.

-- The entries of a shot as they are now, to tell later which have changed.
create or replace function entries_of(shot uuid) returns shot_generations[]
language plpgsql stable
as $$
begin
  return array(select e from shot_generations e where e.shot_id = shot);
end;
$$;

-- The entries of a shot that are new or not as they were, placed ones first.
create or replace function changed_entries(shot uuid, was shot_generations[])
returns setof shot_generations
language plpgsql stable
as $$
begin
  return query
    select *
    from (
      select e.* from shot_generations e where e.shot_id = shot
      except
      select w.* from unnest(was) w
    ) changed
    order by changed.position nulls last, changed.id;
end;
$$;

-- Puts a generation in a shot: at the end of the timeline, or unpositioned.
create or replace function add_generation_to_shot(
  shot uuid, generation uuid, with_position boolean default true, entry uuid default null
) returns setof shot_generations
language plpgsql
as $$
declare
  frames integer[];
begin
  perform lock_shot(shot);
  perform lock_generations(array[generation]);
  frames := frames_of(shot);
  return query
    insert into shot_generations (id, shot_id, generation_id, timeline_frame, position)
    values (
      coalesce(entry, gen_random_uuid()), shot, generation,
      case when with_position then append_frame(frames) end,
      case when with_position then cardinality(frames) end
    )
    returning *;
end;
$$;

-- Puts generations in a shot, one after another: at the end of the timeline, or unpositioned.
create or replace function add_generations_to_shot(
  shot uuid, generations uuid[], with_position boolean default true, entries uuid[] default null
) returns setof shot_generations
language plpgsql
as $$
declare
  frames integer[];
  count integer;
begin
  perform lock_shot(shot);
  perform lock_generations(generations);
  perform refuse_unknown_generations(shot, generations);
  frames := frames_of(shot);
  count := cardinality(frames);
  for turn in 1 .. cardinality(generations) loop
    frames := frames || append_frame(frames);
  end loop;
  -- Those that wait do so in the order in which they came.
  return query
    insert into shot_generations
      (id, shot_id, generation_id, timeline_frame, position, created_at)
    select
      coalesce(entries[g.turn], gen_random_uuid()), shot, g.id,
      case when with_position then frames[count + g.turn] end,
      case when with_position then count + g.turn - 1 end,
      clock_timestamp() + g.turn * interval '1 microsecond'
    from unnest(generations) with ordinality g (id, turn)
    returning *;
end;
$$;

-- Refuses a list that names a generation which is not in the project of the shot.
create or replace function refuse_unknown_generations(shot uuid, generations uuid[])
returns void
language plpgsql
as $$
declare
  argument text;
begin
  select format('generationIds[%s]', l.turn - 1)
  into argument
  from unnest(generations) with ordinality l (id, turn)
  where not exists (
    select
    from generations g
      join shots s on s.project_id = g.project_id
    where g.id = l.id and s.id = shot
  )
  order by l.turn
  limit 1;
  if found then
    raise exception 'a generation is not known in the project of shot %', shot
      using errcode = 'P0002', constraint = 'shot_entries_generations', column = argument;
  end if;
end;
$$;

-- Puts a generation at a rank of a shot, no further than the end.
create or replace function add_generation_at_position(
  shot uuid, generation uuid, at_position integer, entry uuid default null
) returns setof shot_generations
language plpgsql
as $$
declare
  was shot_generations[];
begin
  perform lock_shot(shot);
  perform lock_generations(array[generation]);
  was := entries_of(shot);
  insert into shot_generations (id, shot_id, generation_id, position)
  values (coalesce(entry, gen_random_uuid()), shot, generation, at_position);
  return query select * from changed_entries(shot, was);
end;
$$;

-- Puts a generation at a frame of a shot, or at the nearest free one.
create or replace function add_generation_at_frame(
  shot uuid, generation uuid, frame integer, entry uuid default null
) returns setof shot_generations
language plpgsql
as $$
declare
  was shot_generations[];
  free integer;
begin
  perform lock_shot(shot);
  perform lock_generations(array[generation]);
  was := entries_of(shot);
  free := nearest_free_frame(shot, frame);
  insert into shot_generations (id, shot_id, generation_id, timeline_frame, position)
  select coalesce(entry, gen_random_uuid()), shot, generation, free, count(*)
  from shot_generations e
  where e.shot_id = shot and e.timeline_frame < free;
  return query select * from changed_entries(shot, was);
end;
$$;

-- Takes entries out of their shot; returns those that closed up.
create or replace function remove_entries(shot uuid, entries uuid[])
returns setof shot_generations
language plpgsql
as $$
declare
  was shot_generations[];
begin
  perform lock_shot(shot);
  perform refuse_strangers(shot, entries);
  was := entries_of(shot);
  delete from shot_generations e where e.id = any (entries);
  return query select * from changed_entries(shot, was);
end;
$$;

-- Another generation takes the place, frame and metadata of an entry.
create or replace function replace_in_shot(entry uuid, generation uuid)
returns setof shot_generations
language plpgsql
as $$
begin
  perform lock_shot_of_entry(entry);
  perform lock_generations(array[e.generation_id, generation])
  from shot_generations e
  where e.id = entry;
  return query
    update shot_generations e set generation_id = generation where e.id = entry returning *;
end;
$$;

-- Puts the generation of an entry in its shot once more, right behind it, without its metadata.
create or replace function duplicate_entry(entry uuid, copy uuid default null)
returns setof shot_generations
language plpgsql
as $$
declare
  shot uuid := lock_shot_of_entry(entry);
  was shot_generations[] := entries_of(shot);
begin
  insert into shot_generations (id, shot_id, generation_id, position)
  select coalesce(copy, gen_random_uuid()), shot, e.generation_id, e.position + 1
  from shot_generations e
  where e.id = entry;
  return query select * from changed_entries(shot, was);
end;
$$;

-- Copies the generation of an entry, based on it, and puts the copy right behind the entry.
create or replace function duplicate_as_new_generation(
  entry uuid, generation uuid default null, copy uuid default null
) returns setof shot_generations
language plpgsql
as $$
declare
  shot uuid := lock_shot_of_entry(entry);
  was shot_generations[] := entries_of(shot);
  made uuid := coalesce(generation, gen_random_uuid());
begin
  insert into generations (
    id, project_id, based_on, type, location, thumbnail_url, name, params, tool_type, model,
    prompt, width, height, duration_ms, byte_size, blurhash, run_id
  )
  select
    made, g.project_id, g.id, g.type, g.location, g.thumbnail_url, g.name, g.params, g.tool_type,
    g.model, g.prompt, g.width, g.height, g.duration_ms, g.byte_size, g.blurhash, g.run_id
  from shot_generations e
    join generations g on g.id = e.generation_id
  where e.id = entry;
  insert into shot_generations (id, shot_id, generation_id, position)
  select coalesce(copy, gen_random_uuid()), shot, made, e.position + 1
  from shot_generations e
  where e.id = entry;
  return query select * from changed_entries(shot, was);
end;
$$;

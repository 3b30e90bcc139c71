-- Shot entries: generations placed in shots. The frame is the truth, the position is its rank.
--
-- Locks are always taken in this order: the order of a project's shots, shots by id, entries,
-- generations by id. Every function below takes them so and none can deadlock with another.
-- A bare UPDATE or DELETE holds its rows before any trigger runs: it may meet a function in a
-- deadlock (40P01), and is then to be repeated; a bare INSERT may not.
--
-- What is refused: DL001 shot_entries_locked (its detail is the entry's id), P0002 shots_known and
-- shot_entries_known, 22023 shot_entries_order, shot_entries_neighbours and shot_entries_spacing,
-- 23505 shot_generations_frame_free, 23514 shot_generations_frame_not_negative.

-- Takes a shot for this transaction: whoever writes its entries comes here first.
create or replace function lock_shot(shot uuid) returns uuid
language plpgsql
as $$
begin
  -- Not FOR UPDATE: the foreign keys of two inserts share the row already, and would deadlock.
  perform from shots s where s.id = shot for no key update;
  if not found then
    raise exception 'shot % is not known', shot
      using errcode = 'P0002', constraint = 'shots_known';
  end if;
  return shot;
end;
$$;

-- Takes the shot of an entry, and makes sure that the entry is still there.
create or replace function lock_shot_of_entry(entry uuid) returns uuid
language plpgsql
as $$
declare
  shot uuid;
begin
  select e.shot_id into shot from shot_generations e where e.id = entry;
  if found then
    perform lock_shot(shot);
    perform from shot_generations e where e.id = entry and e.shot_id = shot;
  end if;
  if not found then
    raise exception 'shot entry % is not known', entry
      using errcode = 'P0002', constraint = 'shot_entries_known';
  end if;
  return shot;
end;
$$;

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
  was := entries_of(shot);
  free := nearest_free_frame(shot, frame);
  insert into shot_generations (id, shot_id, generation_id, timeline_frame, position)
  select coalesce(entry, gen_random_uuid()), shot, generation, free, count(*)
  from shot_generations e
  where e.shot_id = shot and e.timeline_frame < free;
  return query select * from changed_entries(shot, was);
end;
$$;

-- Takes an entry off the timeline; it stays in the shot, and the rest closes up.
create or replace function unposition_entry(entry uuid) returns setof shot_generations
language plpgsql
as $$
declare
  shot uuid := lock_shot_of_entry(entry);
  was shot_generations[] := entries_of(shot);
begin
  perform write_frames(shot, array[entry], array[null::integer]);
  return query select * from changed_entries(shot, was);
end;
$$;

-- Takes an entry out of its shot; returns it as it was, then those that closed up.
create or replace function remove_entry(entry uuid) returns setof shot_generations
language plpgsql
as $$
declare
  shot uuid := lock_shot_of_entry(entry);
  was shot_generations[] := entries_of(shot);
begin
  return query delete from shot_generations e where e.id = entry returning *;
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
  return query
    update shot_generations e set generation_id = generation where e.id = entry returning *;
end;
$$;

-- Copies the generation of an entry, based on it, and puts the copy right behind the entry.
create or replace function duplicate_as_new_generation(
  entry uuid, generation uuid default null
) returns setof shot_generations
language plpgsql
as $$
declare
  shot uuid := lock_shot_of_entry(entry);
  was shot_generations[] := entries_of(shot);
  copy uuid := coalesce(generation, gen_random_uuid());
begin
  insert into generations (
    id, project_id, based_on, type, location, thumbnail_url, name, params, tool_type, model,
    prompt, width, height, duration_ms, byte_size, blurhash, run_id
  )
  select
    copy, g.project_id, g.id, g.type, g.location, g.thumbnail_url, g.name, g.params, g.tool_type,
    g.model, g.prompt, g.width, g.height, g.duration_ms, g.byte_size, g.blurhash, g.run_id
  from shot_generations e
    join generations g on g.id = e.generation_id
  where e.id = entry;
  insert into shot_generations (shot_id, generation_id, position)
  select shot, copy, e.position + 1 from shot_generations e where e.id = entry;
  return query select * from changed_entries(shot, was);
end;
$$;

-- Makes a generation of its own out of a variant, based on the variant's generation.
create or replace function promote_variant_to_generation(
  variant uuid, generation uuid default null
) returns setof generations
language plpgsql
as $$
declare
  promoted uuid := coalesce(generation, gen_random_uuid());
begin
  insert into generations (
    id, project_id, based_on, type, location, thumbnail_url, name, params, tool_type, model,
    prompt, width, height, duration_ms, byte_size, blurhash
  )
  select
    promoted, g.project_id, g.id, g.type, v.location, v.thumbnail_url, v.name, v.params,
    g.tool_type, coalesce(param_model(v.params), g.model),
    coalesce(param_text(v.params, 'prompt'), g.prompt),
    v.width, v.height, v.duration_ms, v.byte_size, v.blurhash
  from generation_variants v
    join generations g on g.id = v.generation_id
  where v.id = variant;
  if not found then
    raise exception 'variant % is not known', variant
      using errcode = 'P0002', constraint = 'generation_variants_known';
  end if;
  -- Read again: the triggers have given it its own variant.
  return query select * from generations g where g.id = promoted;
end;
$$;

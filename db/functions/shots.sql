-- Shots: what is made of whole shots; their order is in shot_order.sql.

-- Shots as the viewer who means to change them sees them; the writable ones stay as they are until
-- the transaction ends, their order in the project too where that is asked.
create or replace function hold_shots(ids uuid[], with_order boolean default false)
returns table (
  id text, writable boolean, version integer, name text, aspect_ratio text, "position" integer,
  project_id text
)
language plpgsql
as $$
declare
  writables uuid[];
begin
  writables := array(
    select hold_writable(array(select s.project_id from shots s where s.id = any (ids)))
  );
  if with_order then
    perform lock_shot_orders(ids);
  end if;
  perform from shots s where s.id = any (ids) order by s.id for no key update;
  return query
  select
    s.id::text, s.project_id = any (writables), s.version, s.name, s.aspect_ratio,
    s.position, s.project_id::text
  from shots s
  where s.id = any (ids);
end;
$$;

-- Makes a shot with images that follow one another on its timeline; returns it, then the shots
-- that made room, or nothing when its id is taken.
create or replace function create_shot(
  project uuid, shot_name text, shot uuid, at_position integer, shape text, images uuid[]
) returns setof shots
language plpgsql
as $$
declare
  place integer;
begin
  perform lock_shot_order(project);
  insert into shots (id, project_id, name, position, aspect_ratio, settings)
  values (shot, project, shot_name, at_position, shape, settings_for_shot(project))
  on conflict do nothing
  returning position into place;
  if not found then
    return;
  end if;
  perform place_images(project, shot, images);
  return query
    select * from shots s
    where s.project_id = project and s.position >= place
    order by s.position;
end;
$$;

-- Puts images of a project on the timeline of an empty shot, one after another; the first that is
-- none of them is named by its place.
create or replace function place_images(project uuid, shot uuid, images uuid[]) returns void
language plpgsql
as $$
declare
  missing bigint;
begin
  perform
  from generations g
  where g.project_id = project and g.id = any (images)
  order by g.id
  for key share;
  select i.turn - 1
  into missing
  from unnest(images) with ordinality i (id, turn)
  where not exists (
    select from generations g where g.project_id = project and g.id = i.id
  )
  order by i.turn
  limit 1;
  if found then
    raise exception 'an image is not known in project %', project
      using errcode = 'foreign_key_violation', constraint = 'shots_images_known',
        column = format('generationIds[%s]', missing);
  end if;
  insert into shot_generations (project_id, shot_id, generation_id, timeline_frame, position)
  select project, shot, i.id, 81 * (i.turn - 1), i.turn - 1
  from unnest(images) with ordinality i (id, turn);
end;
$$;

-- Makes a shot at a position of its project; returns it, then those that made room.
create or replace function insert_shot_at_position(
  project uuid, shot_name text, at_position integer, shot uuid default null
) returns setof shots
language plpgsql
as $$
begin
  return query
    select *
    from create_shot(
      project, shot_name, coalesce(shot, gen_random_uuid()), at_position, null, '{}'
    );
end;
$$;

-- Makes a shot at the end of its project with one generation at frame 0.
create or replace function create_shot_with_image(
  project uuid, shot_name text, generation uuid, shot uuid default null
) returns setof shots
language plpgsql
as $$
begin
  return query
    select *
    from create_shot(
      project, shot_name, coalesce(shot, gen_random_uuid()), null, null, array[generation]
    );
end;
$$;

-- Copies a shot right behind itself, with all its entries or only the placed ones; returns the
-- copy, then the shots that made room, or nothing when the copy's id is taken.
create or replace function duplicate_shot(
  shot uuid, placed_only boolean default false, copy uuid default null
) returns setof shots
language plpgsql
as $$
declare
  made uuid := coalesce(copy, gen_random_uuid());
begin
  perform lock_shot_order(s.project_id) from shots s where s.id = shot;
  perform lock_shot(shot);
  insert into shots (id, project_id, name, position, aspect_ratio, settings)
  select made, s.project_id, left(s.name, 493) || ' (copy)', s.position + 1, s.aspect_ratio, s.settings
  from shots s
  where s.id = shot
  on conflict do nothing;
  if not found then
    return;
  end if;
  -- The copies wait in the order of the originals, which stay the older association.
  insert into shot_generations
    (shot_id, generation_id, position, timeline_frame, metadata, created_at)
  select
    made, e.generation_id, e.position, e.timeline_frame, e.metadata,
    clock_timestamp() + row_number() over (order by e.created_at, e.id) * interval '1 microsecond'
  from shot_generations e
  where e.shot_id = shot
    and (e.timeline_frame is not null or not placed_only);
  return query
    select s.*
    from shots m
      join shots s on s.project_id = m.project_id and s.position >= m.position
    where m.id = made
    order by s.position;
end;
$$;

-- How many entries of a shot wait off the timeline.
create or replace function count_unpositioned_generations(shot uuid) returns integer
language plpgsql stable
as $$
begin
  return (
    select count(*)
    from shot_generations e
    where e.shot_id = shot and e.timeline_frame is null
  );
end;
$$;

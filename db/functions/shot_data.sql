-- Shot data: what generations know of the shots they are in, so that galleries need no join.

-- Computes shot_data and the primary association of generations again; writes what differs.
create or replace function mirror_shot_data(touched uuid[]) returns void
language plpgsql
as $$
begin
  -- First the locks, then a new snapshot: else two shots that take one generation lose a key.
  perform from generations g where g.id = any (touched) order by g.id for no key update;
  update generations g
  set
    shot_data = coalesce(association.shot_data, '{}'),
    shot_id = association.shot_id,
    timeline_frame = association.timeline_frame
  from unnest(touched) t (id)
    left join (
      select
        shot.generation_id,
        jsonb_object_agg(shot.shot_id, shot.frame) as shot_data,
        (array_agg(shot.shot_id order by shot.created_at, shot.first_entry))[1] as shot_id,
        (array_agg(shot.first_frame order by shot.created_at, shot.first_entry))[1]
          as timeline_frame
      from (
        select
          e.generation_id,
          e.shot_id,
          min(e.timeline_frame) as frame,
          min(e.created_at) as created_at,
          (array_agg(e.id order by e.created_at, e.id))[1] as first_entry,
          (array_agg(e.timeline_frame order by e.created_at, e.id))[1] as first_frame
        from shot_generations e
        where e.generation_id = any (touched)
        group by e.generation_id, e.shot_id
      ) shot
      group by shot.generation_id
    ) association on association.generation_id = t.id
  where g.id = t.id
    and (g.shot_data, g.shot_id, g.timeline_frame) is distinct from (
      coalesce(association.shot_data, '{}'), association.shot_id, association.timeline_frame
    );
end;
$$;

-- After any statement on entries: each generation concerned is computed once.
create or replace function sync_shot_to_generation() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  touched uuid[];
begin
  if tg_op = 'INSERT' then
    -- Those that gave only a position were computed when they got their frame.
    select array_agg(distinct n.generation_id)
    into touched
    from new_rows n
    where n.position is null or n.timeline_frame is not null;
  elsif tg_op = 'DELETE' then
    select array_agg(distinct o.generation_id) into touched from old_rows o;
  else
    select array_agg(distinct g.id)
    into touched
    from old_rows o
      full join new_rows n on n.id = o.id
      cross join lateral (values (o.generation_id), (n.generation_id)) g (id)
    where (o.shot_id, o.generation_id, o.timeline_frame, o.created_at)
      is distinct from (n.shot_id, n.generation_id, n.timeline_frame, n.created_at);
  end if;
  if touched is not null then
    perform mirror_shot_data(touched);
  end if;
  return null;
end;
$$;

-- These fire after keep_places_…, by name: by then every entry has its final frame.
drop trigger if exists sync_shot_to_generation_after_insert on shot_generations;
create trigger sync_shot_to_generation_after_insert
  after insert on shot_generations
  referencing new table as new_rows
  for each statement
  execute function sync_shot_to_generation();

drop trigger if exists sync_shot_to_generation_after_update on shot_generations;
create trigger sync_shot_to_generation_after_update
  after update on shot_generations
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function sync_shot_to_generation();

drop trigger if exists sync_shot_to_generation_after_delete on shot_generations;
create trigger sync_shot_to_generation_after_delete
  after delete on shot_generations
  referencing old table as old_rows
  for each statement
  execute function sync_shot_to_generation();

-- The shots of generations, for whoever means to delete several: all of them before the first goes.
create or replace function lock_shots_of_generations(ids uuid[]) returns void
language plpgsql
as $$
begin
  perform
  from shots s
  where s.id in (
    select k::uuid
    from generations g
      cross join lateral jsonb_object_keys(g.shot_data) k
    where g.id = any (ids)
  )
  order by s.id
  for no key update;
end;
$$;

-- A generation about to go takes its shots first, as everybody does who changes entries.
create or replace function lock_shots_of_generation() returns trigger
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  perform
  from shots s
  where s.id in (select k::uuid from jsonb_object_keys(old.shot_data) k)
  order by s.id
  for no key update;
  return old;
end;
$$;

drop trigger if exists lock_shots_of_generation on generations;
create trigger lock_shots_of_generation
  before delete on generations
  for each row
  when (old.shot_data <> '{}')
  execute function lock_shots_of_generation();

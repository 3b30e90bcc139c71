-- Mutations: what became of each that its client gave an id, so that a repeat does nothing twice.

-- Takes an id for this transaction. A repeat waits here until the first one is decided, and gets
-- what it came to, if anything was kept; what is older than a week is forgotten on the way.
create or replace function begin_mutation(
  mutation uuid, hash text, out is_new boolean, out kept_hash text, out kept_outcome jsonb
)
language plpgsql security definer
set search_path = public, pg_temp
as $$
declare
  kept_since timestamptz := now() - interval '7 days';
begin
  delete from mutation_results m
  using (
    select old.mutation_id
    from mutation_results old
    where old.user_id = viewer_id() and old.at < kept_since
    order by old.at
    limit 100
    for update skip locked
  ) old
  where m.user_id = viewer_id() and m.mutation_id = old.mutation_id;

  insert into mutation_results (user_id, mutation_id, input_hash)
  values (viewer_id(), mutation, hash)
  on conflict (user_id, mutation_id) do nothing;
  is_new := found;

  select m.input_hash, m.outcome
  into kept_hash, kept_outcome
  from mutation_results m
  where m.user_id = viewer_id() and m.mutation_id = mutation;
end;
$$;

-- Keeps what a mutation came to.
create or replace function finish_mutation(mutation uuid, reached jsonb) returns void
language plpgsql security definer
set search_path = public, pg_temp
as $$
begin
  update mutation_results m
  set outcome = reached
  where m.user_id = viewer_id() and m.mutation_id = mutation;
end;
$$;

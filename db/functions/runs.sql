-- Runs: presses of the generate button.

-- Runs as the viewer who means to change them sees them; the writable ones stay as they are until
-- the transaction ends.
create or replace function hold_runs(ids uuid[])
returns table (id text, writable boolean, version integer, name text, status text)
language plpgsql
as $$
declare
  writables uuid[];
begin
  writables := array(
    select hold_writable(array(select r.project_id from runs r where r.id = any (ids)))
  );
  perform from runs r where r.id = any (ids) order by r.id for no key update;
  return query
  select r.id::text, r.project_id = any (writables), r.version, r.name, r.status
  from runs r
  where r.id = any (ids);
end;
$$;

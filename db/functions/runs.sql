-- Runs: presses of the generate button.

-- Runs as the viewer sees them; those that they may change stay as they are until the transaction
-- ends.
create or replace function lock_runs(ids uuid[]) returns setof runs
language plpgsql
as $$
begin
  perform from runs r where r.id = any (ids) order by r.id for no key update;
  return query select * from runs r where r.id = any (ids);
end;
$$;

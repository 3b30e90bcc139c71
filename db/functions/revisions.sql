-- Revisions: what is kept of changes of settings.

-- Of each tool's settings the latest changes are kept, so many; older ones are deleted, which
-- answers how many. The latest stays in any case: it is what versions are counted from.
create or replace function delete_old_revisions(kept integer, most integer) returns integer
language plpgsql
as $$
declare
  deleted integer;
begin
  with crowded as (
    select r.scope, r.entity_id, r.tool, max(r.version) as latest
    from settings_revisions r
    group by r.scope, r.entity_id, r.tool
    having count(*) > greatest(kept, 1)
  )
  delete from settings_revisions r
  where (r.scope, r.entity_id, r.tool, r.version) in (
    select old.scope, old.entity_id, old.tool, old.version
    from crowded c
      join settings_revisions old
        on old.scope = c.scope
        and old.entity_id = c.entity_id
        and old.tool = c.tool
        and old.version <= c.latest - greatest(kept, 1)
    limit most
    for update of old skip locked
  );
  get diagnostics deleted = row_count;
  return deleted;
end;
$$;

-- Capture: what statements do to the rows of published tables, whoever sends them. Each is noted in
-- one row for each scope, kind of change, set of changed columns and set of shots, with the ids of
-- all rows that it happened to. What changes nothing is not noted.

-- Every id of two lists, once.
create or replace function merged_ids(ones uuid[], others uuid[]) returns uuid[]
language sql immutable parallel safe
return array(select distinct id from unnest(ones || others) id order by id);

-- The text of a query that groups what was inserted or deleted.
create or replace function grouped_rows(
  op text, source text, places text, shots text, parent text
) returns text
language sql immutable
return format(
  $query$
    select
      p.scope, %1$L as op, '{}'::text[] as cols, %2$s as shot_ids, array_agg(p.id) as ids,
      %5$s as parents
    from %3$s r cross join lateral (%4$s) p (scope, id)
    group by p.scope, shot_ids
  $query$,
  op, shots, source, places, coalesce('array_agg(' || parent || ')', 'null::uuid[]')
);

-- The text of a query that groups what was updated. A full join stays linear whatever plan the
-- session has kept, and tells rows that got another key. Shots are found once for each row (offset
-- keeps them where they are), and are mostly those of before.
create or replace function grouped_updates(
  tbl text, places text, shots text, parent text
) returns text
language sql stable
as $$
  select format(
    $query$
      select u.scope, u.op, u.cols, u.shot_ids, array_agg(u.id) as ids, %7$s as parents
      from (
        select
          p.scope, p.id, k.op, %8$s as parent,
          case when k.op = 'U' then array_remove(array[%1$s], null) else '{}' end as cols,
          case when s.old = s.new then s.new else merged_ids(s.old, s.new) end as shot_ids
        from old_rows o
          full join new_rows n on %4$s
          cross join lateral (
            select case when o.%5$I is null then 'I' when n.%5$I is null then 'D' else 'U' end
          ) k (op)
          cross join lateral (
            select
              case when k.op = 'I' then '{}' else %2$s end as old,
              case when k.op = 'D' then '{}' else %3$s end as new
            offset 0
          ) s
          cross join lateral (%6$s) p (scope, id)
      ) u
      where u.op <> 'U' or u.cols <> '{}'
      group by u.scope, u.op, u.cols, u.shot_ids
    $query$,
    string_agg(
      format('case when o.%1$I is distinct from n.%1$I then %1$L end', a.attname), ', '
      order by a.attnum
    ),
    regexp_replace(shots, '\mr\.', 'o.', 'g'),
    regexp_replace(shots, '\mr\.', 'n.', 'g'),
    string_agg(format('n.%1$I = o.%1$I', a.attname), ' and ') filter (where a.attnum = any (i.indkey)),
    min(a.attname) filter (where a.attnum = i.indkey[0]),
    regexp_replace(places, '\mr\.(\w+)', 'coalesce(n.\1, o.\1)', 'g'),
    case when parent is null then 'null::uuid[]' else 'array_agg(u.parent)' end,
    coalesce(regexp_replace(parent, '\mr\.(\w+)', 'coalesce(n.\1, o.\1)', 'g'), 'null')
  )
  from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum > 0 and not a.attisdropped
  where i.indrelid = tbl::regclass and i.indisprimary
$$;

-- The text of a statement that notes such groups, and keeps the scopes that are new to this
-- transaction in `fresh`.
create or replace function noting(tbl text, groups text) returns text
language sql immutable
return format(
  $statement$
    with noted as (
      insert into changes
        (slot, tx, seq, scope, tbl, op, number, ids, parents, cols, shot_ids, lead)
      select
        self.slot, self.number, nextval('feed_numbers'), g.scope, %1$L, g.op, cardinality(g.ids),
        g.ids, g.parents, g.cols, g.shot_ids,
        row_number() over (partition by g.scope) = 1 and g.scope <> all (self.seen)
      from (%2$s) g
      returning scope, lead
    )
    select array_agg(n.scope) into fresh from noted n where n.lead;
  $statement$,
  tbl, groups
);

-- Publishes a table. `places` selects, for a row `r`, the scopes that hear of it, each with the id
-- by which it knows the row; `shots` are the ids of the shots that are concerned, and `parent` is
-- the id of the row that it is a part of.
create or replace function publish(
  tbl text, places text, shots text default '''{}''::uuid[]', parent text default null
) returns void
language plpgsql
as $publish$
declare
  capture text := 'capture_' || tbl;
  event record;
begin
  execute format(
    $function$
      create or replace function %1$I() returns trigger
      language plpgsql security definer
      set search_path = public, pg_temp
      as $body$
      declare
        self record;
        fresh uuid[];
      begin
        self := feed_transaction();
        case tg_op
          when 'INSERT' then %2$s
          when 'UPDATE' then %3$s
          when 'DELETE' then %4$s
          when 'TRUNCATE' then %5$s
        end case;
        if fresh is not null then
          perform note_scopes(self.number, self.slot, self.seen || fresh);
        end if;
        return null;
      end;
      $body$
    $function$,
    capture,
    noting(tbl, grouped_rows('I', 'new_rows', places, shots, parent)),
    noting(tbl, grouped_updates(tbl, places, shots, parent)),
    noting(tbl, grouped_rows('D', 'old_rows', places, shots, parent)),
    noting(tbl, grouped_rows('D', quote_ident(tbl), places, shots, parent))
  );

  -- These fire before other triggers of a statement, by name: what those do is noted after it.
  for event in
    values
      ('insert', 'after', 'referencing new table as new_rows'),
      ('update', 'after', 'referencing old table as old_rows new table as new_rows'),
      ('delete', 'after', 'referencing old table as old_rows'),
      ('truncate', 'before', '')
  loop
    execute format(
      'drop trigger if exists %1$I on %2$I;
       create trigger %1$I %3$s %4$s on %2$I %5$s for each statement execute function %6$I();
       alter table %2$I enable always trigger %1$I',
      'aa_capture_' || event.column1, tbl, event.column2, event.column1, event.column3, capture
    );
  end loop;
end;
$publish$;

do $$
begin
  perform publish('users', 'select r.id, r.id');
  -- Lists of projects are private: whoever takes part in one hears of it there too.
  perform publish('projects', '
    select r.id, r.id
    union select r.user_id, r.id
    union select m.user_id, r.id from project_members m where m.project_id = r.id');
  -- The project knows a membership by its user, the user knows it by its project.
  perform publish('project_members', '
    select r.project_id, r.user_id union all select r.user_id, r.project_id');
  perform publish('runs', 'select r.project_id, r.id');
  perform publish('tasks', 'select r.project_id, r.id');
  perform publish('shots', 'select r.project_id, r.id', 'array[r.id]');
  perform publish('shot_generations', 'select r.project_id, r.id', 'array[r.shot_id]');
  perform publish(
    'generation_variants', 'select r.project_id, r.id', parent => 'r.generation_id');
  perform publish('generations', 'select r.project_id, r.id', '
    case r.shot_data when ''{}'' then ''{}''
      else array(select k::uuid from jsonb_object_keys(r.shot_data) k order by k)
    end');
end
$$;

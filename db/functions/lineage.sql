-- Lineage: what was made from what.

-- The generations around each root, by steps from it. A path never visits a generation twice, so
-- that circles end. A generation with more than `widest` derived ones shows the newest of them and
-- one more, marked as `beyond`, which is not followed. Each root is walked by itself and for so
-- many steps, so that one with a large family leaves the others theirs.
create or replace function walk_lineage(
  roots uuid[], upward boolean, downward boolean, deepest integer, widest integer, enough integer
)
returns table (root uuid, id uuid, depth integer, beyond boolean)
language sql
stable
as $$
  select found.root, found.id, min(found.depth), bool_and(found.beyond)
  from unnest(roots) as given (root)
    cross join lateral (
      with recursive walk as (
        select start.id as root, start.id, start.based_on, 0 as depth, false as beyond,
          array[start.id] as path
        from generations start
        where start.id = given.root
        union all
        select walk.root, step.id, step.based_on, walk.depth + 1, step.place > widest,
          walk.path || step.id
        from walk
        cross join lateral (
          select source.id, source.based_on, 1 as place
          from generations source
          where upward and source.id = walk.based_on
          union all
          (
            select derived.id, derived.based_on, row_number() over newest as place
            from generations derived
            where downward and derived.based_on = walk.id
            window newest as (order by derived.created_at desc, derived.id desc)
            order by place
            limit widest + 1
          )
        ) step
        where walk.depth < deepest
          and not walk.beyond
          and step.id <> all (walk.path)
      )
      select walk.root, walk.id, walk.depth, walk.beyond from walk limit enough
    ) found
  group by found.root, found.id
$$;

-- What was made from each generation: generations of their own, and edited takes of it that are
-- not what it shows.
create or replace view derived_items with (security_invoker = true) as
select generation.based_on as generation_id, 'generation' as kind, generation.id,
  generation.starred, generation.created_at
from generations generation
where generation.based_on is not null
union all
select variant.generation_id, 'variant' as kind, variant.id, variant.starred, variant.created_at
from generation_variants variant
where not variant.is_primary
  and variant.variant_type in ('edit', 'inpaint', 'magic_edit', 'annotated_edit');

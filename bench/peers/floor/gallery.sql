-- Q1: the 50 newest generations of a project, each with its variants, its places in shots and
-- what it was made from.
select json_build_object('data', json_build_object('project', (
  select json_build_object('generations', json_build_object('nodes', (
    select coalesce(json_agg(json_build_object(
      'id', g.id,
      'type', g.type,
      'location', g.location,
      'thumbnailUrl', g.thumbnail_url,
      'starred', g.starred,
      'createdAt', g.created_at,
      'variants', json_build_object('nodes', (
        select coalesce(json_agg(json_build_object(
          'id', v.id,
          'location', v.location,
          'variantType', v.variant_type,
          'isPrimary', v.is_primary
        )), '[]')
        from (
          select v.id, v.location, v.variant_type, v.is_primary
          from generation_variants v
          where v.generation_id = g.id
          order by v.is_primary desc, v.created_at desc, v.id desc
          limit 5
        ) v
      )),
      'shotEntries', json_build_object('nodes', (
        select coalesce(json_agg(json_build_object(
          'position', e.position,
          'timelineFrame', e.timeline_frame,
          'shot', json_build_object('id', e.shot_id, 'name', e.name)
        )), '[]')
        from (
          select e.position, e.timeline_frame, e.shot_id, s.name
          from shot_generations e
          join shots s on s.id = e.shot_id
          where e.generation_id = g.id
          order by e.created_at, e.id
          limit 50
        ) e
      )),
      'basedOn', (
        select json_build_object('id', b.id, 'thumbnailUrl', b.thumbnail_url)
        from generations b
        where b.id = g.based_on
      )
    )), '[]')
    from (
      select g.id, g.type, g.location, g.thumbnail_url, g.starred, g.created_at, g.based_on
      from generations g
      where g.project_id = p.id
        and g.location is not null
        and not g.is_child
      order by g.created_at desc, g.id desc
      limit 50
    ) g
  )))
  from projects p
  where p.id = $1
)))

-- Q2: 20 shots, each with its first 10 placed entries, their generations and its counts.
select json_build_object('data', json_build_object('project', (
  select json_build_object('shots', json_build_object('nodes', (
    select coalesce(json_agg(json_build_object(
      'id', s.id,
      'name', s.name,
      'entries', json_build_object('nodes', (
        select coalesce(json_agg(json_build_object(
          'id', e.id,
          'timelineFrame', e.timeline_frame,
          'metadata', json_build_object('raw', e.metadata),
          'generation', json_build_object('id', e.generation_id, 'location', e.location)
        )), '[]')
        from (
          select e.id, e.timeline_frame, e.metadata, e.generation_id, g.location
          from (
            select e.id, e.timeline_frame, e.metadata, e.generation_id
            from shot_generations e
            where e.shot_id = s.id
              and e.timeline_frame is not null
            order by e.timeline_frame
            limit 10
          ) e
          join generations g on g.id = e.generation_id
          order by e.timeline_frame
        ) e
      )),
      'statistics', (
        select json_build_object(
          'total', count(*),
          'positioned', count(e.timeline_frame),
          'unpositioned', count(*) - count(e.timeline_frame)
        )
        from shot_generations e
        where e.shot_id = s.id
      )
    )), '[]')
    from (
      select s.id, s.name
      from shots s
      where s.project_id = p.id
      order by s.position, s.id
      limit 20
    ) s
  )))
  from projects p
  where p.id = $1
)))

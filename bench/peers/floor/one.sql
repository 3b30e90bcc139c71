-- Q3: one generation by its id.
select json_build_object('data', json_build_object('generation', (
  select json_build_object('id', g.id, 'location', g.location, 'createdAt', g.created_at)
  from generations g
  where g.id = $1
)))

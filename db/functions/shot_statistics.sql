-- How much stands in each shot, exact, for whoever may see the shot.

create or replace view shot_statistics with (security_invoker = true) as
select
  shots.id as shot_id,
  shots.project_id,
  count(entries.id) as total_generations,
  count(entries.timeline_frame) as positioned_count,
  count(entries.id) - count(entries.timeline_frame) as unpositioned_count,
  count(entries.id) filter (where media_type(generations.type) = 'video') as video_count
from shots
left join shot_generations as entries on entries.shot_id = shots.id
left join generations on generations.id = entries.generation_id
group by shots.id;

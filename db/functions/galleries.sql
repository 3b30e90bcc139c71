-- Galleries: what row-level security keeps indexes from answering. It checks a row before any
-- operator that might tell of it (those of JSON and of full text among them), so these functions
-- read with their owner's rights, only in projects that the viewer sees, and give ids alone.

-- The generations that have an entry in one of the shots. What is asked `is true` is asked of each
-- row that the index finds; else the viewer's projects would be joined, and the index left aside.
create or replace function generations_of_shots(shots uuid[]) returns setof uuid
language sql stable parallel safe rows 50
security definer set search_path = public, pg_temp
as $$
  select id
  from generations
  where shot_data ?| shots::text[]
    and (project_id in (table visible_projects)) is true
$$;

-- What was typed, as words of which the last may be unfinished; no words at all ask for nothing.
create or replace function search_words(typed text) returns tsquery
language sql immutable parallel safe
return (
  select case when numnode(words) > 0 then (words::text || ':*')::tsquery else words end
  from plainto_tsquery(
    'simple',
    translate(left(typed, 500), '-_./:@<>&~+', '           ')
  ) as words
);

-- The generations of the projects whose prompt or name has all the words.
create or replace function search_generations(projects uuid[], typed text) returns setof uuid
language sql stable parallel safe rows 200
security definer set search_path = public, pg_temp
as $$
  select found.id
  from unnest(projects) as project,
    search_words(typed) as words,
    lateral (
      select id
      from generations
      where (
          array_to_tsvector(array['#' || project_id::text])
          || to_tsvector(
            'simple'::regconfig,
            translate(
              left(coalesce(prompt, ''), 100000) || ' ' || left(coalesce(name, ''), 1000),
              '-_./:@<>&~+',
              '           '
            )
          )
        ) @@ (quote_literal('#' || project::text)::tsquery && words)
    ) as found
  where (project in (table visible_projects)) is true
$$;

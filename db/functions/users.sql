-- A user's row is made on first sight of a valid token, from its claims; which address their issuer
-- vouches for is kept as the latest one says it.

create or replace function ensure_viewer() returns uuid
language plpgsql
security definer set search_path = public, pg_temp
as $$
declare
  claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  profile jsonb := coalesce(claims -> 'user_metadata', '{}');
begin
  if viewer_id() is null then
    return null;
  end if;
  insert into users (id, email, name, avatar_url, verified_email)
  values (
    viewer_id(),
    claims ->> 'email',
    coalesce(profile ->> 'name', profile ->> 'full_name'),
    profile ->> 'avatar_url',
    viewer_email()
  )
  on conflict (id) do nothing;
  -- Mostly there is nothing to change, and then nobody is waited for.
  update users u
  set verified_email = viewer_email()
  where u.id = viewer_id() and u.verified_email is distinct from viewer_email();
  return viewer_id();
end
$$;

-- A list of texts that ends with an item, unless it holds it already.
create or replace function with_item(list jsonb, item text) returns jsonb
language sql immutable parallel safe
return case
  when jsonb_typeof(list) is distinct from 'array' then jsonb_build_array(item)
  when list ? item then list
  else list || to_jsonb(item)
end;

-- Changes how far the viewer is in getting to know the application: a step is done, a tip is not
-- to be shown again, or, with neither, all begins anew. They were seen just now in any case.
create or replace function change_onboarding(
  step text, next_step text, is_last boolean, tip text
) returns void
language plpgsql
as $$
declare
  kept jsonb;
begin
  select case jsonb_typeof(u.onboarding) when 'object' then u.onboarding else '{}' end
  into kept
  from users u
  where u.id = viewer_id()
  for no key update;

  if step is not null then
    kept := kept || jsonb_build_object(
      'stepsCompleted', with_item(kept -> 'stepsCompleted', step),
      'completed', is_last or coalesce(kept -> 'completed' = 'true', false),
      'currentStep', case when not is_last then next_step end
    );
  elsif tip is not null then
    kept := kept || jsonb_build_object('dismissedTips', with_item(kept -> 'dismissedTips', tip));
  else
    kept := '{}';
  end if;

  update users u
  set onboarding = kept || jsonb_build_object(
    'lastActiveDate', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  )
  where u.id = viewer_id();
end;
$$;

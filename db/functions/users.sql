-- A user's row is made on first sight of a valid token, from its claims.

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
  insert into users (id, email, name, avatar_url)
  values (
    viewer_id(),
    claims ->> 'email',
    coalesce(profile ->> 'name', profile ->> 'full_name'),
    profile ->> 'avatar_url'
  )
  on conflict (id) do nothing;
  return viewer_id();
end
$$;

grant execute on function ensure_viewer() to authenticated;

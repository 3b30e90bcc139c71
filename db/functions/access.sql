-- Who asks, and which projects are theirs to see, to write, to manage.
-- The sets take no arguments from the row, so a statement computes each of them once. They are views
-- with their owner's rights: who takes part in what is hidden from the viewer's own.

-- The person in whose name this transaction runs; null when nobody is named.
create or replace function viewer_id() returns uuid
language sql stable parallel safe
as $$
  select nullif(
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''
  )::uuid
$$;

-- The viewer's e-mail address as invitations spell it; null unless their issuer vouches for it:
-- one that says whether an address is verified must say yes. What people may write about themselves
-- (user_metadata) is not asked. Lowered as ASCII: other letters have look-alikes.
create or replace function viewer_email() returns text
language sql stable parallel safe
as $$
  select nullif(lower((claims ->> 'email') collate "C"), '')
  from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb) token (claims)
  where jsonb_typeof(claims -> 'email') = 'string'
    and coalesce(claims -> 'email_verified', 'true') in ('true', '"true"')
$$;

-- The projects that the viewer takes part in.
create or replace view visible_projects as
  select project_id
  from project_members
  where user_id = (select viewer_id());

-- The projects that the viewer may change things in.
create or replace view writable_projects as
  select project_id
  from project_members
  where user_id = (select viewer_id())
    and role in ('editor', 'owner');

-- The projects that the viewer may rename, share and delete.
create or replace view managed_projects as
  select project_id
  from project_members
  where user_id = (select viewer_id())
    and role = 'owner';

-- The invitations that are addressed to the viewer and still hold.
create or replace function own_invitations() returns setof uuid
language sql stable parallel safe rows 20
security definer set search_path = public, pg_temp
as $$
  select id
  from project_invitations
  where email = viewer_email()
    and expires_at > now()
$$;

-- Those of some projects in which the viewer has one of these roles. That stays so until the
-- transaction ends: whoever takes the right away waits, so that nobody is told of a change that
-- came too late. Projects come before their members, as with whoever deletes them or changes who
-- takes part, so that nobody waits in a circle.
create or replace function hold_role(projects uuid[], roles text[]) returns setof uuid
language sql volatile
security definer set search_path = public, pg_temp
as $$
  select p.id
  from projects p
    join project_members m on m.project_id = p.id
  where m.user_id = viewer_id()
    and p.id = any (projects)
    and m.role = any (roles)
  order by p.id
  for key share of p
  for share of m
$$;

-- Those of some projects that the viewer may change things in, until the transaction ends.
create or replace function hold_writable(projects uuid[]) returns setof uuid
language sql volatile
as $$
  select hold_role(projects, array['editor', 'owner'])
$$;

-- Those of some projects that the viewer may rename, share and delete, until the transaction ends.
create or replace function hold_managed(projects uuid[]) returns setof uuid
language sql volatile
as $$
  select hold_role(projects, array['owner'])
$$;

-- They were functions, which cost each statement more; their policies are made anew right after.
drop function if exists visible_projects() cascade;
drop function if exists writable_projects() cascade;
drop function if exists managed_projects() cascade;

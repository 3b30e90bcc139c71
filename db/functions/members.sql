-- The project's user is its owner: the membership follows projects.user_id, never the other way.

create or replace function enroll_owner() returns trigger
language plpgsql
security definer set search_path = public, pg_temp
as $$
begin
  if tg_op = 'UPDATE' then
    update project_members
    set role = 'editor', version = version + 1, updated_at = now()
    where project_id = new.id and user_id = old.user_id;
  end if;
  insert into project_members as m (project_id, user_id, role)
  values (new.id, new.user_id, 'owner')
  on conflict (project_id, user_id) do update
  set role = 'owner', version = m.version + 1, updated_at = now()
  where m.role <> 'owner';
  return null;
end
$$;

drop trigger if exists trg_enroll_owner on projects;
create trigger trg_enroll_owner
after insert on projects
for each row execute function enroll_owner();

drop trigger if exists trg_enroll_new_owner on projects;
create trigger trg_enroll_new_owner
after update of user_id on projects
for each row when (old.user_id is distinct from new.user_id)
execute function enroll_owner();

-- Nobody takes a project away from its user; with the project or the user themselves it goes.
create or replace function keep_owner() returns trigger
language plpgsql
security definer set search_path = public, pg_temp
as $$
begin
  if exists (
    select from projects join users on users.id = projects.user_id
    where projects.id = old.project_id and projects.user_id = old.user_id
  ) then
    raise exception 'the project''s user stays its owner'
      using errcode = 'check_violation', constraint = 'project_members_owner_stays';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end
$$;

drop trigger if exists trg_keep_owner on project_members;
create trigger trg_keep_owner
before delete on project_members
for each row when (old.role = 'owner')
execute function keep_owner();

drop trigger if exists trg_keep_owner_role on project_members;
create trigger trg_keep_owner_role
before update of role on project_members
for each row when (old.role = 'owner' and new.role <> 'owner')
execute function keep_owner();

-- Members as the viewer who means to change them sees them. Whoever changes who takes part in a
-- project holds the project first, so that all of that is one after another.
create or replace function hold_members(ids uuid[])
returns table (
  id text, writable boolean, version integer, role text, project_id text, user_id text,
  is_owner boolean
)
language plpgsql
security definer set search_path = public, pg_temp
as $$
declare
  seen uuid[] := array(
    select m.project_id
    from project_members m
    where m.id = any (ids)
      and m.project_id in (table visible_projects)
  );
  managed uuid[];
begin
  perform from projects p where p.id = any (seen) order by p.id for no key update;
  managed := array(select hold_managed(seen));
  return query
  select
    m.id::text, m.project_id = any (managed), m.version, m.role,
    m.project_id::text, m.user_id::text, m.user_id = p.user_id
  from project_members m
    join projects p on p.id = m.project_id
  where m.id = any (ids)
    and m.project_id in (table visible_projects);
end;
$$;

-- Gives a project of the viewer's to another member; returns what both are in it from then on.
create or replace function hand_over_project(project uuid, heir uuid)
returns setof project_members
language plpgsql
security definer set search_path = public, pg_temp
as $$
begin
  update projects p
  set user_id = heir
  where p.id = project
    and p.user_id = viewer_id()
    and p.user_id <> heir
    and exists (
      select from project_members m where m.project_id = project and m.user_id = heir
    );
  return query
    select *
    from project_members m
    where m.project_id = project and m.user_id in (heir, viewer_id())
    order by m.user_id <> heir;
end;
$$;

-- How members show themselves to one another; addresses are for owners, and one's own for oneself.
create or replace function member_profiles(ids uuid[])
returns table (id uuid, name text, avatar_url text, email text)
language sql stable
security definer set search_path = public, pg_temp
as $$
  select
    m.id, u.name, u.avatar_url,
    case
      when m.user_id = viewer_id() or m.project_id in (table managed_projects) then u.email
    end
  from project_members m
    join users u on u.id = m.user_id
  where m.id = any (ids)
    and m.project_id in (table visible_projects)
$$;

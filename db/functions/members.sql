-- The project's user is its owner: the membership follows projects.user_id, never the other way.

create or replace function enroll_owner() returns trigger
language plpgsql
security definer set search_path = public, pg_temp
as $$
begin
  if tg_op = 'UPDATE' then
    update project_members set role = 'editor'
    where project_id = new.id and user_id = old.user_id;
  end if;
  insert into project_members (project_id, user_id, role)
  values (new.id, new.user_id, 'owner')
  on conflict (project_id, user_id) do update set role = 'owner';
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

-- Invitations: an address may become a member, once whoever has it says so themselves. Whether
-- somebody has an account under an address is never told.

-- Invites an address for two weeks; one that is invited already is invited anew.
create or replace function invite(project uuid, address text, as_role text) returns uuid
language plpgsql
as $$
declare
  made uuid;
begin
  insert into project_invitations as i (project_id, email, role, invited_by, expires_at)
  values (
    project, lower(address collate "C"), as_role, viewer_id(), now() + interval '14 days'
  )
  on conflict (project_id, email) do update
  set role = excluded.role, invited_by = excluded.invited_by, expires_at = excluded.expires_at
  returning i.id into made;
  return made;
end;
$$;

-- Makes the viewer a member of the project that they are invited to; whoever is a member already
-- stays what they are. Returns the membership, or nothing when there is no such invitation.
create or replace function accept_invitation(invitation uuid) returns uuid
language plpgsql
security definer set search_path = public, pg_temp
as $$
declare
  taken project_invitations;
begin
  delete from project_invitations i
  where i.id = invitation and i.id in (select own_invitations())
  returning * into taken;
  insert into project_members (project_id, user_id, role)
  select taken.project_id, viewer_id(), taken.role
  where taken.id is not null
  on conflict (project_id, user_id) do nothing;
  return (
    select m.id
    from project_members m
    where m.project_id = taken.project_id and m.user_id = viewer_id()
  );
end;
$$;

-- Takes an invitation of the viewer's away; returns whether there was one.
create or replace function decline_invitation(invitation uuid) returns boolean
language plpgsql
as $$
begin
  delete from project_invitations i
  where i.id = invitation and i.id in (select own_invitations());
  return found;
end;
$$;

-- Invitations that have not held for so long are deleted; answers how many.
create or replace function delete_expired_invitations(kept_for interval, most integer)
returns integer
language plpgsql
as $$
declare
  deleted integer;
begin
  delete from project_invitations i
  where i.id in (
    select late.id
    from project_invitations late
    where late.expires_at < now() - kept_for
    order by late.expires_at
    limit most
    for update skip locked
  );
  get diagnostics deleted = row_count;
  return deleted;
end;
$$;

-- What an invitation is about, for those who see it: its project may be closed to them as yet.
create or replace function invitation_details(ids uuid[])
returns table (id uuid, project_name text, inviter_name text)
language sql stable
security definer set search_path = public, pg_temp
as $$
  select i.id, p.name, u.name
  from project_invitations i
    join projects p on p.id = i.project_id
    left join users u on u.id = i.invited_by
  where i.id = any (ids)
    and (
      i.project_id in (table managed_projects)
      or i.id in (select own_invitations())
    )
$$;

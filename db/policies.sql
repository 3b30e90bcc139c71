-- Who may see and change what, table by table. Applied after every migration, from nothing.
--
-- authenticated  a viewer; rows by the policies below, columns by the grants below
-- service_role   the product's own machinery: everything
-- anon           nobody: nothing

do $$
declare
  found record;
begin
  for found in select tablename, policyname from pg_policies where schemaname = 'public' loop
    execute format('drop policy %I on %I', found.policyname, found.tablename);
  end loop;

  for found in
    select oid::regclass as name, relkind = 'v' as is_view, relname <> 'alembic_version' as is_ours
    from pg_class
    where relnamespace = 'public'::regnamespace
      and relkind in ('r', 'p', 'v')
      and pg_has_role(relowner, 'member')
  loop
    execute format('revoke all on %s from public, anon, authenticated, service_role', found.name);
    if found.is_view then
      execute format('grant select on %s to authenticated, service_role', found.name);
      continue;
    end if;
    execute format('alter table %s enable row level security', found.name);
    if found.is_ours then
      execute format('grant select, insert, update, delete on %s to service_role', found.name);
      -- Also where it may not bypass row security.
      execute format(
        'create policy machinery on %s to service_role using (true) with check (true)', found.name
      );
    end if;
  end loop;

  -- Functions that act with their owner's rights are granted one by one, below.
  for found in
    select oid::regprocedure as name, prosecdef or prorettype = 'trigger'::regtype as guarded
    from pg_proc
    where pronamespace = 'public'::regnamespace
      and pg_has_role(proowner, 'member')
      and prokind = 'f'
      and not exists (
        select from pg_depend
        where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e'
      )
  loop
    execute format(
      'revoke all on function %s from public, anon, authenticated, service_role', found.name
    );
    execute format('grant execute on function %s to service_role', found.name);
    if not found.guarded then
      execute format('grant execute on function %s to authenticated', found.name);
    end if;
  end loop;
end
$$;

grant usage on schema public to anon, authenticated, service_role;

-- users: one's own row; it is made by ensure_viewer(). Settings are written by change_settings(),
-- here and below.
grant execute on function ensure_viewer() to authenticated;
grant select on users to authenticated;
grant update (name, avatar_url, onboarding) on users to authenticated;
create policy viewer_reads on users for select to authenticated
  using (id = (select viewer_id()));
create policy viewer_writes on users for update to authenticated
  using (id = (select viewer_id()));

-- projects: their maker sees a new one before the membership that the insert makes.
grant execute on function hold_role(uuid[], text[]) to authenticated;
grant select, delete on projects to authenticated;
grant insert (id, user_id, name, aspect_ratio, settings) on projects to authenticated;
grant update (name, aspect_ratio, thumbnail_generation_id) on projects to authenticated;
create policy member_reads on projects for select to authenticated
  using (user_id = (select viewer_id()) or id in (table visible_projects));
create policy owner_makes on projects for insert to authenticated
  with check (user_id = (select viewer_id()));
create policy owner_changes on projects for update to authenticated
  using (id in (table managed_projects));
create policy owner_deletes on projects for delete to authenticated
  using (id in (table managed_projects));

-- project_members: members see one another; owners decide who they are, and all may leave.
grant execute on function
  hold_members(uuid[]), hand_over_project(uuid, uuid), member_profiles(uuid[])
  to authenticated;
grant select, delete on project_members to authenticated;
grant insert (project_id, user_id, role) on project_members to authenticated;
grant update (role) on project_members to authenticated;
create policy member_reads on project_members for select to authenticated
  using (project_id in (table visible_projects));
create policy owner_adds on project_members for insert to authenticated
  with check (project_id in (table managed_projects));
create policy owner_changes on project_members for update to authenticated
  using (project_id in (table managed_projects));
create policy owner_removes on project_members for delete to authenticated
  using (project_id in (table managed_projects));
create policy member_leaves on project_members for delete to authenticated
  using (user_id = (select viewer_id()));

-- project_invitations: owners make and revoke those of their projects; whoever is invited sees and
-- declines theirs. They are accepted by accept_invitation().
grant execute on function
  own_invitations(), accept_invitation(uuid), invitation_details(uuid[])
  to authenticated;
grant select, delete on project_invitations to authenticated;
grant insert (project_id, email, role, invited_by, expires_at) on project_invitations
  to authenticated;
grant update (role, invited_by, expires_at) on project_invitations to authenticated;
create policy owner_or_invited_reads on project_invitations for select to authenticated
  using (
    project_id in (table managed_projects) or id in (select own_invitations())
  );
create policy owner_invites on project_invitations for insert to authenticated
  with check (project_id in (table managed_projects) and invited_by = (select viewer_id()));
create policy owner_invites_anew on project_invitations for update to authenticated
  using (project_id in (table managed_projects))
  with check (project_id in (table managed_projects) and invited_by = (select viewer_id()));
create policy owner_or_invited_deletes on project_invitations for delete to authenticated
  using (
    project_id in (table managed_projects) or id in (select own_invitations())
  );

-- runs
grant select, delete on runs to authenticated;
grant insert (
  id, project_id, name, prompt, model, image_count, status, settings_snapshot, created_at
) on runs to authenticated;
grant update (name, prompt, model, image_count, status) on runs to authenticated;

-- shots
grant select, delete on shots to authenticated;
grant insert (id, project_id, name, position, aspect_ratio, settings, created_at)
  on shots to authenticated;
grant update (name, position, aspect_ratio) on shots to authenticated;

-- generations: the primary variant, the children and the shots are mirrored, never written.
grant execute on function generations_of_shots(uuid[]), search_generations(uuid[], text)
  to authenticated;
grant select, delete on generations to authenticated;
grant insert (
  id, project_id, type, location, thumbnail_url, name, params, tool_type, model, prompt,
  width, height, duration_ms, byte_size, blurhash, starred, run_id, task_id, based_on,
  parent_generation_id, child_order, pair_shot_generation_id, created_at
) on generations to authenticated;
grant update (
  type, location, thumbnail_url, name, params, tool_type, model, prompt,
  width, height, duration_ms, byte_size, blurhash, starred, run_id, based_on,
  parent_generation_id, child_order, pair_shot_generation_id
) on generations to authenticated;

-- generation_variants
grant select, delete on generation_variants to authenticated;
grant insert (
  id, project_id, generation_id, location, thumbnail_url, name, params, variant_type,
  width, height, duration_ms, byte_size, blurhash, is_primary, starred, viewed_at, created_at
) on generation_variants to authenticated;
grant update (
  location, thumbnail_url, name, params, variant_type,
  width, height, duration_ms, byte_size, blurhash, is_primary, starred, viewed_at
) on generation_variants to authenticated;

-- shot_generations
grant select, delete on shot_generations to authenticated;
grant insert (
  id, project_id, shot_id, generation_id, position, timeline_frame, metadata, created_at
) on shot_generations to authenticated;
grant update (generation_id, position, timeline_frame, metadata)
  on shot_generations to authenticated;

do $$
declare
  name text;
begin
  foreach name in array array[
    'runs', 'shots', 'generations', 'generation_variants', 'shot_generations'
  ] loop
    execute format(
      'create policy member_reads on %I for select to authenticated
         using (project_id in (table visible_projects));
       create policy editor_adds on %1$I for insert to authenticated
         with check (project_id in (table writable_projects));
       create policy editor_changes on %1$I for update to authenticated
         using (project_id in (table writable_projects));
       create policy editor_deletes on %1$I for delete to authenticated
         using (project_id in (table writable_projects))',
      name
    );
  end loop;
end
$$;

-- tasks: read by members; only the machinery writes them.
grant select on tasks to authenticated;
create policy member_reads on tasks for select to authenticated
  using (project_id in (table visible_projects));

-- task_types: everybody reads the price list, nobody writes it.
grant select on task_types to authenticated;
create policy everybody_reads on task_types for select to authenticated
  using (true);

-- workers: nothing to see for viewers.

-- tools: everybody reads what they are, nobody writes them.
grant select on tools to authenticated;
create policy everybody_reads on tools for select to authenticated
  using (true);

-- settings_revisions: read by whoever sees the entity; settings are written by change_settings()
-- alone, so that no write goes past its history.
grant execute on function change_settings(jsonb) to authenticated;
grant select on settings_revisions to authenticated;
create policy owner_or_member_reads on settings_revisions for select to authenticated
  using (user_id = (select viewer_id()) or project_id in (table visible_projects));

-- assets: what was uploaded for training is seen by whoever uploaded it alone.
grant select on assets to authenticated;
grant insert (
  id, project_id, uploader, bucket, key, filename, content_type, size, sha256, upload_expires_at
) on assets to authenticated;
grant update (status, error, key, attempts, upload_expires_at) on assets to authenticated;
create policy member_reads on assets for select to authenticated
  using (
    project_id in (table visible_projects)
    and (bucket <> 'training' or uploader = (select viewer_id()))
  );
create policy editor_adds on assets for insert to authenticated
  with check (
    project_id in (table writable_projects) and uploader = (select viewer_id())
  );
create policy editor_changes on assets for update to authenticated
  using (project_id in (table writable_projects));

-- leftover_files: nothing to see for viewers.

-- mutation_results: kept by these, seen by nobody.
grant execute on function begin_mutation(uuid, text), finish_mutation(uuid, jsonb) to authenticated;

-- feed, clocks, ticks, changes, heads: kept by triggers, read by the machinery. A viewer learns
-- where the clocks stand that are theirs to see.
grant execute on function visible_clocks(uuid[]) to authenticated;

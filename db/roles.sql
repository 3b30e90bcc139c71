-- The roles that requests take on, and the login that takes them on: cluster-wide, made once.
do $$
declare
  login text := current_setting('dailies.login');
  password text := nullif(current_setting('dailies.password'), '');
  role_name text;
begin
  foreach role_name in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_roles where rolname = role_name) then
      execute format('create role %I nologin', role_name);
    end if;
  end loop;

  if not exists (select from pg_roles where rolname = 'service_role' and rolbypassrls) then
    begin
      alter role service_role bypassrls;
    exception when insufficient_privilege then
      null;  -- its policies let it through instead
    end;
  end if;

  if not exists (select from pg_roles where rolname = login) then
    if password is null and login <> 'dailies_gateway' then
      raise exception 'role "%" does not exist and no password was given to create it', login
        using errcode = 'undefined_object';
    end if;
    execute format('create role %I login noinherit', login);
    if password is not null then
      execute format('alter role %I password %L', login, password);
    end if;
  end if;

  foreach role_name in array array['anon', 'authenticated', 'service_role'] loop
    if not pg_has_role(login, role_name, 'member') then
      execute format('grant %I to %I', role_name, login);
    end if;
  end loop;

  -- What a login inherits it has without taking on a role, and so without saying for whom.
  if pg_has_role(login, 'service_role', 'usage')
    and not (select rolsuper from pg_roles where rolname = login)
  then
    if current_setting('server_version_num')::integer >= 160000 then
      foreach role_name in array array['anon', 'authenticated', 'service_role'] loop
        execute format('grant %I to %I with inherit false', role_name, login);
      end loop;
    else
      execute format('alter role %I noinherit', login);
    end if;
  end if;
end
$$;

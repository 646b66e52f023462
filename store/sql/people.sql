-- name: scope_to
-- Speak for this branch ('*': all) until the transaction ends.
select set_config('coedi.branch', %(scope)s, true);

-- name: session_by_token
-- Whose session this is, and whether it was left idle too long; notes that it was seen, at most once a minute, unless the page
-- asks by itself.
with found as (
    select s.*, coalesce(%(now)s::timestamptz, clock_timestamp()) as now from whose_session(%(id)s) s
), seen as (
    update console_session c set seen_at = f.now from found f
    where c.id = %(id)s and not %(by_itself)s and f.seen_at < f.now - interval '1 minute'
        and f.seen_at >= f.now - %(idle)s * interval '1 minute'
)
select branch, name, shown, everywhere, skills, roles, started_at, seen_at, ends_at, confirmed_at, pending,
    seen_at < now - %(idle)s * interval '1 minute'
from found where ends_at > now;

-- name: key_by_token
-- Whose key of a program this is; notes that it was used, at most once a minute.
with found as (select * from whose_key(%(id)s)), used as (
    update api_key set used_at = clock_timestamp()
    where id = %(id)s and (used_at is null or used_at < clock_timestamp() - interval '1 minute') and exists (select from found)
)
select branch, name, shown, everywhere, skills, roles, enterprise from found;

-- name: start_session
-- A session of this user, of the same length whatever the browser says.
insert into console_session (id, branch, name, ends_at, pending, address, agent)
values (%(id)s, %(branch)s, %(name)s, clock_timestamp() + %(hours)s * interval '1 hour', %(pending)s, %(address)s, %(agent)s)
returning ends_at;

-- name: end_session
-- End one session; whose it was.
update console_session set ended_at = clock_timestamp(), ended_why = %(why)s where id = %(id)s and ended_at is null
returning branch, name, address;

-- name: end_sessions_of
-- End a user's sessions but one; how many there were.
with ended as (
    update console_session set ended_at = clock_timestamp(), ended_why = %(why)s
    where branch = %(branch)s and name = %(name)s and ended_at is null and id is distinct from %(but)s returning 1
)
select count(*) from ended;

-- name: close_run_out_sessions
-- Put on record that a user's sessions have run out, idle ones and old ones.
update console_session
set ended_at = least(ends_at, seen_at + %(idle)s * interval '1 minute'),
    ended_why = case when ends_at <= seen_at + %(idle)s * interval '1 minute' then 'ten hours' else 'idle' end
where branch = %(branch)s and name = %(name)s and ended_at is null
    and least(ends_at, seen_at + %(idle)s * interval '1 minute') <= clock_timestamp()
returning branch, name, address, ended_why;

-- name: sessions_of
-- A user's sessions that could be used now, the one seen last first.
select id, started_at, seen_at, ends_at, address, agent, pending from console_session
where branch = %(branch)s and name = %(name)s and ended_at is null
    and least(ends_at, seen_at + %(idle)s * interval '1 minute') > clock_timestamp()
order by seen_at desc, id;

-- name: confirm_session
-- The password was given again.
update console_session set confirmed_at = clock_timestamp() where id = %(id)s and ended_at is null;

-- name: set_session_pending
-- What this session's user has to set before anything else; null: nothing more.
update console_session set pending = %(pending)s where id = %(id)s and ended_at is null;

-- name: audit_person
-- Who did what to a user. A connection that speaks for nobody yet speaks for the user's branch.
insert into audit (actor, action, subject, detail, branch)
select %(actor)s, %(action)s, %(subject)s, %(detail)s::jsonb, %(branch)s
where set_config('coedi.branch', case when in_sight(%(branch)s) then current_setting('coedi.branch', true)
    else coalesce(%(branch)s, '*') end, true) is not null;

-- name: user_secrets
-- What a sign-in is compared with, and the database's time.
select password, password_until is not null, coalesce(password_until <= clock_timestamp(), false), totp, totp_confirmed,
    totp_required, totp_step, card, active, extract(epoch from clock_timestamp())::bigint
from console_user where branch = %(branch)s and name = %(name)s;

-- name: console_users
-- Users with their roles and when they signed in last; branch, name null: all that the asker may see.
select u.branch, u.name, u.shown, u.everywhere, u.skills,
    array(select r.role from console_role r where r.branch = u.branch and r.name = u.name order by r.role),
    u.active, u.password is not null, u.password_until, u.totp_confirmed, u.totp_required, u.card is not null,
    u.created_at, u.created_by,
    (select max(s.started_at) from console_session s where s.branch = u.branch and s.name = u.name)
from console_user u
where (%(branch)s::text is null or u.branch = %(branch)s) and (%(name)s::text is null or u.name = %(name)s)
order by u.branch, u.name;

-- name: hold_users_of
-- Changes of a branch's users come one after another, so that the last administrator cannot be lost to a race.
select pg_advisory_xact_lock(hashtext('console_user:' || %(branch)s));

-- name: add_user
-- A new user without a password; no row when the name is taken.
insert into console_user (branch, name, shown, everywhere, skills, totp_required, card, created_by)
values (%(branch)s, %(name)s, %(shown)s, %(everywhere)s, %(skills)s, %(totp_required)s, %(card)s, %(by)s)
on conflict (branch, name) do nothing returning 1;

-- name: give_role
-- Give a role; no row when the user had it.
insert into console_role (branch, name, role, given_by) values (%(branch)s, %(name)s, %(role)s, %(by)s)
on conflict do nothing returning role;

-- name: take_role
-- Take a role away; no row when the user had it not.
delete from console_role where branch = %(branch)s and name = %(name)s and role = %(role)s returning role;

-- name: other_administrators
-- How many others can administer this branch's users by being its own.
select count(*) from console_user u join console_role r on r.branch = u.branch and r.name = u.name and r.role = 'administrator'
where u.branch = %(branch)s and u.name <> %(name)s and u.active;

-- name: set_password
-- A password's hash; hours: it is a one-time password and lasts so long, null: the user's own. Guarded by the hash seen, unless null.
update console_user
set password = %(hash)s, password_until = clock_timestamp() + %(hours)s * interval '1 hour'
where branch = %(branch)s and name = %(name)s and (%(seen)s::text is null or password = %(seen)s) returning 1;

-- name: set_totp
-- A second factor, sealed; null takes it away.
update console_user set totp = %(totp)s, totp_confirmed = %(confirmed)s, totp_step = 0
where branch = %(branch)s and name = %(name)s returning 1;

-- name: confirm_totp
-- The first code was right: the second factor counts from now on.
update console_user set totp_confirmed = true, totp_step = %(step)s
where branch = %(branch)s and name = %(name)s and totp = %(totp)s and not totp_confirmed returning 1;

-- name: use_totp_step
-- A code is used up; no row when it, or a newer one, was used before, or the second factor is another one now.
update console_user set totp_step = %(step)s
where branch = %(branch)s and name = %(name)s and totp = %(totp)s and totp_confirmed and totp_step < %(step)s returning 1;

-- name: user_unchanged
-- Whether the user is active and has the password that was verified; held until the transaction ends.
select 1 from console_user where branch = %(branch)s and name = %(name)s and active and password = %(seen)s
    and (password_until is null or password_until > clock_timestamp()) for update;

-- name: set_user_active
-- Switch a user off or on; no row when he was so already.
update console_user set active = %(active)s where branch = %(branch)s and name = %(name)s and active <> %(active)s returning 1;

-- name: set_user_skills
-- The certificate types that a reviewer is offered; none: all.
update console_user set skills = %(skills)s where branch = %(branch)s and name = %(name)s returning 1;

-- name: sign_in_wait
-- Seconds to wait until these keys are free again, 0: now.
select coalesce(max(ceil(extract(epoch from free_at - clock_timestamp()))), 0)::integer from sign_in_delay
where key = any(%(keys)s) and free_at > clock_timestamp();

-- name: is_known_address
-- Whether this user signed in from this address within 30 days.
select exists (
    select from console_session where branch = %(branch)s and name = %(name)s and address = %(address)s
        and started_at > clock_timestamp() - interval '30 days');

-- name: count_refusal
-- Count one more failure and set the delay that it brings; no row while the key is not free. `patience` failures cost nothing, then
-- 1 s, 2 s, 4 s ... 60 s. An hour of quiet is forgiven.
insert into sign_in_delay as d (key, failures, free_at, at) values (%(key)s, 1, clock_timestamp(), clock_timestamp())
on conflict (key) do update set
    failures = case when d.at < clock_timestamp() - interval '1 hour' then 1 else d.failures + 1 end,
    free_at = clock_timestamp() + case
        when d.at < clock_timestamp() - interval '1 hour' or d.failures + 1 < %(patience)s then interval '0'
        else least(60, power(2, least(d.failures + 1 - %(patience)s, 10))) * interval '1 second' end,
    at = clock_timestamp()
where d.free_at <= clock_timestamp() or %(anyway)s
returning failures;

-- name: forget_delay
-- A success clears the user's delay; what nobody tried for a day goes with it.
delete from sign_in_delay where key = %(key)s or at < clock_timestamp() - interval '1 day';

-- name: forget_delays_of
-- Nobody has to wait any longer to sign in as this user.
delete from sign_in_delay where key = %(key)s or starts_with(key, %(key)s || ' from ');

-- name: add_key
-- A key of a program; when it ends.
insert into api_key (id, label, branch, name, enterprise, created_by, ends_at)
values (%(id)s, %(label)s, %(branch)s, %(name)s, %(enterprise)s, %(by)s, clock_timestamp() + %(days)s * interval '1 day')
returning ends_at;

-- name: keys_of
-- Keys of a user, of an enterprise, or all; the newest first.
select k.id, k.label, k.branch, k.name, k.enterprise, k.created_at, k.created_by, k.ends_at, k.revoked_at, k.used_at
from api_key k
where (%(name)s::text is null or (k.branch = %(branch)s and k.name = %(name)s))
    and (%(enterprise)s::text is null or k.enterprise = %(enterprise)s)
order by k.created_at desc, k.id;

-- name: revoke_key
-- End keys whose id begins so; what they were.
update api_key set revoked_at = clock_timestamp() where encode(id, 'hex') like %(prefix)s || '%%' and revoked_at is null
returning id, label, branch, name, enterprise;

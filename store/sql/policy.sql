-- name: add_policy
-- A review policy that is not shipped; nothing when its version is there already.
insert into review_policy (version, content, actor) values (%(version)s, %(content)s, %(actor)s)
on conflict do nothing returning version;

-- name: stored_policies
-- Policies in the database, with who stored them.
select version, content, at, actor from review_policy order by at, version;

-- name: activate_policy
-- From now on this policy decides in a branch, or in all without one of their own; version null: the built-in one.
insert into review_policy_activation (branch, version, reason, actor)
values (%(branch)s, %(version)s, %(reason)s, %(actor)s);

-- name: policies_in_force
-- The newest activation of each branch, and of all others (null).
select * from (
    select distinct on (branch) branch, version, reason, at, actor from review_policy_activation order by branch, id desc) newest
order by branch nulls first;

-- name: branch_days
-- Days that branches work otherwise than the national calendar says.
select branch, day, open, note, actor, at from branch_day
where (%(branch)s::text is null or branch = %(branch)s) and day >= coalesce(%(since)s::date, '-infinity') order by day, branch;

-- name: set_branch_day
-- A branch, or every branch there is, works or does not work on a day; which branches.
insert into branch_day (branch, day, open, note, actor)
select code, %(day)s, %(open)s, %(note)s, %(actor)s from branch where %(branch)s::text is null or code = %(branch)s
on conflict (branch, day) do update set open = excluded.open, note = excluded.note, actor = excluded.actor, at = clock_timestamp()
returning branch;

-- name: reset_branch_day
-- A branch, or every branch, works on a day as the national calendar says; which branches.
delete from branch_day where day = %(day)s and (%(branch)s::text is null or branch = %(branch)s) returning branch;

-- name: count_auto_reviewed
-- How many certificates auto review decided in a period.
select count(*) from transition t join certificate c on c.id = t.certificate
where t.actor = 'auto-review' and t.at >= %(begin)s and t.at < %(end)s and (%(branch)s::text is null or c.branch = %(branch)s);

-- name: open_auto_reviewed
-- Certificates that auto review decided in a period, each with what it decided on and what it decided: the columns of `cases`
-- as of that version, without the body, then event, time, reasons and policy, and how many certificates the enterprise had then.
declare auto_reviewed no scroll cursor for
select c.id, c.enterprise, c.branch, c.type, c.invoice, m.id, t.version - 1, t.revision, t.source, null::text, null::timestamptz,
    t.previous_hash, c.replaces, c.replacing, m.message_id, m.position, i.id, i.interchange_id, encode(i.sha256, 'hex'), i.exchange,
    null::bytea,
    array(select f from transition o, jsonb_array_elements(o.detail -> 'findings') f
        where o.certificate = t.certificate and o.revision = t.revision and o.version < t.version
            and o.event in ('check-schema', 'pass-rules') order by o.version),
    t.detail ->> 'pack', t.event, t.at, coalesce(t.detail -> 'reasons', '[]'),
    (select count(*) from (select from certificate o where o.enterprise = c.enterprise and o.state = 'ISSUED'
        and o.approved_at < t.at limit %(cap)s) as capped)
from transition t join certificate c on c.id = t.certificate
join message m on m.id = (t.detail ->> 'message')::uuid join interchange i on i.id = m.interchange
where t.actor = 'auto-review' and t.at >= %(begin)s and t.at < %(end)s and (%(branch)s::text is null or c.branch = %(branch)s);

-- name: next_auto_reviewed
-- The next of them; none at the end.
fetch forward 100 from auto_reviewed;

-- name: archived_bodies
-- The bytes of deliveries, as they came.
select id, body from interchange where id = any(%(ids)s::uuid[]);

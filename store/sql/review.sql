-- name: lock_leases
-- How review rows are claimed and what was agreed to, locked in one order so that no claim overtakes what is decided on them.
select t.subject, t.version, t.claimed_by, t.lease_until, t.token, coalesce(t.lease_until > clock_timestamp(), false), t.kind, t.type, t.eyes,
    t.senior, t.assigned_to,
    case when t.eyes > 1 then array(select a.person from approval a where a.certificate = t.certificate and a.version = t.version
        and a.event = 'approve' order by a.at) else '{}' end,
    t.reasons
from review_task t where t.subject = any(%(subjects)s::uuid[]) order by t.subject for update;

-- name: end_leases
-- Nobody holds these any more: a second person may claim them.
update review_task set claimed_by = null, claimed_at = null, lease_until = null where subject = any(%(subjects)s::uuid[]);

-- name: newest_moves
-- Who moved these certificates and filings last.
select distinct on (subject) subject, actor, at, event, state, version from (
    select certificate as subject, actor, at, event, state, version from transition where certificate = any(%(subjects)s::uuid[])
    union all
    select filing, actor, at, event, state, version from filing_transition where filing = any(%(subjects)s::uuid[])) as moves
order by subject, version desc;

-- name: review_place
-- Where something stands in the queue.
select deadline from review_task where subject = %(subject)s;

-- name: agreed
-- How many persons have to agree that certificates become void at their present version, and who did.
select c.id, coalesce(f.eyes, 1),
    array(select a.person from approval a where a.certificate = c.id and a.version = c.version and a.event = 'void' order by a.at)
from certificate c
left join four_eyes f on f.certificate = c.id and f.version = c.version and f.event = 'void'
where c.id = any(%(ids)s::uuid[]);

-- name: voids_waiting
-- Certificates that one person wants to be void and that wait for another to agree, the oldest first.
select c.id, c.version, c.number, c.enterprise, c.branch, c.invoice, f.reason, f.at,
    array(select a.person from approval a where a.certificate = c.id and a.version = c.version and a.event = 'void' order by a.at)
from four_eyes f join certificate c on c.id = f.certificate and c.version = f.version
where f.event = 'void' and c.state = 'ISSUED' and (%(branch)s::text is null or c.branch = %(branch)s)
order by f.at limit %(limit)s;

-- name: free_work_of
-- What somebody held or was given waits for everybody again, under a new token.
update review_task t set claimed_by = null, claimed_at = null, lease_until = null, token = t.token + 1, assigned_to = null
from (select subject from review_task where claimed_by = %(who)s and lease_until > clock_timestamp() or assigned_to = %(who)s
      order by subject for update) held
where t.subject = held.subject returning t.subject;

-- name: review_queue
-- Certificates that wait for a reviewer, the nearest deadline first, with who holds them now.
select t.certificate, t.version, t.enterprise, e.name_zh, t.branch, c.invoice, c.destination, c.revision, t.reasons,
    t.queued_at, t.deadline, live.claimed_by, live.lease_until
from review_task t join certificate c on c.id = t.certificate join enterprise e on e.no = t.enterprise
left join review_task live on live.certificate = t.certificate and live.lease_until > clock_timestamp()
where (%(branch)s::text is null or t.branch = %(branch)s) and (%(holder)s::text is null or live.claimed_by = %(holder)s)
order by t.deadline, t.certificate limit %(limit)s;

-- name: claim_review
-- One certificate, or the next by deadline that nobody holds: leased, under a new token. What another session is claiming at
-- this moment is passed over.
with next as materialized (
    select certificate from review_task
    where (lease_until is null or lease_until <= clock_timestamp() or certificate = %(certificate)s::uuid and claimed_by = %(who)s)
      and (%(certificate)s::uuid is null or certificate = %(certificate)s)
      and (%(branch)s::text is null or branch = %(branch)s)
    order by deadline, certificate limit 1 for update skip locked
)
update review_task t set claimed_by = %(who)s, claimed_at = clock_timestamp(), token = t.token + 1,
    lease_until = clock_timestamp() + make_interval(mins => %(minutes)s)
from next where t.certificate = next.certificate returning t.certificate, t.version, t.claimed_by, t.lease_until, t.token;

-- name: steal_review
-- Take a certificate from whoever holds it, under a new token.
update review_task t set claimed_by = %(who)s, claimed_at = clock_timestamp(), token = t.token + 1,
    lease_until = clock_timestamp() + make_interval(mins => %(minutes)s)
where t.certificate = %(certificate)s and t.token = %(token)s
returning t.certificate, t.version, t.claimed_by, t.lease_until, t.token;

-- name: renew_review
-- A longer lease for the holder, as long as nobody has claimed the row since.
update review_task t set lease_until = clock_timestamp() + make_interval(mins => %(minutes)s)
where t.certificate = %(certificate)s and t.claimed_by = %(who)s and t.token = coalesce(%(token)s::int, t.token)
returning t.certificate, t.version, t.claimed_by, t.lease_until, t.token;

-- name: release_review
-- The holder gives it back.
update review_task t set claimed_by = null, claimed_at = null, lease_until = null
where t.certificate = %(certificate)s and t.claimed_by = %(who)s and t.token = coalesce(%(token)s::int, t.token)
returning t.certificate, t.version, t.claimed_by, t.lease_until, t.token;

-- name: review_claim
-- How a review row is claimed, locked so that no claim overtakes what is decided on it.
select certificate, version, claimed_by, lease_until, token, lease_until > clock_timestamp() from review_task
where certificate = %(certificate)s for update;

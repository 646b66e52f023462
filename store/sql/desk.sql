-- name: review_queue
-- What waits for a person, the nearest deadline first, with who holds it now; after: (deadline, subject) of the last row seen. The
-- page is cut before anything is joined to it.
with page as materialized (
    select * from review_task t
    where (%(branch)s::text is null or t.branch = %(branch)s)
      and (%(kind)s::text is null or t.kind = %(kind)s)
      and (%(types)s::text[] = '{}' or t.type = any(%(types)s::text[]))
      and (%(enterprise)s::text is null or t.enterprise = %(enterprise)s)
      and (%(holder)s::text is null or t.claimed_by = %(holder)s and t.lease_until > clock_timestamp())
      and (not %(unclaimed)s::bool or t.lease_until is null or t.lease_until <= clock_timestamp())
      and (not %(overdue)s::bool or t.deadline < clock_timestamp())
      and (%(reason)s::text is null or exists (
          select from jsonb_array_elements_text(t.reasons) r where split_part(r, ':', 1) = %(reason)s))
      and (%(deadline)s::timestamptz is null or (t.deadline, t.subject) > (%(deadline)s::timestamptz, %(subject)s::uuid))
    order by t.deadline, t.subject limit %(limit)s
)
select t.subject, t.kind, t.type, t.version, t.enterprise, e.name_zh, t.branch, coalesce(c.invoice, '') as invoice,
    coalesce(c.destination, '') as destination, coalesce(c.revision, f.revision) as revision,
    coalesce(f.content ->> 'name_en', '') as goods, t.reasons, t.queued_at, t.deadline,
    case when t.lease_until > clock_timestamp() then t.claimed_by end as claimed_by,
    case when t.lease_until > clock_timestamp() then t.lease_until end as lease_until, t.token, t.eyes,
    case when t.eyes > 1 then array(select a.person from approval a where a.certificate = t.certificate and a.version = t.version
        and a.event = 'approve' order by a.at) else '{}' end as approved_by,
    t.senior, t.assigned_to, t.referred_by, t.remark
from page t
join enterprise e on e.no = t.enterprise
left join certificate c on c.id = t.certificate
left join filing f on f.id = t.filing
order by t.deadline, t.subject;

-- name: claim_next
-- The next by deadline that nobody holds and that this person may decide, leased under a new token. What another session is
-- claiming at this moment is passed over, and so is what this person approved already or handed on. It goes on record.
with next as materialized (
    select subject from review_task t
    where (lease_until is null or lease_until <= clock_timestamp()) and kind = %(kind)s
      and (%(branch)s::text is null or branch = %(branch)s)
      and (%(types)s::text[] = '{}' or type = any(%(types)s::text[]))
      and (assigned_to is null or assigned_to = %(who)s)
      and (%(senior)s::bool or not senior or assigned_to = %(who)s)
      and (referred_by is null or referred_by <> %(who)s)
      and (eyes = 1 or not exists (select from approval a where a.certificate = t.certificate and a.version = t.version and a.event = 'approve'
          and a.person = %(who)s))
    order by deadline, subject limit 1 for update skip locked
), claimed as (
    update review_task t set claimed_by = %(who)s, claimed_at = clock_timestamp(), token = t.token + 1,
        lease_until = clock_timestamp() + make_interval(mins => %(minutes)s)
    from next where t.subject = next.subject returning t.subject, t.version, t.claimed_by, t.lease_until, t.token
), noted as (
    insert into audit (actor, action, subject, detail)
    select 'reviewer:' || %(who)s, 'review claim', subject, jsonb_build_object('version', version, 'token', token) from claimed
)
select subject, version, claimed_by, lease_until, token from claimed;

-- name: claim_review
-- This one, for this person, under a new token; the caller holds the row and has looked at who may.
update review_task t set claimed_by = %(who)s, claimed_at = clock_timestamp(), token = t.token + 1,
    lease_until = clock_timestamp() + make_interval(mins => %(minutes)s),
    assigned_to = case when assigned_to = %(who)s then assigned_to end
where t.subject = %(subject)s returning t.subject, t.version, t.claimed_by, t.lease_until, t.token;

-- name: renew_review
-- A longer lease for the holder, as long as nobody has claimed the row since.
update review_task t set lease_until = clock_timestamp() + make_interval(mins => %(minutes)s)
where t.subject = %(subject)s and t.claimed_by = %(who)s and t.token = coalesce(%(token)s::int, t.token)
returning t.subject, t.version, t.claimed_by, t.lease_until, t.token;

-- name: release_review
-- The holder gives it back.
update review_task t set claimed_by = null, claimed_at = null, lease_until = null
where t.subject = %(subject)s and t.claimed_by = %(who)s and t.token = coalesce(%(token)s::int, t.token)
returning t.subject, t.version, t.claimed_by, t.lease_until, t.token;

-- name: hand_on_review
-- To a person, or to whoever may: any lease ends, and what was seen under it decides no more.
update review_task t set claimed_by = null, claimed_at = null, lease_until = null, token = t.token + 1,
    assigned_to = %(assigned_to)s, senior = t.senior or %(senior)s::bool, referred_by = coalesce(%(referred_by)s, t.referred_by),
    remark = coalesce(%(remark)s, t.remark)
where t.subject = %(subject)s returning t.subject, t.version, t.claimed_by, t.lease_until, t.token;

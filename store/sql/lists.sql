-- name: review_list
-- What waits for a person, the nearest deadline first (or the farthest, to page backwards), as lists show it.
with chosen as materialized (
    select t.* from review_task t
    where (%(branch)s = '*' or t.branch = %(branch)s)
      and t.kind = any(%(kinds)s::text[])
      and (%(types)s::text[] = '{}' or t.type = any(%(types)s::text[]))
      and (%(enterprises)s::text[] is null or t.enterprise = any(%(enterprises)s::text[]))
      and (%(holder)s::text is null or t.claimed_by = %(holder)s and t.lease_until > clock_timestamp())
      and (not %(free)s::bool or (t.lease_until is null or t.lease_until <= clock_timestamp())
          and coalesce(t.assigned_to, %(who)s) = %(who)s)
      and (not %(held)s::bool or t.lease_until > clock_timestamp())
      and (%(assigned)s::text is null or t.assigned_to = %(assigned)s)
      and (not %(overdue)s::bool or t.deadline < clock_timestamp())
      and (%(reason)s::text is null or exists (
          select from jsonb_array_elements_text(t.reasons) r where split_part(r, ':', 1) = %(reason)s))
      and (%(words)s = '' or exists (
          select from certificate_in_sight c where c.id = t.certificate and c.words @@ %(words)s::tsquery))
      and (%(at)s::uuid is null or case when %(back)s then (t.deadline, t.subject) < (%(deadline)s::timestamptz, %(at)s::uuid)
          else (t.deadline, t.subject) > (%(deadline)s::timestamptz, %(at)s::uuid) end)
      and (%(subjects)s::uuid[] is null or t.subject = any(%(subjects)s::uuid[]))
    order by case when not %(back)s then t.deadline end, case when %(back)s then t.deadline end desc,
        case when not %(back)s then t.subject end, case when %(back)s then t.subject end desc
    limit %(limit)s
)
select t.subject, t.kind, t.version, t.branch, t.enterprise, coalesce(e.name_zh, ''), t.type, coalesce(c.invoice, f.number, '') as invoice,
    coalesce(c.destination, '') as destination, coalesce(c.consignee, f.content ->> 'name_en', '') as about, coalesce(c.small, false),
    coalesce(c.state, f.state), coalesce(c.revision, f.revision), t.reasons, t.queued_at, t.deadline, t.deadline < clock_timestamp(),
    case when t.lease_until > clock_timestamp() then t.claimed_by end,
    case when t.lease_until > clock_timestamp() then t.lease_until end,
    t.token, t.eyes, t.senior, t.assigned_to, t.referred_by, t.remark
from chosen t
left join enterprise e on e.no = t.enterprise
left join certificate_in_sight c on c.id = t.certificate
left join filing f on f.id = t.filing
order by case when not %(back)s then t.deadline end, case when %(back)s then t.deadline end desc,
    case when not %(back)s then t.subject end, case when %(back)s then t.subject end desc;

-- name: menu_counts
-- The numbers beside the menu, each counted up to `most`: what is received and not decided, what waits for review, for the
-- printer, for a registrar (goods filings, registrations), and tickets of messages that could not be handled.
select
    (select count(*) from (select from certificate_in_sight where (%(branch)s = '*' or branch = %(branch)s)
        and state in ('RECEIVED', 'SCHEMA_CHECKED', 'RULES_CHECKED') limit %(most)s) x),
    (select count(*) from (select from review_task where (%(branch)s = '*' or branch = %(branch)s)
        and kind = 'certificate' limit %(most)s) x),
    (select count(*) from (select from certificate_in_sight where (%(branch)s = '*' or branch = %(branch)s)
        and state = 'AWAIT_PRINT' limit %(most)s) x),
    (select count(*) from (select from review_task where (%(branch)s = '*' or branch = %(branch)s) and kind = 'goods' limit %(most)s) x),
    (select count(*) from (select from review_task where (%(branch)s = '*' or branch = %(branch)s)
        and kind = 'registration' limit %(most)s) x),
    (select count(*) from (select from parked where disposition is null
        and (%(branch)s = '*' or enterprise = %(branch)s or exists (
            select from enterprise e where e.no = parked.enterprise and e.branch = %(branch)s)) limit %(most)s) x);

-- name: today_counts
-- What happened since the day began, each counted up to `most`: received; approved, returned and made void, looked for among the
-- newest `depth` certificates of the states that they are in now.
select
    (select count(*) from (select from certificate_in_sight where (%(branch)s = '*' or branch = %(branch)s)
        and id >= %(first)s::uuid limit %(most)s) x),
    (select count(*) from (
            (select approved_at from certificate_in_sight c where (%(branch)s = '*' or c.branch = %(branch)s) and c.state = 'APPROVED'
                order by c.id desc limit %(depth)s)
            union all
            (select approved_at from certificate_in_sight c where (%(branch)s = '*' or c.branch = %(branch)s) and c.state = 'AWAIT_PRINT'
                order by c.id desc limit %(depth)s)
            union all
            (select approved_at from certificate_in_sight c where (%(branch)s = '*' or c.branch = %(branch)s) and c.state = 'ISSUED'
                order by c.id desc limit %(depth)s)
        ) x where approved_at >= %(begin)s::timestamptz),
    (select count(*) from (
        select changed_at as at from certificate_in_sight c where (%(branch)s = '*' or c.branch = %(branch)s) and c.state = 'RETURNED'
        order by c.id desc limit %(depth)s) x where at >= %(begin)s::timestamptz),
    (select count(*) from (
        select changed_at as at from certificate_in_sight c where (%(branch)s = '*' or c.branch = %(branch)s) and c.state = 'VOID'
        order by c.id desc limit %(depth)s) x where at >= %(begin)s::timestamptz);

-- name: desk_counts
-- The queue to review as one person sees it: the oldest, how many are overdue, how many the person holds; overdue ones up to `most`.
select
    (select min(queued_at) from (select queued_at from review_task where (%(branch)s = '*' or branch = %(branch)s)
        and kind = 'certificate' order by deadline limit %(most)s) x),
    (select count(*) from (select from review_task where (%(branch)s = '*' or branch = %(branch)s) and kind = 'certificate'
        and deadline < clock_timestamp() limit %(most)s) x),
    (select count(*) from review_task where (%(branch)s = '*' or branch = %(branch)s) and kind = 'certificate'
        and claimed_by = %(who)s and lease_until > clock_timestamp());

-- name: enterprises_known
-- Names of enterprises by number.
select no, name_zh, name_en from enterprise where no = any(%(enterprises)s::text[]) and (%(branch)s = '*' or branch = %(branch)s);

-- name: branch_people
-- Who may be given something to review: active reviewers of a branch.
select distinct u.branch || '/' || u.name, u.shown from console_user u join console_role r on r.branch = u.branch and r.name = u.name
where (%(branch)s = '*' or u.branch = %(branch)s) and u.active and r.role in ('reviewer', 'senior-reviewer')
order by 1 limit 200;

-- name: certificate_face
-- A certificate as its page shows it, with where its content came from.
select c.id, c.branch, b.name_zh, b.name_en, c.enterprise, e.name_zh, e.name_en, c.type, c.invoice, c.invoice_date, c.number, c.state,
    c.version, c.revision, c.exporter, c.consignee, c.destination, c.amount, c.currency, c.signatory, c.hs, c.small, c.created_at,
    c.approved_at, c.changed_at, c.replaces, o.number, c.replacing,
    array(select a.person from approval a where a.certificate = c.id and a.version = c.version and a.event = 'void' order by a.at),
    (select f.eyes from four_eyes f where f.certificate = c.id and f.version = c.version and f.event = 'void')
from certificate_in_sight c join branch b on b.code = c.branch join enterprise e on e.no = c.enterprise
left join certificate_in_sight o on o.id = c.replaces
where c.id = %(id)s and (%(branch)s = '*' or c.branch = %(branch)s);

-- name: replacements_of
-- Certificates that were asked for in place of another one.
select id, number, state, replacing from certificate_in_sight
where replaces = %(id)s and (%(branch)s = '*' or branch = %(branch)s) order by id;

-- name: paper_of
-- Forms that a certificate was printed on, and those that were spoiled for it.
select stock, serial, status, reason, actor, at from form_serial
where certificate = %(id)s and (%(branch)s = '*' or branch = %(branch)s) order by at, serial;

-- name: prints_of
-- Print reports of a certificate.
select copies, serial, printer, reported_by, at from print_report where certificate = %(id)s order by at;

-- name: corrections_of
-- Form serials of a certificate that were corrected.
select old, new, reason, actor, at from serial_correction where certificate = %(id)s order by at;

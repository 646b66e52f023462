-- name: desk_certificate
-- What the desk says of one certificate in sight: its row, its enterprise, what the branch prints, how it waits for a person, which
-- messages brought this content, the one before and that of the certificate it stands for.
select c.id, c.number, c.enterprise, e.name_zh, e.name_en, e.active, c.branch, c.type, c.invoice, c.state, c.version, c.revision,
    c.created_at, c.approved_at, c.changed_at, c.replaces, o.number, c.replacing, c.message,
    (select (x.detail ->> 'message')::uuid from transition x where x.certificate = c.id and x.revision = c.revision - 1
        order by x.version desc limit 1),
    o.message, o.state, (select r.id from certificate r where r.replaces = c.id order by r.id desc limit 1),
    b.name_en, b.place, b.contact, clock_timestamp(),
    t.version, t.reasons, t.queued_at, t.deadline, case when t.lease_until > clock_timestamp() then t.claimed_by end,
    t.lease_until, t.claimed_by, t.token, t.eyes, t.senior, t.assigned_to, t.referred_by, t.remark,
    array(select a.person from approval a where a.certificate = c.id and a.version = c.version and a.event = 'approve' order by a.at)
from certificate c
join enterprise e on e.no = c.enterprise
join branch b on b.code = c.branch
left join review_task t on t.certificate = c.id
left join certificate o on o.id = c.replaces
where c.id = %(id)s and (%(branch)s = '*' or c.branch = %(branch)s);

-- name: desk_branch
-- Whose a certificate in sight is.
select c.branch from certificate c where c.id = %(id)s and (%(branch)s = '*' or c.branch = %(branch)s);

-- name: desk_type
-- Of which type a certificate is, and to whom it was assigned.
select c.type, t.assigned_to from certificate c left join review_task t on t.certificate = c.id where c.id = %(id)s;

-- name: desk_contents
-- Archived deliveries in which these messages came, with the place of each.
select m.id, m.position, i.id, i.body from message m join interchange i on i.id = m.interchange where m.id = any(%(messages)s::uuid[]);

-- name: desk_history
-- The life of a certificate, each line with its receipt and the destinations it still waits for.
select t.version, t.revision, t.at, t.actor, t.event, t.source, t.state, t.detail, r.code, r.feed_no,
    array(select o.destination from outbox o where o.receipt = r.id order by o.id),
    (select max(o.refusals) from outbox o where o.receipt = r.id)
from transition t join receipt r on r.id = t.receipt where t.certificate = %(id)s order by t.version;

-- name: desk_exporter
-- The newest certificates of an enterprise, counted by month of creation and state, and the newest that went back, with why.
with newest as materialized (
    select c.id, c.state, c.invoice, c.version, date_trunc('month', c.created_at at time zone 'Asia/Shanghai')::date as month
    from certificate c where c.enterprise = %(enterprise)s and (%(branch)s = '*' or c.branch = %(branch)s) and c.id <> %(id)s
    order by c.enterprise desc, c.id desc limit %(cap)s)
select
    (select jsonb_agg(jsonb_build_array(month, state, n)) from (select month, state, count(*) as n from newest group by 1, 2) counted),
    (select jsonb_agg(jsonb_build_array(b.id, b.invoice, t.at, t.detail -> 'reasons', t.detail -> 'findings') order by b.id desc)
        from (select * from newest where state = 'RETURNED' order by id desc limit %(returned)s) b
        join transition t on t.certificate = b.id and t.version = b.version);

-- name: desk_filings
-- Goods filings of an enterprise by number.
select f.number, f.id, f.state, f.hs6, f.content ->> 'name_en', f.content ->> 'criterion', f.valid_to
from filing f where f.enterprise = %(enterprise)s and f.number = any(%(numbers)s::text[]) order by f.number;

-- name: desk_colleagues
-- Who reviews in a branch.
select u.branch || '/' || u.name, u.shown, bool_or(r.role = 'senior-reviewer'), u.skills
from console_user u join console_role r using (branch, name)
where u.branch = %(branch)s and u.active and r.role in ('reviewer', 'senior-reviewer')
group by u.branch, u.name order by u.branch, u.name limit 200;

-- name: desk_queue
-- How many certificates wait in sight, how many of them this person holds, and since when the oldest waits.
select count(*), count(*) filter (where claimed_by = %(who)s and lease_until > clock_timestamp()), min(queued_at),
    count(*) filter (where deadline < clock_timestamp())
from (select claimed_by, lease_until, queued_at, deadline from review_task
    where kind = 'certificate' and (%(branch)s = '*' or branch = %(branch)s) limit 10000) waiting;

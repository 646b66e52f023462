-- name: sample_minute
-- The minute whose sample is due, by the database's clock, and whether somebody took it. A few seconds late: what is under way commits.
with due as (select date_trunc('minute', clock_timestamp() - interval '5 seconds') as at)
select at, exists (select from stage_sample s where s.branch = '' and s.stage = 'relay' and s.at = due.at) from due;

-- name: sample_stages
-- One sample of every stage and branch with anything to say, of all branches together, and of the processes. What is there stays.
with moved as (
    select c.branch, s.stage, count(*)::int as passed
    from transition t join certificate c on c.id = t.certificate
    cross join lateral (values
        (case when t.state = 'RECEIVED' then 'intake' end),
        (case t.source when 'RECEIVED' then 'schema-check' when 'SCHEMA_CHECKED' then 'rule-check' when 'RULES_CHECKED' then 'auto-review'
            when 'PENDING_REVIEW' then 'review' when 'AWAIT_PRINT' then 'print'
            when 'APPROVED' then case when t.state = 'ISSUED' then 'print' end end),
        (case when t.state = 'ISSUED' then 'issued' end)) as s (stage)
    where t.at >= %(at)s::timestamptz - interval '1 minute' and t.at < %(at)s::timestamptz and s.stage is not null
    group by c.branch, s.stage
    union all
    select f.branch, 'review', count(*)::int from filing_transition t join filing f on f.id = t.filing
    where t.at >= %(at)s::timestamptz - interval '1 minute' and t.at < %(at)s::timestamptz and t.source = 'PENDING_REVIEW'
    group by f.branch
), stood as (
    select c.branch, w.stage, count(*)::int as waiting, min(c.changed_at) as since
    from work_order w join certificate c on c.id = w.certificate group by c.branch, w.stage
    union all
    select branch, 'review', count(*)::int, min(queued_at) from review_task group by branch
    union all
    select branch, 'print', count(*)::int, min(changed_at) from certificate where state = 'AWAIT_PRINT' group by branch
), found as (
    select branch, stage, 0 as waiting, 0 as oldest, passed from moved
    union all
    select branch, stage, waiting, greatest(0, extract(epoch from clock_timestamp() - since))::int, 0 from stood
)
insert into stage_sample (branch, stage, at, waiting, oldest, passed)
select coalesce(branch, '*'), stage, %(at)s, sum(waiting), max(oldest), sum(passed)
from found group by grouping sets ((branch, stage), (stage))
union all
select '', stage, %(at)s, waiting, 0, 0 from (values ('relay', %(relays)s), ('work', %(workers)s), ('intake', %(inbox)s)) as alive (stage, waiting)
where waiting is not null
on conflict do nothing;

-- name: processes
-- (relays, workers) connected to this database: sessions that send, by the locks they hold; those called otherwise are workers.
select count(*) filter (where a.application_name = 'coedi relay')::int,
    count(*) filter (where a.application_name is distinct from 'coedi relay')::int
from (select distinct pid from pg_locks where locktype = 'advisory' and classid = %(lock)s::oid and objsubid = 2 and granted
    and database = (select oid from pg_database where datname = current_database())) held
left join pg_stat_activity a on a.pid = held.pid;

-- name: forget_samples
-- Samples are kept for two days.
delete from stage_sample where at < clock_timestamp() - interval '48 hours';

-- name: recent_samples
-- The last hour, minute by minute; the database's time beside it.
select stage, branch = '', at, waiting, oldest, passed, clock_timestamp() from stage_sample
where branch in (%(branch)s, '') and at > clock_timestamp() - interval '61 minutes' order by at;

-- name: passed_today
-- How many passed a stage since midnight in Shanghai, as sampled.
select coalesce(sum(passed), 0)::int from stage_sample
where branch = %(branch)s and stage = %(stage)s
    and at >= date_trunc('day', clock_timestamp() at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai';

-- name: stages_now
-- What waits at each stage at this moment, and since when the oldest does.
select stage, sum(waiting)::int, extract(epoch from clock_timestamp() - min(since))::int from (
    select coalesce(waits_for, 'print') as stage, count(*) as waiting, min(changed_at) as since from certificate
    where state in ('RECEIVED', 'SCHEMA_CHECKED', 'RULES_CHECKED', 'APPROVED', 'AWAIT_PRINT')
        and (%(branch)s = '*' or branch = %(branch)s)
    group by 1
    union all
    select 'review', count(*), min(queued_at) from review_task where (%(branch)s = '*' or branch = %(branch)s) having count(*) > 0
) as waiting group by stage;

-- name: parked_groups_of
-- Open tickets by what they failed of, the largest group first, with how many came in each of the last 24 hours (oldest hour first).
with open as (
    select p.* from parked p where p.disposition is null and (%(branch)s = '*' or p.enterprise = %(branch)s
        or p.enterprise in (select e.no from enterprise e where e.branch = %(branch)s))
), largest as (
    select fingerprint, count(*)::int as count, min(at) as first, max(at) as last, (array_agg(error order by at desc))[1] as error,
        array_agg(distinct source) as sources, count(distinct enterprise)::int as enterprises
    from open group by fingerprint order by count(*) desc, fingerprint limit 50
)
select l.*, array(
    select (select count(*)::int from open o where o.fingerprint = l.fingerprint
        and o.at > clock_timestamp() - (h + 1) * interval '1 hour' and o.at <= clock_timestamp() - h * interval '1 hour')
    from generate_series(23, 0, -1) as h)
from largest l order by l.count desc, l.fingerprint;

-- name: parked_page
-- A page of tickets, the newest first, before a place in the order; only open ones unless all are asked for.
select p.id, p.source, p.enterprise, p.certificate, p.stage, p.error, p.fingerprint, p.tries, p.at, p.disposition, p.disposed_by
from parked p
where (%(all)s or p.disposition is null) and (%(fingerprint)s::text is null or p.fingerprint = %(fingerprint)s)
    and (%(before)s::uuid is null or (p.at, p.id) < (select q.at, q.id from parked q where q.id = %(before)s::uuid))
    and (%(branch)s = '*' or p.enterprise = %(branch)s or p.enterprise in (select e.no from enterprise e where e.branch = %(branch)s))
order by p.at desc, p.id desc limit %(limit)s;

-- name: parked_ticket
-- One ticket of a branch, with what its certificate is now.
select p.id, p.key, p.source, p.exchange, p.enterprise, encode(p.sha256, 'hex'), length(p.body), p.certificate, p.version,
    p.stage, p.error, p.traceback, p.fingerprint, p.tries, p.at, p.disposition, p.disposed_by, p.disposed_at, c.state, c.version,
    substring(p.body for %(most)s)
from parked p left join certificate c on c.id = p.certificate
where p.id = %(id)s and (%(branch)s = '*' or p.enterprise = %(branch)s
    or p.enterprise in (select e.no from enterprise e where e.branch = %(branch)s));

-- name: stuck
-- Certificates that wait longer than their state allows, or whose work order was set aside; the longest first.
select c.id, c.branch, c.enterprise, c.invoice, c.number, c.state, c.changed_at, w.stage, w.parked, w.resent
from work_order w join certificate c on c.id = w.certificate
where (w.parked or w.overdue_at is null or w.overdue_at <= clock_timestamp()) and (%(branch)s = '*' or c.branch = %(branch)s)
union all
select c.id, c.branch, c.enterprise, c.invoice, c.number, c.state, c.changed_at, 'print', false, 0 from certificate c
where c.state = 'AWAIT_PRINT' and c.changed_at < clock_timestamp() - %(patience)s * interval '1 minute'
    and (%(branch)s = '*' or c.branch = %(branch)s)
order by 7, 1 limit %(limit)s;

-- name: unsent
-- Receipts still to be sent, by destination: how many (counted up to a cap), the oldest, how many a full queue refused.
with unsent as (
    select o.destination, o.receipt, o.refusals, o.id from outbox o
    where o.kind = 'receipt' and (%(branch)s = '*' or o.address = %(branch)s
        or o.address in (select e.no from enterprise e where e.branch = %(branch)s))
    order by o.id limit %(cap)s
)
select u.destination, count(*)::int, count(*) filter (where u.refusals > 0)::int,
    (select r.at from receipt r where r.id = (array_agg(u.receipt order by u.id))[1])
from unsent u group by u.destination order by u.destination;

-- name: refused_queues
-- Whose queues are full: they refused receipts, which are tried again.
select o.destination, o.address, count(*)::int, max(o.refusals), min(o.retry_at) from outbox o
where o.kind = 'receipt' and o.refusals > 0 and (%(branch)s = '*' or o.address = %(branch)s
    or o.address in (select e.no from enterprise e where e.branch = %(branch)s))
group by o.destination, o.address order by count(*) desc, o.address limit 20;

-- name: replays_of
-- The newest replay plans that touch a branch's certificates, with their lines by state.
select p.id, p.at, p.actor, p.reason, p.run_by, p.run_at, count(*) filter (where i.state = 'planned')::int,
    count(*) filter (where i.state = 'done')::int, count(*) filter (where i.state = 'skipped')::int,
    count(*) filter (where i.state = 'failed')::int
from (select * from replay_plan order by at desc limit 20) p join replay_item i on i.plan = p.id
where %(branch)s = '*' or exists (
    select from replay_item own join certificate c on c.id = own.subject where own.plan = p.id and c.branch = %(branch)s)
group by p.id, p.at, p.actor, p.reason, p.run_by, p.run_at order by p.at desc limit 10;

-- name: database_health
-- Version, connections in use and at most, and the database's time.
select current_setting('server_version'), (select count(*)::int from pg_stat_activity where datid is not null),
    current_setting('max_connections')::int, clock_timestamp();

-- name: answers
-- Whether the database answers.
select 1;

-- name: newest_checkpoint
-- When the newest checkpoint was noted; only head office sees these lines.
select at, (detail ->> 'line')::int from audit where actor = 'checkpoint' order by id desc limit 1;

-- name: audit_page
-- A page of the audit of a branch, the newest first, before an id; texts match where they occur.
select a.id, a.at, a.actor, a.action, a.subject, a.branch, a.detail from audit a
where (%(branch)s = '*' or a.branch = %(branch)s)
    and (%(before)s::bigint is null or a.id < %(before)s::bigint)
    and (%(since)s::timestamptz is null or a.at >= %(since)s) and (%(until)s::timestamptz is null or a.at < %(until)s)
    and (%(who)s::text is null or position(lower(%(who)s) in lower(a.actor)) > 0)
    and (%(action)s::text is null or position(lower(%(action)s) in lower(a.action)) > 0)
    and (%(subject)s::text is null or position(lower(%(subject)s) in lower(a.subject)) > 0)
order by a.id desc limit %(limit)s;

-- name: own_receipt
-- One receipt of an enterprise.
select body from receipt where id = %(id)s and enterprise = %(enterprise)s;

-- name: own_document
-- The hash of a finished document of an enterprise.
select encode(d.sha256, 'hex') from document d join certificate c on c.id = d.certificate
where d.name = %(name)s and c.enterprise = %(enterprise)s and c.state in ('ISSUED', 'SUPERSEDED', 'VOID');

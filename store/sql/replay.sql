-- name: replay_certificates
-- Certificates that a plan may choose from, with what they would keep and who moved them last.
select c.id, c.version, c.state, c.invoice, c.number,
    exists (select from document d where d.certificate = c.id),
    (select t.actor from transition t where t.certificate = c.id and t.version = c.version)
from certificate c
where (%(states)s::text[] is null or c.state = any(%(states)s::text[]))
  and (%(enterprise)s::text is null or c.enterprise = %(enterprise)s)
  and (%(invoice)s::text is null or c.invoice = %(invoice)s)
  and (%(since)s::timestamptz is null or c.changed_at >= %(since)s)
  and (%(until)s::timestamptz is null or c.changed_at < %(until)s)
  and (%(finding)s::text is null or exists (
      select from transition t, jsonb_array_elements(t.detail -> 'findings') f
      where t.certificate = c.id and t.revision = c.revision and f ->> 'code' = %(finding)s))
order by c.changed_at, c.id;

-- name: replay_tickets
-- Open tickets that a plan may choose from.
select p.id, p.source, p.exchange, p.enterprise, p.error, p.certificate, p.version, p.stage, c.state, c.number
from parked p left join certificate c on c.id = p.certificate
where p.disposition is null
  and (%(enterprise)s::text is null or p.enterprise = %(enterprise)s)
  and (%(finding)s::text is null or p.fingerprint = %(finding)s)
  and (%(since)s::timestamptz is null or p.at >= %(since)s)
  and (%(until)s::timestamptz is null or p.at < %(until)s)
order by p.at, p.id;

-- name: replay_refused
-- Deliveries that a gate refused as a whole, which a plan may choose from.
select id, exchange, refusal, interchange_id from interchange
where refusal is not null and refusal <> all(%(unread)s::text[]) and enterprise is not null
  and (%(enterprise)s::text is null or enterprise = %(enterprise)s)
  and (%(finding)s::text is null or refusal = %(finding)s)
  and (%(since)s::timestamptz is null or received_at >= %(since)s)
  and (%(until)s::timestamptz is null or received_at < %(until)s)
order by received_at, id;

-- name: archived_body
-- A delivery's exchange and bytes as they came.
select exchange, body from interchange where id = %(id)s;

-- name: add_plan
-- A plan, frozen.
insert into replay_plan (id, actor, filters, sha256) values (%(id)s, %(actor)s, %(filters)s::jsonb, %(sha256)s);

-- name: add_item
-- One line of a plan.
insert into replay_item (plan, position, kind, subject, name, version, old, predicted, codes, kept, state, became)
values (%(plan)s, %(position)s, %(kind)s, %(subject)s, %(name)s, %(version)s, %(old)s, %(predicted)s, %(codes)s::text[],
    %(kept)s::text[], %(state)s, %(became)s);

-- name: plan_row
-- One plan by its id or the beginning of it.
select id, at, actor, filters, encode(sha256, 'hex'), run_by, reason, run_at from replay_plan
where id::text like %(id)s || '%%' order by id limit 2;

-- name: plans
-- All plans, the newest first, with how far they are.
select p.id, p.at, p.actor, p.filters, encode(p.sha256, 'hex'), p.run_by, p.reason, p.run_at,
    count(*) filter (where i.state = 'planned'), count(*) filter (where i.state = 'done'),
    count(*) filter (where i.state = 'skipped'), count(*) filter (where i.state = 'failed')
from replay_plan p left join replay_item i on i.plan = p.id
group by p.id order by p.at desc limit %(limit)s;

-- name: plan_items
-- The lines of a plan, in order.
select position, kind, subject, name, version, old, predicted, codes, kept, state, became, at
from replay_item where plan = %(plan)s order by position;

-- name: start_plan
-- The first run of a plan, on record.
update replay_plan set run_by = %(actor)s, reason = %(reason)s, run_at = clock_timestamp()
where id = %(plan)s and run_by is null;

-- name: settle_item
-- What became of a planned line, once.
update replay_item set state = %(state)s, became = %(became)s, at = clock_timestamp()
where plan = %(plan)s and position = %(position)s and state = 'planned' returning position;

-- name: try_replay
-- One process runs a plan at a time; the lock ends with its session.
select pg_try_advisory_lock(%(lock)s, hashtext(%(plan)s::text));

-- name: end_replay
-- The plan may be run by others again.
select pg_advisory_unlock(%(lock)s, hashtext(%(plan)s::text));

-- name: archived_delivery
-- The archive's row of a delivery, with how many of its messages have no verdict.
select id, refusal, open from interchange where exchange = %(exchange)s and sha256 = %(sha256)s;

-- name: open_archived
-- A delivery that was set aside unread counts its messages after all, once.
update interchange set enterprise = %(enterprise)s, branch = %(branch)s, interchange_id = %(interchange_id)s, refusal = null,
    total = %(total)s, open = %(total)s
where id = %(id)s and total = 0 and refusal = any(%(unread)s::text[]) returning id;

-- name: unpark_order
-- A work order that was set aside may be announced again.
update work_order set parked = false, due_at = clock_timestamp() + interval '1 minute'
where certificate = %(certificate)s and version = %(version)s and stage = %(stage)s and parked returning certificate;

-- name: known_interchanges
-- Deliveries we have already, with the positions of the messages that were handled.
select i.exchange, encode(i.sha256, 'hex'), i.id, i.refusal, i.total, array(select position from message m where m.interchange = i.id)
from interchange i join unnest(%(exchange)s::text[], %(sha256)s::bytea[]) as n (exchange, sha256) using (exchange, sha256);

-- name: known_messages
-- Who used these message ids first.
select enterprise, message_id, message, encode(digest, 'hex') from inbox
join unnest(%(enterprise)s::text[], %(message_id)s::text[]) as n (enterprise, message_id) using (enterprise, message_id);

-- name: invoice_holders
-- The live certificate of each invoice, and the returned one that a new application would revise.
select n.enterprise, n.invoice, live.certificate, held.state,
    back.id, back.branch, back.type, back.message, back.version, back.revision, back.state, back.number, back.approved_at, back.head,
    back.replaces, back.replacing
from unnest(%(enterprise)s::text[], %(invoice)s::text[]) as n (enterprise, invoice)
left join live_invoice live using (enterprise, invoice)
left join certificate held on held.id = live.certificate
left join lateral (
    select * from certificate c where c.enterprise = n.enterprise and c.invoice = n.invoice and c.state in ('RETURNED', 'WITHDRAWN')
        and c.replaces is null
    order by c.id desc limit 1) back on live.certificate is null;

-- name: registry
-- Enterprises by registration number, with their signatories.
select e.no, e.branch, e.name_zh, e.name_en, e.active, e.customs_code, e.print_seal_ready, e.local_print, e.exchange,
    e.encodings, e.credit_code,
    array(select array[s.code, s.name_zh, s.active::text] from signatory s where s.enterprise = e.no order by s.code)
from enterprise e where e.no = any(%(enterprises)s::text[]);

-- name: senders
-- Which enterprise or branch owns an exchange.
select exchange, no, branch, encodings, coalesce(credit_code, ''), active, 'enterprise' from enterprise
where exchange = any(%(exchanges)s::text[])
union all
select exchange, code, code, '{utf-8}', '', true, 'branch' from branch where exchange = any(%(exchanges)s::text[]);

-- name: branches
-- Branches by code, with what box 12 prints.
select code, name_zh, name_en, place, contact from branch where code = any(%(codes)s::text[]);

-- name: today
-- The business date.
select (clock_timestamp() at time zone 'Asia/Shanghai')::date;

-- name: issued_counts
-- How many certificates an enterprise has had issued, counted up to a cap.
select n.enterprise, (select count(*) from (select 1 from certificate c where c.enterprise = n.enterprise
    and c.state = 'ISSUED' limit %(cap)s) as capped)
from unnest(%(enterprises)s::text[]) as n (enterprise);

-- name: newest_receipts
-- The newest receipt that answers each message: of its certificate when it made one, else its own.
select m.id, r.id, r.stream, r.sequence, r.enterprise, r.feed_no, r.code, r.correlation, r.state, r.body, r.at
from unnest(%(messages)s::uuid[]) as n (id) join message m using (id)
cross join lateral (
    select * from receipt r where r.stream = case when m.disposition = 'certificate'
        then 'certificate:' || m.certificate else 'message:' || m.id end
    order by r.sequence desc limit 1) r;

-- name: interchange_receipts
-- The newest receipt of an interchange's own stream.
select n.id, r.id, r.stream, r.sequence, r.enterprise, r.feed_no, r.code, r.correlation, r.state, r.body, r.at
from unnest(%(interchanges)s::uuid[]) as n (id)
cross join lateral (select * from receipt r where r.stream = 'message:' || n.id order by r.sequence desc limit 1) r;

-- name: cases
-- Everything a stage needs of certificates: row, origin, archived bytes, findings and rule pack of this revision.
select c.id, c.enterprise, c.branch, c.type, c.invoice, c.message, c.version, c.revision, c.state, c.number, c.approved_at,
    c.head, c.replaces, c.replacing, m.message_id, m.position, i.id, i.interchange_id, encode(i.sha256, 'hex'), i.exchange,
    case when %(with_body)s then i.body end,
    array(select f from transition t, jsonb_array_elements(t.detail -> 'findings') f
        where t.certificate = c.id and t.revision = c.revision and t.event in ('check-schema', 'pass-rules') order by t.version),
    (select t.detail ->> 'pack' from transition t where t.certificate = c.id and t.revision = c.revision and t.actor = 'rule-check'
        order by t.version desc limit 1)
from certificate c join message m on m.id = c.message join interchange i on i.id = m.interchange
where c.id = any(%(ids)s::uuid[]);

-- name: known_parked
-- Open tickets under these keys.
select key from parked where key = any(%(keys)s::text[]) and disposition is null;

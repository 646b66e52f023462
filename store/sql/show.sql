-- name: find_certificates
-- Certificates by id, number or invoice number; one index lookup each (by invoice: one for each enterprise).
select c.id, c.number, c.enterprise, e.name_zh, c.branch, c.type, c.invoice, c.state, c.version, c.revision, c.changed_at
from certificate c join enterprise e on e.no = c.enterprise
where c.id in (
    select id from certificate where id = %(id)s::uuid
    union select id from certificate where number = %(number)s
    union select held.id from enterprise cross join lateral (
        select id from certificate where certificate.enterprise = enterprise.no and invoice = %(invoice)s) as held)
order by c.enterprise, c.id;

-- name: find_messages
-- Messages by our id, or by the sender's, an enterprise or a branch: the first use of it. Last: what one was answered that was
-- done and made no certificate.
select m.id, m.enterprise, coalesce(e.name_zh, b.name_zh), m.message_id, m.kind, m.disposition, m.interchange,
    coalesce(m.certificate, first.certificate),
    case when coalesce(first.disposition, m.disposition) = 'done' then (
        select r.body from receipt r where r.stream = 'message:' || coalesce(first.id, m.id) order by r.sequence desc limit 1) end
from message m left join message first on first.id = m.of_message left join enterprise e on e.no = m.enterprise
left join branch b on b.code = m.enterprise
where m.id in (
    select id from message where id = %(id)s::uuid
    union select used.message from (select no from enterprise union all select code from branch) as party (no) cross join lateral (
        select message from inbox where inbox.enterprise = party.no and message_id = %(text)s) as used)
order by m.enterprise, m.id;

-- name: find_filings
-- Filings by id or number.
select f.id, f.enterprise, e.name_zh, f.kind, f.certificate_type, f.hs6, f.state
from filing f left join enterprise e on e.no = f.enterprise
where f.id = any(%(ids)s::uuid[]) or f.number = %(number)s order by f.id;

-- name: find_interchanges
-- Deliveries by our id, by a range of SHA-256, or by the sender's interchange id.
select i.id, i.enterprise, e.name_zh, i.interchange_id, encode(i.sha256, 'hex'), i.received_at
from interchange i left join enterprise e on e.no = i.enterprise
where i.id = %(id)s::uuid or i.sha256 between %(low)s::bytea and %(high)s::bytea or i.interchange_id = %(text)s
order by i.received_at, i.id limit 100;

-- name: life_certificate
-- A certificate as it stands.
select c.id, c.number, c.enterprise, e.name_zh, e.name_en, c.branch, c.type, c.invoice, c.exporter, c.consignee, c.destination,
    c.state, c.version, c.revision, c.created_at, c.approved_at, c.changed_at,
    (select coalesce(o.number, o.id::text) from certificate o where o.id = c.replaces), c.replacing,
    array(select coalesce(a.number, a.id::text) || ' ' || a.state from certificate a where a.replaces = c.id order by a.id)
from certificate c join enterprise e on e.no = c.enterprise where c.id = %(id)s;

-- name: life_messages
-- The messages of certificates, of interchanges or with these ids, with what repeated or re-used their ids, and the delivery each came in.
with own as (
    select * from message
    where certificate = %(certificate)s::uuid or interchange = %(interchange)s::uuid or id = any(%(ids)s::uuid[])
)
select m.id, m.message_id, m.kind, m.disposition, m.position, m.certificate, m.of_message, i.id, i.interchange_id, i.exchange,
    encode(i.sha256, 'hex'), length(i.body), i.received_at
from (select * from own union select m.* from message m join own on own.id = m.of_message) m
join interchange i on i.id = m.interchange
order by i.received_at, m.position, m.id;

-- name: life_answers
-- The newest receipt of these messages' own streams.
select n.id, r.body from unnest(%(ids)s::uuid[]) as n (id)
cross join lateral (select body from receipt where stream = 'message:' || n.id order by sequence desc limit 1) r;

-- name: life_filing
-- A filing as it stands.
select f.id, f.kind, f.number, f.enterprise, e.name_zh, f.branch, f.state, f.version, f.revision, f.certificate_type, f.hs6,
    f.valid_to, f.content, f.created_at, f.changed_at,
    (select coalesce(o.number, o.id::text) from filing o where o.id = f.replaces),
    array(select coalesce(a.number, a.id::text) || ' ' || a.state from filing a where a.replaces = f.id order by a.id),
    array(select f.message union select (t.detail ->> 'message')::uuid from filing_transition t where t.filing = f.id)
from filing f left join enterprise e on e.no = f.enterprise where f.id = %(id)s;

-- name: life_filing_transitions
-- The history of a filing.
select version, revision, at, actor, event, source, state, detail, encode(hash, 'hex'), receipt
from filing_transition where filing = %(id)s order by version;

-- name: life_transitions
-- The history of a certificate.
select version, revision, at, actor, event, source, state, detail, encode(hash, 'hex'), receipt
from transition where certificate = %(id)s order by version;

-- name: life_receipts
-- The receipts of some streams, with the destinations they still wait for.
select r.id, r.stream, r.sequence, r.feed_no, r.code, r.state, r.at,
    array(select o.destination || case when o.repeat then ' again' else '' end from outbox o where o.receipt = r.id order by o.id),
    (select max(o.refusals) from outbox o where o.receipt = r.id)
from receipt r where r.stream = any(%(streams)s::text[]) order by r.at, r.feed_no;

-- name: life_documents
-- The finished documents of a certificate.
select medium, revision, encode(sha256, 'hex'), name, size, pages, at
from document where certificate = %(id)s order by revision, medium;

-- name: life_parked
-- What was set aside of a certificate or of deliveries.
select id, source, error, stage, version, tries, at, disposition, disposed_by, disposed_at
from parked where certificate = %(certificate)s::uuid
    or (exchange, sha256) in (select * from unnest(%(exchanges)s::text[], %(digests)s::bytea[]))
order by at;

-- name: life_waiting
-- The stage or the reviewer that a certificate waits for.
select w.stage, w.resent, w.parked, null::timestamptz, null::jsonb from work_order w where w.certificate = %(id)s
union all
select 'review', 0, false, t.deadline, t.reasons from review_task t where t.certificate = %(id)s;

-- name: life_interchange
-- A delivery as archived.
select id, enterprise, branch, exchange, interchange_id, encode(sha256, 'hex'), length(body), refusal, total, open, accepted,
    refused, repeated, received_at
from interchange where id = %(id)s;

-- name: newest_move
-- Who moved a certificate last.
select t.actor, t.at, t.event, t.state, t.version from transition t where t.certificate = %(id)s order by t.version desc limit 1;

-- name: review_row
-- The version at which a certificate waits for a reviewer.
select version from review_task where certificate = %(id)s;

-- name: newest_document
-- The newest document of a certificate on a medium.
select name, encode(sha256, 'hex'), revision, size, pages from document
where certificate = %(id)s and medium = %(medium)s order by revision desc limit 1;

-- name: replacement_of
-- The number of the certificate that was issued in place of another one.
select number from certificate where replaces = %(id)s and state in ('ISSUED', 'SUPERSEDED', 'VOID') order by id desc limit 1;

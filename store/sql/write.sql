-- name: insert_messages
-- The message elements of a batch.
insert into message (id, interchange, position, enterprise, message_id, digest, kind, disposition, certificate, of_message)
select * from unnest(%(id)s::uuid[], %(interchange)s::uuid[], %(position)s::int[], %(enterprise)s::text[],
    %(message_id)s::text[], %(digest)s::bytea[], %(kind)s::text[], %(disposition)s::text[], %(certificate)s::uuid[],
    %(of_message)s::uuid[]);

-- name: insert_certificates
-- New certificates, as they stand at the end of the batch.
insert into certificate (id, enterprise, branch, type, invoice, message, version, revision, state, number, approved_at,
    head, replaces, replacing, exporter, consignee, destination, invoice_date, amount, currency, signatory, hs, small, created_at,
    changed_at)
select id, enterprise, branch, type, invoice, message, version, revision, state, number, approved_at, head, replaces, replacing,
    coalesce(exporter, ''), coalesce(consignee, ''), coalesce(destination, ''), invoice_date, amount, coalesce(currency, ''),
    coalesce(signatory, ''), coalesce(hs, ''), coalesce(small, false), %(now)s, %(now)s
from unnest(%(id)s::uuid[], %(enterprise)s::text[], %(branch)s::text[], %(type)s::text[], %(invoice)s::text[],
    %(message)s::uuid[], %(version)s::int[], %(revision)s::int[], %(state)s::text[], %(number)s::text[],
    %(approved_at)s::timestamptz[], %(head)s::bytea[], %(replaces)s::uuid[], %(replacing)s::text[], %(exporter)s::text[],
    %(consignee)s::text[], %(destination)s::text[], %(invoice_date)s::date[], %(amount)s::numeric[], %(currency)s::text[],
    %(signatory)s::text[], %(hs)s::text[], %(small)s::bool[])
    as n (id, enterprise, branch, type, invoice, message, version, revision, state, number, approved_at, head, replaces,
        replacing, exporter, consignee, destination, invoice_date, amount, currency, signatory, hs, small);

-- name: move_certificates
-- Certificates that moved with the content they had, guarded by the version they were locked at.
update certificate c set branch = n.branch, type = n.type, message = n.message, version = n.version, revision = n.revision,
    state = n.state, number = n.number, approved_at = n.approved_at, head = n.head, changed_at = %(now)s
from unnest(%(id)s::uuid[], %(branch)s::text[], %(type)s::text[], %(message)s::uuid[], %(version)s::int[], %(revision)s::int[],
    %(state)s::text[], %(number)s::text[], %(approved_at)s::timestamptz[], %(head)s::bytea[], %(seen)s::int[])
    as n (id, branch, type, message, version, revision, state, number, approved_at, head, seen)
where c.id = n.id and c.version = n.seen;

-- name: update_certificates
-- The same with another content: what is searched for changes, which costs more.
update certificate c set branch = n.branch, type = n.type, message = n.message, version = n.version,
    revision = n.revision, state = n.state, number = n.number, approved_at = n.approved_at, head = n.head,
    exporter = n.exporter, consignee = n.consignee, destination = n.destination, invoice_date = n.invoice_date, amount = n.amount,
    currency = n.currency, signatory = n.signatory, hs = n.hs, small = n.small, changed_at = %(now)s
from unnest(%(id)s::uuid[], %(branch)s::text[], %(type)s::text[], %(message)s::uuid[], %(version)s::int[],
    %(revision)s::int[], %(state)s::text[], %(number)s::text[], %(approved_at)s::timestamptz[], %(head)s::bytea[],
    %(exporter)s::text[], %(consignee)s::text[], %(destination)s::text[], %(invoice_date)s::date[], %(amount)s::numeric[],
    %(currency)s::text[], %(signatory)s::text[], %(hs)s::text[], %(small)s::bool[], %(seen)s::int[])
    as n (id, branch, type, message, version, revision, state, number, approved_at, head, exporter, consignee,
        destination, invoice_date, amount, currency, signatory, hs, small, seen)
where c.id = n.id and c.version = n.seen;

-- name: insert_receipts
-- Receipts, kept for ever.
insert into receipt (id, stream, sequence, enterprise, branch, feed_no, code, correlation, state, body, at)
select *, %(now)s::timestamptz from unnest(%(id)s::text[], %(stream)s::text[], %(sequence)s::int[], %(enterprise)s::text[],
    %(branch)s::text[], %(feed_no)s::bigint[], %(code)s::text[], %(correlation)s::text[], %(state)s::text[],
    %(body)s::bytea[]);

-- name: insert_transitions
-- History lines, each with its receipt.
insert into transition (certificate, version, revision, source, event, state, actor, at, detail, previous_hash, hash, receipt)
select certificate, version, revision, source, event, state, actor, %(now)s, detail::jsonb, previous_hash, hash, receipt
from unnest(%(certificate)s::uuid[], %(version)s::int[], %(revision)s::int[], %(source)s::text[], %(event)s::text[],
    %(state)s::text[], %(actor)s::text[], %(detail)s::text[], %(previous_hash)s::bytea[], %(hash)s::bytea[],
    %(receipt)s::text[])
    as n (certificate, version, revision, source, event, state, actor, detail, previous_hash, hash, receipt);

-- name: delete_orders
-- Work orders of certificates that moved on; their outbox rows go with them.
delete from work_order where certificate = any(%(ids)s::uuid[]);

-- name: insert_orders
-- Work orders of certificates that now wait for a stage.
insert into work_order (certificate, version, stage, due_at, overdue_at)
select certificate, version, stage, %(now)s::timestamptz + interval '1 minute', %(now)s::timestamptz + make_interval(mins => patience)
from unnest(%(certificate)s::uuid[], %(version)s::int[], %(stage)s::text[], %(patience)s::int[])
    as n (certificate, version, stage, patience);

-- name: move_invoices
-- The invoice number of a certificate that is superseded goes over to the one issued in its place.
update live_invoice l set certificate = n.amendment
from unnest(%(original)s::uuid[], %(amendment)s::uuid[]) as n (original, amendment) where l.certificate = n.original;

-- name: release_amendments
-- Certificates that may be amended again.
delete from live_amendment where amendment = any(%(ids)s::uuid[]);

-- name: release_invoices
-- Invoice numbers that are free again.
delete from live_invoice where certificate = any(%(ids)s::uuid[]);

-- name: delete_tasks
-- Review rows of certificates and filings that moved on.
delete from review_task where subject = any(%(ids)s::uuid[]);

-- name: insert_tasks
-- Review rows of certificates and filings that now wait for a person.
insert into review_task (certificate, filing, kind, version, branch, enterprise, type, reasons, queued_at, deadline, overdue_at, eyes,
    senior)
select case when kind = 'certificate' then subject end, case when kind <> 'certificate' then subject end, kind, version, branch,
    enterprise, type, reasons::jsonb, %(now)s, deadline, %(now)s::timestamptz + make_interval(mins => patience), eyes, senior
from unnest(%(subject)s::uuid[], %(kind)s::text[], %(version)s::int[], %(branch)s::text[], %(enterprise)s::text[], %(type)s::text[],
    %(reasons)s::text[], %(deadline)s::timestamptz[], %(patience)s::int[], %(eyes)s::int[], %(senior)s::bool[])
    as n (subject, kind, version, branch, enterprise, type, reasons, deadline, patience, eyes, senior);

-- name: insert_four_eyes
-- Certificates of which more than one person has to approve something.
insert into four_eyes (certificate, version, event, eyes, reason, at)
select *, %(now)s::timestamptz from unnest(%(certificate)s::uuid[], %(version)s::int[], %(event)s::text[], %(eyes)s::int[],
    %(reason)s::text[]) as n (certificate, version, event, eyes, reason);

-- name: carry_four_eyes
-- What came back to a reviewer after its approval needs as many persons as this content needed then.
insert into four_eyes (certificate, version, event, eyes, reason, at)
select distinct on (n.certificate) n.certificate, n.version, 'approve', f.eyes, f.reason, %(now)s::timestamptz
from unnest(%(certificate)s::uuid[], %(version)s::int[], %(revision)s::int[]) as n (certificate, version, revision)
join four_eyes f on f.certificate = n.certificate and f.event = 'approve' and f.version < n.version
join transition t on t.certificate = f.certificate and t.version = f.version and t.revision = n.revision
order by n.certificate, f.version desc
on conflict do nothing;

-- name: carry_eyes
-- Its review row says so too.
update review_task r set eyes = f.eyes
from unnest(%(certificate)s::uuid[], %(version)s::int[]) as n (certificate, version)
join four_eyes f on f.certificate = n.certificate and f.version = n.version and f.event = 'approve'
where r.certificate = n.certificate;

-- name: insert_approvals
-- Persons who approved; the same person twice counts once.
insert into approval (certificate, version, event, person, note, at)
select *, %(now)s::timestamptz from unnest(%(certificate)s::uuid[], %(version)s::int[], %(event)s::text[], %(person)s::text[],
    %(note)s::text[]) as n (certificate, version, event, person, note)
on conflict do nothing;

-- name: insert_documents
-- Finished documents; the files are on disk already.
insert into document (certificate, revision, medium, sha256, name, size, pages, at)
select *, %(now)s::timestamptz from unnest(%(certificate)s::uuid[], %(revision)s::int[], %(medium)s::text[],
    %(sha256)s::bytea[], %(name)s::text[], %(size)s::int[], %(pages)s::int[]);

-- name: insert_ledger
-- Certificate numbers that were taken, and by which certificate.
insert into number_ledger (enterprise, letter, year, n, number, certificate, status, at)
select *, 'assigned', %(now)s::timestamptz from unnest(%(enterprise)s::text[], %(letter)s::text[], %(year)s::int[], %(n)s::int[],
    %(number)s::text[], %(certificate)s::uuid[]);

-- name: update_numbers
-- Certificate number counters after the batch.
update number_counter c set last = n.last
from unnest(%(enterprise)s::text[], %(letter)s::text[], %(year)s::int[], %(last)s::int[]) as n (enterprise, letter, year, last)
where (c.enterprise, c.letter, c.year) = (n.enterprise, n.letter, n.year);

-- name: update_feeds
-- Receipt counters after the batch.
update feed_counter c set last = n.last
from unnest(%(enterprise)s::text[], %(last)s::bigint[]) as n (enterprise, last) where c.enterprise = n.enterprise;

-- name: update_interchanges
-- How many messages of an interchange are answered, and how.
update interchange i set open = n.open, accepted = n.accepted, refused = n.refused, repeated = n.repeated
from unnest(%(id)s::uuid[], %(open)s::int[], %(accepted)s::int[], %(refused)s::int[], %(repeated)s::int[])
    as n (id, open, accepted, refused, repeated) where i.id = n.id;

-- name: insert_outbox
-- What this batch has to send, in order, owned by the session that will send it.
insert into outbox (key, kind, receipt, destination, address, repeat, certificate, version, stage, owner)
select *, %(owner)s::int from unnest(%(key)s::text[], %(kind)s::text[], %(receipt)s::text[], %(destination)s::text[],
    %(address)s::text[], %(repeat)s::bool[], %(certificate)s::uuid[], %(version)s::int[], %(stage)s::text[])
on conflict (key) do nothing;

-- name: insert_parked
-- Messages that could not be handled, with their bytes and traceback.
insert into parked (id, key, source, exchange, enterprise, sha256, body, certificate, version, stage, error, traceback,
    fingerprint, tries, at)
select *, %(now)s::timestamptz from unnest(%(id)s::uuid[], %(key)s::text[], %(source)s::text[], %(exchange)s::text[],
    %(enterprise)s::text[], %(sha256)s::bytea[], %(body)s::bytea[], %(certificate)s::uuid[], %(version)s::int[],
    %(stage)s::text[], %(error)s::text[], %(traceback)s::text[], %(fingerprint)s::text[], %(tries)s::int[]);

-- name: mark_parked
-- A parked work order is not sent again by the watchdog.
update work_order set parked = true where certificate = any(%(ids)s::uuid[]);

-- name: forget_attempts
-- Tries of messages that are settled.
delete from attempt where key = any(%(keys)s::text[]);

-- name: delete_outbox
-- Rows that the broker confirmed.
delete from outbox where key = any(%(keys)s::text[]);

-- name: insert_audit
-- Who did what.
insert into audit (actor, action, subject, detail) values (%(actor)s, %(action)s, %(subject)s, %(detail)s::jsonb);

-- name: wake_relay
-- Tell the relay that there is something to send.
notify coedi_outbox;

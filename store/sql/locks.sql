-- name: claim_inbox
-- First to use a message id; sorted, so that two writers never deadlock. Returns the winners.
insert into inbox (enterprise, message_id, message, digest)
select * from unnest(%(enterprise)s::text[], %(message_id)s::text[], %(message)s::uuid[], %(digest)s::bytea[])
    as n (enterprise, message_id, message, digest)
order by enterprise, message_id
on conflict do nothing
returning enterprise, message_id;

-- name: lock_certificates
-- The certificates a batch moves, locked in the order of their ids.
select id, enterprise, branch, type, invoice, message, version, revision, state, number, approved_at, head,
    replaces, replacing
from certificate where id = any(%(ids)s::uuid[]) order by id for update;

-- name: claim_invoices
-- First live certificate for an invoice; sorted. Returns the winners.
insert into live_invoice (enterprise, invoice, certificate)
select * from unnest(%(enterprise)s::text[], %(invoice)s::text[], %(certificate)s::uuid[])
    as n (enterprise, invoice, certificate)
order by enterprise, invoice
on conflict do nothing
returning enterprise, invoice;

-- name: claim_amendments
-- First amendment of a certificate; sorted. Returns the originals whose claim was won.
insert into live_amendment (original, amendment)
select * from unnest(%(original)s::uuid[], %(amendment)s::uuid[]) as n (original, amendment)
order by original
on conflict do nothing
returning original;

-- name: lock_filings
-- The filings a batch moves, locked in the order of their ids.
select id, kind, enterprise, branch, subject, number, message, version, revision, state, head, content, certificate_type, hs6,
    valid_to, replaces
from filing where id = any(%(ids)s::uuid[]) order by id for update;

-- name: claim_filings
-- First live filing of a subject; sorted. Returns the winners.
insert into live_filing (kind, enterprise, subject, filing)
select * from unnest(%(kind)s::text[], %(enterprise)s::text[], %(subject)s::text[], %(filing)s::uuid[])
    as n (kind, enterprise, subject, filing)
order by kind, enterprise, subject
on conflict do nothing
returning kind, enterprise, subject;

-- name: lock_filing_numbers
-- The counters of filing numbers, made where missing; the year is Shanghai's.
with wanted as (
    select enterprise, extract(year from clock_timestamp() at time zone 'Asia/Shanghai')::int as year
    from unnest(%(enterprises)s::text[]) as n (enterprise)
), made as (
    insert into filing_counter (enterprise, year) select * from wanted order by 1, 2 on conflict do nothing
    returning enterprise, year, last
)
select enterprise, year, last from made
union all
select * from (select enterprise, year, last from filing_counter join wanted using (enterprise, year)
    order by 1, 2 for update of filing_counter) as held;

-- name: claim_interchanges
-- New deliveries into the archive; sorted. Returns the winners.
insert into interchange (id, exchange, sha256, body, enterprise, branch, interchange_id, refusal, total, open, received_at)
select id, exchange, sha256, body, enterprise, branch, interchange_id, refusal, total, total, clock_timestamp()
from unnest(%(id)s::uuid[], %(exchange)s::text[], %(sha256)s::bytea[], %(body)s::bytea[], %(enterprise)s::text[],
    %(branch)s::text[], %(interchange_id)s::text[], %(refusal)s::text[], %(total)s::int[])
    as n (id, exchange, sha256, body, enterprise, branch, interchange_id, refusal, total)
order by exchange, sha256
on conflict do nothing
returning id;

-- name: lock_interchanges
-- The interchanges whose open count a batch lowers, locked in the order of their ids.
select id, enterprise, branch, interchange_id, encode(sha256, 'hex'), total, open, accepted, refused, repeated
from interchange where id = any(%(ids)s::uuid[]) order by id for update;

-- name: lock_feeds
-- The receipt counters of the enterprises a batch writes to, locked in order.
select enterprise, last from feed_counter where enterprise = any(%(enterprises)s::text[]) order by enterprise for update;

-- name: lock_numbers
-- The certificate number counters; they are made where missing. The year is Shanghai's at this moment: the feed counters
-- are locked already, so nobody can make us wait here over New Year.
with wanted as (
    select enterprise, letter, extract(year from clock_timestamp() at time zone 'Asia/Shanghai')::int as year
    from unnest(%(enterprise)s::text[], %(letter)s::text[]) as n (enterprise, letter)
), made as (
    insert into number_counter (enterprise, letter, year) select * from wanted order by 1, 2, 3 on conflict do nothing
    returning enterprise, letter, year, last
)
select enterprise, letter, year, last from made
union all
select * from (select enterprise, letter, year, last from number_counter join wanted using (enterprise, letter, year)
    order by 1, 2, 3 for update of number_counter) as held;

-- name: now
-- The one time that dates a batch, fetched after its locks.
select clock_timestamp();

-- name: streams
-- Newest sequence of existing receipt streams.
select stream, max(sequence) from receipt where stream = any(%(streams)s::text[]) group by stream;

-- name: parked_rows
-- Tickets, the newest first: open ones, or all.
select id, source, enterprise, certificate, stage, error, fingerprint, tries, at, disposition, disposed_by, disposed_at
from parked where (%(all)s or disposition is null) and (%(fingerprint)s::text is null or fingerprint = %(fingerprint)s)
order by at desc, id limit %(limit)s;

-- name: parked_groups
-- Open tickets by what they failed of, the largest group first.
select fingerprint, count(*), min(at), max(at), (array_agg(error order by at desc))[1], array_agg(distinct source),
    count(distinct enterprise)
from parked where disposition is null group by fingerprint order by count(*) desc, fingerprint;

-- name: parked_row
-- One ticket by its id or the beginning of it.
select p.id, p.key, p.source, p.exchange, p.enterprise, encode(p.sha256, 'hex'), length(p.body), p.certificate, p.version,
    p.stage, p.error, p.traceback, p.fingerprint, p.tries, p.at, p.disposition, p.disposed_by, p.disposed_at, c.state, c.version
from parked p left join certificate c on c.id = p.certificate
where p.id::text like %(id)s || '%%' order by p.id limit 2;

-- name: parked_body
-- The bytes of a ticket.
select body from parked where id = %(id)s;

-- name: dispose_parked
-- A ticket is closed, once.
update parked set disposition = %(disposition)s, disposed_by = %(actor)s, disposed_at = clock_timestamp()
where id = %(id)s and disposition is null returning id;

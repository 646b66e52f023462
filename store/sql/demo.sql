-- name: demo_answered
-- Deliveries whose every message is issued, returned, refused, or waits for a person.
select count(*) from interchange i where i.sha256 = any(%(sha256)s::bytea[]) and not exists (
    select 1 from message m join certificate c on c.id = m.certificate
    where m.interchange = i.id and c.state not in ('ISSUED', 'RETURNED', 'PENDING_REVIEW'))
  and (i.refusal is not null or (select count(*) from message m where m.interchange = i.id) = i.total);

-- name: demo_unsent
-- What is still to be sent.
select count(*) from outbox;

-- name: demo_duplicates
-- Certificates beyond the first of an enterprise and invoice.
select coalesce(sum(n - 1), 0)::int from (select count(*) as n from certificate group by enterprise, invoice) as counted;

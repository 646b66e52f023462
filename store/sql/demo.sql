-- name: demo_answered
-- Deliveries whose every message is answered, and what came of it issued, returned, refused, or waiting for a person.
select count(*) from interchange i where i.sha256 = any(%(sha256)s::bytea[]) and not exists (
    select 1 from message m join certificate c on c.id = m.certificate
    where m.interchange = i.id
      and c.state not in ('ISSUED', 'RETURNED', 'PENDING_REVIEW', 'AWAIT_PRINT', 'SUPERSEDED', 'VOID'))
  and (i.refusal is not null or (select count(*) from message m where m.interchange = i.id) = i.total);

-- name: demo_unsent
-- What is still to be sent.
select count(*) from outbox;

-- name: demo_duplicates
-- Certificates beyond the first of an enterprise and invoice; an amendment stands for one and is none of them.
select coalesce(sum(n - 1), 0)::int
from (select count(*) as n from certificate where replaces is null group by enterprise, invoice) as counted;

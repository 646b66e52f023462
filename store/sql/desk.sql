-- name: review_queue
-- Certificates that wait for a reviewer, the nearest deadline first.
select t.certificate, t.version, t.enterprise, e.name_zh, t.branch, c.invoice, c.destination, c.revision, t.reasons,
    t.queued_at, t.deadline
from review_task t join certificate c on c.id = t.certificate join enterprise e on e.no = t.enterprise
where %(branch)s::text is null or t.branch = %(branch)s
order by t.deadline, t.certificate limit %(limit)s;

-- name: new_owner
-- A number for this session; the session holds the advisory lock while it lives.
with owner as (select nextval('outbox_owner')::int as n)
select n, pg_advisory_lock(%(lock)s, n) from owner;

-- name: outbox_depth
-- Rows waiting that no full queue refused, counted up to a cap.
select count(*) from (select 1 from outbox where refusals = 0 limit %(cap)s) as capped;

-- name: disown
-- Rows that were not confirmed: the relay's from now on. A refused row waits, longer each time.
update outbox set owner = null,
    retry_at = case when key = any(%(refused)s::text[])
        then clock_timestamp() + least(power(2, refusals) * interval '1 second', interval '1 minute') else null end,
    refusals = refusals + (key = any(%(refused)s::text[]))::int
where key = any(%(keys)s::text[]);

-- name: claim_outbox
-- The relay takes rows that nobody owns, whose owner is gone, or that an owner has held for too long.
update outbox o set owner = %(owner)s, claimed_at = clock_timestamp()
where key in (
    select key from outbox
    where (owner is null and (retry_at is null or retry_at <= clock_timestamp())
        or owner is not null and claimed_at < clock_timestamp() - make_interval(secs => %(stale)s)
        or owner is not null and owner <> %(owner)s and not exists (
            select 1 from pg_locks l where l.locktype = 'advisory' and l.classid = %(lock)s::oid and l.objid = owner::oid
                and l.objsubid = 2 and l.granted
                and l.database = (select oid from pg_database where datname = current_database())))
      and (%(shards)s = 1 or mod(abs(hashtext(coalesce(certificate::text, receipt))::bigint), %(shards)s) = %(shard)s)
    order by id limit %(count)s for update skip locked)
returning key, id;

-- name: outbox_rows
-- What has to be published for claimed rows.
select o.key, o.kind, o.destination, o.address, o.repeat, o.certificate, o.version, o.stage,
    r.id, r.stream, r.sequence, r.feed_no, r.code, r.correlation, r.state, r.body, r.at
from outbox o left join receipt r on r.id = o.receipt where o.key = any(%(keys)s::text[]) order by o.id;

-- name: due_orders
-- Work orders that wait too long, with nothing of theirs unsent: announced again, the interval doubling.
with due as (
    select w.certificate, w.version, w.stage from work_order w
    where not w.parked and w.due_at <= clock_timestamp()
      and not exists (select 1 from outbox o where o.kind = 'order'
          and (o.certificate, o.version, o.stage) = (w.certificate, w.version, w.stage))
    order by w.due_at limit %(count)s for update skip locked
), moved as (
    update work_order w set resent = w.resent + 1,
        due_at = clock_timestamp() + least(power(2, w.resent + 1) * interval '1 minute', interval '1 hour')
    from due where w.certificate = due.certificate
)
insert into outbox (key, kind, certificate, version, stage)
select 'order:' || certificate || ':' || version, 'order', certificate, version, stage from due
on conflict do nothing
returning certificate;

-- name: overdue
-- Certificates that wait longer than their state allows and whose sender was not told yet.
select certificate, stage from (
    select certificate, stage, overdue_at from work_order where overdue_at <= clock_timestamp()
    union all
    select certificate, 'review', overdue_at from review_task where overdue_at <= clock_timestamp()) as waiting
order by overdue_at limit %(count)s;

-- name: mark_overdue
-- The sender is told now.
with orders as (update work_order set overdue_at = null where certificate = any(%(ids)s::uuid[]))
update review_task set overdue_at = null where certificate = any(%(ids)s::uuid[]);

-- name: count_attempt
-- One more try of a message; committed before it is handled.
insert into attempt (key, tries, at) values (%(key)s, 1, clock_timestamp())
on conflict (key) do update set tries = attempt.tries + 1, at = excluded.at returning tries;

-- name: undo_attempt
-- A try that did not happen: an orderly stop or a lost service is not the message's fault.
update attempt set tries = tries - 1 where key = %(key)s and tries > 0;

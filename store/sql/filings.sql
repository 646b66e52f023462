-- name: insert_filings
-- New filings, as they stand at the end of the batch.
insert into filing (id, kind, enterprise, branch, subject, number, message, version, revision, state, head, content,
    certificate_type, hs6, valid_to, replaces, created_at, changed_at)
select id, kind, enterprise, branch, subject, number, message, version, revision, state, head, content::jsonb,
    certificate_type, hs6, valid_to, replaces, %(now)s, %(now)s
from unnest(%(id)s::uuid[], %(kind)s::text[], %(enterprise)s::text[], %(branch)s::text[], %(subject)s::text[], %(number)s::text[],
    %(message)s::uuid[], %(version)s::int[], %(revision)s::int[], %(state)s::text[], %(head)s::bytea[], %(content)s::text[],
    %(certificate_type)s::text[], %(hs6)s::text[], %(valid_to)s::date[], %(replaces)s::uuid[])
    as n (id, kind, enterprise, branch, subject, number, message, version, revision, state, head, content, certificate_type,
        hs6, valid_to, replaces);

-- name: update_filings
-- Filings that moved, guarded by the version they were locked at.
update filing f set branch = n.branch, subject = n.subject, number = n.number, message = n.message, version = n.version,
    revision = n.revision, state = n.state, head = n.head, content = n.content::jsonb, certificate_type = n.certificate_type,
    hs6 = n.hs6, valid_to = n.valid_to, changed_at = %(now)s
from unnest(%(id)s::uuid[], %(kind)s::text[], %(enterprise)s::text[], %(branch)s::text[], %(subject)s::text[], %(number)s::text[],
    %(message)s::uuid[], %(version)s::int[], %(revision)s::int[], %(state)s::text[], %(head)s::bytea[], %(content)s::text[],
    %(certificate_type)s::text[], %(hs6)s::text[], %(valid_to)s::date[], %(replaces)s::uuid[], %(seen)s::int[])
    as n (id, kind, enterprise, branch, subject, number, message, version, revision, state, head, content, certificate_type,
        hs6, valid_to, replaces, seen)
where f.id = n.id and f.version = n.seen;

-- name: insert_filing_transitions
-- History lines of filings, each with its receipt.
insert into filing_transition (filing, version, revision, source, event, state, actor, at, detail, previous_hash, hash, receipt)
select filing, version, revision, source, event, state, actor, %(now)s, detail::jsonb, previous_hash, hash, receipt
from unnest(%(filing)s::uuid[], %(version)s::int[], %(revision)s::int[], %(source)s::text[], %(event)s::text[],
    %(state)s::text[], %(actor)s::text[], %(detail)s::text[], %(previous_hash)s::bytea[], %(hash)s::bytea[],
    %(receipt)s::text[])
    as n (filing, version, revision, source, event, state, actor, detail, previous_hash, hash, receipt);

-- name: named_filings
-- The filings that messages name, by number or by our id, each with the origin of its content; only the owner's or the branch's
-- own where one is named.
select n.message, f.id, f.kind, f.enterprise, f.branch, f.subject, f.number, f.message, f.version, f.revision, f.state, f.head,
    f.content, f.certificate_type, f.hs6, f.valid_to, f.replaces, m.message_id, i.id, i.interchange_id, encode(i.sha256, 'hex')
from unnest(%(message)s::uuid[], %(kind)s::text[], %(number)s::text[], %(id)s::uuid[], %(enterprise)s::text[], %(branch)s::text[])
    as n (message, kind, number, id, enterprise, branch)
cross join lateral (
    select * from filing where n.id is not null and id = n.id
    union all
    select * from filing where n.id is null and number = n.number
) as f
join message m on m.id = f.message
join interchange i on i.id = m.interchange
where f.kind = n.kind and n.enterprise in ('', f.enterprise) and n.branch in ('', f.branch);

-- name: standing_filings
-- What stands in the way of new filings: who has the subject, the change of the same filing under way, and the newest filing
-- of the same subject or change.
select n.message, beside.role, f.id, f.kind, f.enterprise, f.branch, f.subject, f.number, f.message, f.version, f.revision,
    f.state, f.head, f.content, f.certificate_type, f.hs6, f.valid_to, f.replaces
from unnest(%(message)s::uuid[], %(kind)s::text[], %(enterprise)s::text[], %(subject)s::text[], %(changes)s::uuid[])
    as n (message, kind, enterprise, subject, changes)
cross join lateral (
    select 'live' as role, l.filing from live_filing l
    where l.kind = n.kind and l.enterprise = n.enterprise and l.subject = n.subject
    union all
    select 'change', l.filing from live_filing l
    where l.kind = n.kind and l.enterprise = n.enterprise and l.subject = 'changes ' || n.changes
    union all
    (select 'newest', id from filing where n.changes is null and enterprise = n.enterprise and kind = n.kind
        and subject = n.subject and replaces is null order by id desc limit 1)
    union all
    (select 'newest', id from filing where replaces = n.changes order by id desc limit 1)
) as beside
join filing f on f.id = beside.filing;

-- name: goods_filings
-- The goods filings of enterprises for a certificate type and the first digits of their HS code, in any state but RECEIVED, the
-- newest first. Digits compare the same in every collation: 8413 to 84139999 are all that begin with 8413.
select n.enterprise, n.certificate_type, f.hs6, f.id, f.number, f.state, f.content, f.valid_to
from (select distinct * from unnest(%(enterprise)s::text[], %(certificate_type)s::text[], %(hs6)s::text[])
    as wanted (enterprise, certificate_type, hs6)) as n
cross join lateral (
    select * from filing where kind = 'goods' and enterprise = n.enterprise and hs6 between n.hs6 and n.hs6 || '9999'
        and certificate_type = n.certificate_type and state <> 'RECEIVED'
    order by changed_at desc, id desc limit 100) as f;

-- name: listed_filings
-- Filings for a person to look at, the longest waiting first; empty restrictions are none.
select f.id, f.kind, f.number, f.enterprise, coalesce(e.name_zh, ''), f.branch, f.state, f.version, f.revision, f.certificate_type,
    f.hs6, f.content ->> 'name_en', f.valid_to, f.replaces, f.created_at, f.changed_at
from filing f left join enterprise e on e.no = f.enterprise
where f.kind = %(kind)s and %(branch)s in ('', f.branch) and %(enterprise)s in ('', f.enterprise)
    and (%(state)s = '' or f.state = %(state)s)
order by f.changed_at, f.id limit %(limit)s;

-- name: filing_history
-- What became of one filing.
select version, revision, event, state, actor, at, detail from filing_transition where filing = %(id)s order by version;

-- name: overdue_filings
-- Filings that wait longer than their state allows and whose sender was not told yet of this version.
select f.id, f.version, f.enterprise, m.id, m.message_id, i.interchange_id, encode(i.sha256, 'hex')
from filing f join message m on m.id = f.message join interchange i on i.id = m.interchange
where f.state = 'PENDING_REVIEW' and f.overdue_told < f.version
    and f.changed_at <= clock_timestamp() - make_interval(mins => case f.kind when 'goods' then %(goods)s else %(registration)s end)
order by f.changed_at limit %(count)s;

-- name: mark_overdue_filings
-- Their senders are told now.
update filing set overdue_told = version where id = any(%(ids)s::uuid[]);

-- name: settle_changes
-- An approved change has the subject of the filing that it replaced, and no other claim.
with settled as (
    insert into live_filing (kind, enterprise, subject, filing)
    select kind, enterprise, subject, id from filing where id = any(%(ids)s::uuid[])
    on conflict do nothing
)
delete from live_filing where filing = any(%(ids)s::uuid[]) and subject like 'changes %%';

-- name: release_filings
-- Subjects that may be filed again.
delete from live_filing where filing = any(%(ids)s::uuid[]);

-- name: update_filing_numbers
-- Counters of filing numbers after the batch.
update filing_counter c set last = n.last
from unnest(%(enterprise)s::text[], %(year)s::int[], %(last)s::int[]) as n (enterprise, year, last)
where (c.enterprise, c.year) = (n.enterprise, n.year);

-- name: insert_early
-- A message whose certificate we do not have yet waits for it.
insert into early_message (interchange, position, enterprise, retry_at, expires_at)
select interchange, position, enterprise, %(now)s::timestamptz + interval '2 seconds',
    %(now)s::timestamptz + make_interval(mins => minutes)
from unnest(%(interchange)s::uuid[], %(position)s::int[], %(enterprise)s::text[], %(minutes)s::int[])
    as n (interchange, position, enterprise, minutes)
on conflict (interchange, position) do update set retry_at = excluded.retry_at;

-- name: delete_early
-- A message that waited is answered.
delete from early_message e using unnest(%(interchange)s::uuid[], %(position)s::int[]) as n (interchange, position)
where e.interchange = n.interchange and e.position = n.position;

-- name: forget_early
-- Messages of an interchange that was set aside.
delete from early_message where interchange = any(%(interchange)s::uuid[]);

-- name: early_due
-- Messages that waited and may be tried again, with the archived bytes of their interchanges; has the time of one run out?
-- Taking one puts it off: no other worker takes it now, and what fails is tried again later. One that was answered meanwhile,
-- because its sender sent the same bytes again, waits no more.
with due as (
    select interchange, position, exists (select from message m where (m.interchange, m.position) = (e.interchange, e.position))
        as answered
    from early_message e where retry_at <= clock_timestamp() order by retry_at limit %(count)s for update skip locked
), answered as (
    delete from early_message e using due d where d.answered and (e.interchange, e.position) = (d.interchange, d.position)
), taken as (
    update early_message e set retry_at = clock_timestamp() + interval '5 seconds'
    from due d where not d.answered and (e.interchange, e.position) = (d.interchange, d.position)
    returning e.interchange, e.position, e.expires_at <= clock_timestamp() as expired
)
select t.interchange, t.position, i.exchange, i.body, t.expired from taken t join interchange i on i.id = t.interchange;

-- name: filings_waiting
-- Filings of a kind that wait for a person, the nearest deadline first; after: (deadline, id) of the last row seen. The page is
-- cut out before anything is joined to it: what row-level security asks makes the planner expect next to nothing.
with page as materialized (
    select t.* from review_task t
    where (%(branch)s = '*' or t.branch = %(branch)s) and t.kind = %(kind)s
        and (%(type)s = '' or t.type = %(type)s) and (%(enterprise)s = '' or t.enterprise = %(enterprise)s)
        and (%(hs)s = '' or exists (select from filing g where g.id = t.filing and g.hs6 between %(hs)s and %(hs)s || '9999'))
        and (%(deadline)s::timestamptz is null or (t.deadline, t.subject) > (%(deadline)s::timestamptz, %(after)s::uuid))
    order by t.deadline, t.subject limit %(limit)s
)
select f.id, coalesce(f.number, '') as number, f.enterprise, coalesce(e.name_zh, ''), f.branch, f.state, f.version, f.revision,
    coalesce(f.certificate_type, ''), coalesce(f.hs6, ''),
    case when f.kind = 'goods' then f.content ->> 'name_zh' else '' end,
    case when f.kind = 'goods' then f.content ->> 'name_en' else '' end, f.valid_to,
    f.replaces is not null or f.kind = 'registration' and exists (select from filing p where p.enterprise = f.enterprise
        and p.kind = f.kind and p.state = 'REGISTERED' and p.id < f.id),
    f.created_at, f.changed_at, t.deadline, case when t.lease_until > clock_timestamp() then t.claimed_by end,
    case when t.lease_until > clock_timestamp() then t.lease_until end, t.assigned_to
from page t join filing f on f.id = t.filing left join enterprise e on e.no = f.enterprise
order by t.deadline, t.subject;

-- name: filings_newest
-- Filings of a kind in one state or any, the newest first; after: id of the last row seen. Cut out first, as above.
with page as materialized (
    select f.* from filing f
    where (%(branch)s = '*' or f.branch = %(branch)s) and f.kind = %(kind)s and (%(state)s = '' or f.state = %(state)s)
        and (%(type)s = '' or f.certificate_type = %(type)s) and (%(enterprise)s = '' or f.enterprise = %(enterprise)s)
        and (%(hs)s = '' or f.hs6 between %(hs)s and %(hs)s || '9999')
        and (%(after)s::uuid is null or f.id < %(after)s::uuid)
    order by f.id desc limit %(limit)s
)
select f.id, coalesce(f.number, '') as number, f.enterprise, coalesce(e.name_zh, ''), f.branch, f.state, f.version, f.revision,
    coalesce(f.certificate_type, ''), coalesce(f.hs6, ''),
    case when f.kind = 'goods' then f.content ->> 'name_zh' else '' end,
    case when f.kind = 'goods' then f.content ->> 'name_en' else '' end, f.valid_to,
    f.replaces is not null or f.kind = 'registration' and exists (select from filing p where p.enterprise = f.enterprise
        and p.kind = f.kind and p.state = 'REGISTERED' and p.id < f.id),
    f.created_at, f.changed_at, t.deadline, case when t.lease_until > clock_timestamp() then t.claimed_by end,
    case when t.lease_until > clock_timestamp() then t.lease_until end, t.assigned_to
from page f left join enterprise e on e.no = f.enterprise left join review_task t on t.filing = f.id
order by f.id desc;

-- name: filing_sheet
-- One filing with where it came from, what it replaces, and who holds it.
select f.id, f.kind, coalesce(f.number, ''), f.enterprise, coalesce(e.name_zh, ''), coalesce(e.name_en, ''), f.branch, f.state,
    f.version, f.revision, f.content, coalesce(f.certificate_type, ''), coalesce(f.hs6, ''), f.valid_to, f.replaces,
    coalesce(o.number, ''), o.content, f.created_at, f.changed_at, m.id, m.message_id, i.interchange_id, m.position,
    t.deadline, t.queued_at, case when t.lease_until > clock_timestamp() then t.claimed_by end,
    case when t.lease_until > clock_timestamp() then t.lease_until end, coalesce(t.token, 0), t.assigned_to,
    coalesce(t.remark, ''), coalesce(t.reasons, '[]'),
    (select h.detail ->> 'message' from filing_transition h where h.filing = f.id and h.revision = f.revision - 1
        order by h.version limit 1)
from filing f join message m on m.id = f.message join interchange i on i.id = m.interchange
left join enterprise e on e.no = f.enterprise left join filing o on o.id = f.replaces left join review_task t on t.filing = f.id
where f.id = %(id)s and f.kind = %(kind)s and (%(branch)s = '*' or f.branch = %(branch)s);

-- name: filing_lines
-- What became of a filing, with the receipt that told it.
select t.version, t.revision, t.event, t.state, t.actor, t.at, t.detail, r.id, r.code, r.feed_no
from filing_transition t left join receipt r on r.id = t.receipt where t.filing = %(id)s order by t.version;

-- name: filings_beside
-- Other goods filings of the enterprise under the same four digits, the newest first.
select f.id, coalesce(f.number, ''), f.state, f.certificate_type, f.hs6, f.content ->> 'name_en', f.valid_to, f.changed_at
from filing f where f.enterprise = %(enterprise)s and f.kind = 'goods' and f.id <> %(id)s
    and f.hs6 between %(hs4)s and %(hs4)s || '9999' and (%(branch)s = '*' or f.branch = %(branch)s)
order by f.id desc limit 20;

-- name: message_bytes
-- The delivery in which a message came, with the message's position.
select i.body, m.position from message m join interchange i on i.id = m.interchange where m.id = %(id)s;

-- name: registry_page
-- Enterprises of a branch by number; after: number of the last row seen. starts: the beginning of a number, code or name.
select e.no, coalesce(e.credit_code, ''), e.branch, e.name_zh, e.name_en, e.active, e.registered_at, e.customs_code,
    (select count(*) from customs_code c where c.enterprise = e.no and c.status = 'pending'), e.print_seal_ready, e.local_print,
    (select f.id from filing f where f.enterprise = e.no and f.kind = 'registration' and f.state = 'PENDING_REVIEW' limit 1)
from enterprise e
where (%(branch)s = '*' or e.branch = %(branch)s) and (%(active)s::bool is null or e.active = %(active)s)
    and (%(starts)s = '' or starts_with(e.no, upper(%(starts)s)) or starts_with(e.credit_code, upper(%(starts)s))
        or starts_with(e.name_zh, %(starts)s) or starts_with(upper(e.name_en), upper(%(starts)s)))
    and e.no > %(after)s
order by e.no limit %(limit)s;

-- name: enterprise_sheet
-- One enterprise of the branch, by number or credit code.
select e.no, coalesce(e.credit_code, ''), e.branch, e.name_zh, e.name_en, e.address_en, e.contact, e.name_suffix, e.active,
    e.created_at, e.registered_at, e.customs_code, e.print_seal_ready, e.local_print, e.exchange, e.receipt_queue,
    coalesce((select last from feed_counter where enterprise = e.no), 0),
    (select count(*) from (select from outbox o where o.destination = 'enterprise' and o.address = e.no limit 1000) as unsent),
    (select max(r.at) from receipt r where r.enterprise = e.no and r.feed_no = (select last from feed_counter where enterprise = e.no)),
    (select f.id from filing f where f.enterprise = e.no and f.kind = 'registration' and f.state = 'PENDING_REVIEW' limit 1)
from enterprise e where (e.no = %(no)s or e.credit_code = %(no)s) and (%(branch)s = '*' or e.branch = %(branch)s);

-- name: enterprise_codes
-- Customs codes of an enterprise.
select code, status, issued_on, nature, coalesce(decided_by, ''), decided_at from customs_code where enterprise = %(no)s order by code
limit 200;

-- name: enterprise_operators
-- Persons who draw up documents.
select code, name_zh, contact, active from enterprise_operator where enterprise = %(no)s order by code limit 500;

-- name: enterprise_signatories
-- Signatories, with since when and in which form their signature is on file.
select s.code, s.name_zh, s.active, i.media_type, length(i.body), i.at
from signatory s left join enterprise_image i on i.enterprise = s.enterprise and i.kind = 'signature' and i.code = s.code
where s.enterprise = %(no)s order by s.code limit 500;

-- name: enterprise_seals
-- Seals on file.
select code, media_type, length(body), at from enterprise_image where enterprise = %(no)s and kind = 'seal' order by code limit 20;

-- name: enterprise_counters
-- Serials of certificate numbers: the next of each letter and year.
select letter, year, first, last + 1 from number_counter where enterprise = %(no)s order by year desc, letter limit 100;

-- name: enterprise_goods
-- Its goods filings, counted by type and state, and how many of them are past their last day.
select certificate_type, state, count(*), count(*) filter (where valid_to < (clock_timestamp() at time zone 'Asia/Shanghai')::date)
from filing where enterprise = %(no)s and kind = 'goods' group by certificate_type, state order by certificate_type, state;

-- name: enterprise_certificates
-- States of its newest certificates; no more are counted than these.
select state, count(*) from (
    select state from certificate where enterprise = %(no)s order by id desc limit %(limit)s) as newest
group by state order by state;

-- name: enterprise_notes
-- What people changed about an enterprise, the newest first.
select at, actor, action, detail from audit
where subject = %(no)s and (%(branch)s = '*' or branch = %(branch)s) order by id desc limit 30;

-- name: enterprise_image
-- The bytes of a specimen.
select i.media_type, i.body from enterprise_image i join enterprise e on e.no = i.enterprise
where i.enterprise = %(no)s and i.kind = %(kind)s and i.code = %(code)s and (%(branch)s = '*' or e.branch = %(branch)s);

-- name: hold_enterprise
-- One at a time changes an enterprise.
select branch from enterprise where no = %(no)s and (%(branch)s = '*' or branch = %(branch)s) for update;

-- name: decide_customs_code
-- A pending customs code is approved or refused, once.
update customs_code set status = %(status)s, decided_by = %(by)s, decided_at = clock_timestamp()
where enterprise = %(no)s and code = %(code)s and status = 'pending' returning code;

-- name: put_operator
-- A person who draws up documents, or the new name, contact or status of one; what it was.
with before as (select name_zh, contact, active from enterprise_operator where enterprise = %(no)s and code = %(code)s),
made as (
    insert into enterprise_operator (enterprise, code, name_zh, contact, active)
    values (%(no)s, %(code)s, %(name_zh)s, %(contact)s, %(active)s)
    on conflict (enterprise, code) do update set name_zh = excluded.name_zh, contact = excluded.contact, active = excluded.active)
select name_zh, contact, active from before;

-- name: put_signatory
-- A signatory, or the new name or status of one; what it was.
with before as (select name_zh, active from signatory where enterprise = %(no)s and code = %(code)s),
made as (
    insert into signatory (enterprise, code, name_zh, active) values (%(no)s, %(code)s, %(name_zh)s, %(active)s)
    on conflict (enterprise, code) do update set name_zh = excluded.name_zh, active = excluded.active)
select name_zh, active from before;

-- name: has_signatory
-- Whether there is a signatory of this code.
select 1 from signatory where enterprise = %(no)s and code = %(code)s;

-- name: put_image
-- A specimen in place of the one on file; what that one was.
with before as (select encode(sha256, 'hex') as sha256 from enterprise_image
    where enterprise = %(no)s and kind = %(kind)s and code = %(code)s),
made as (
    insert into enterprise_image (enterprise, kind, code, media_type, sha256, body, at)
    values (%(no)s, %(kind)s, %(code)s, %(media_type)s, %(sha256)s, %(body)s, clock_timestamp())
    on conflict (enterprise, kind, code) do update set media_type = excluded.media_type, sha256 = excluded.sha256,
        body = excluded.body, at = excluded.at)
select sha256 from before;

-- name: switch_local_print
-- An enterprise may print by itself, or not any more; nothing when it is so already.
update enterprise set local_print = %(on)s where no = %(no)s and local_print <> %(on)s returning no;

-- name: switch_enterprise
-- An enterprise is switched off or on again; nothing when it is so already.
update enterprise set active = %(on)s where no = %(no)s and active <> %(on)s returning no;

-- name: set_particulars
-- Names, address and contact as the registrar has them; what they were.
with before as (select name_zh, name_en, address_en, contact from enterprise where no = %(no)s),
made as (
    update enterprise set name_zh = %(name_zh)s, name_en = %(name_en)s, address_en = %(address_en)s, contact = %(contact)s
    where no = %(no)s)
select name_zh, name_en, address_en, contact from before;

-- name: branch_names
-- Names of branches.
select code, name_zh, name_en from branch order by code;

-- name: deciders
-- Persons of a branch who have one of these roles.
select distinct u.branch || '/' || u.name as who, u.shown from console_user u
join console_role r on r.branch = u.branch and r.name = u.name
where u.branch = %(branch)s and u.active and r.role = any(%(roles)s) order by who limit 200;

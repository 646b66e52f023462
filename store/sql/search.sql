-- name: search_filters
-- A part of the searches below: what is asked for, of a certificate c. What is empty or null restricts nothing: the planner sees
-- constants, and drops it. Ids are asked for as arrays, which it can look up in an index, and for head office all branches.
(%(branch)s = '*' or c.branch = %(branch)s)
and (%(branch)s <> '*' or c.branch = any(array(select code from branch)))
and (%(place)s::text is null or c.branch = %(place)s)
and (%(id)s::uuid is null or c.id = %(id)s::uuid)
and (%(states)s::text[] = '{}' or c.state = any(%(states)s::text[]))
and (%(types)s::text[] = '{}' or c.type = any(%(types)s::text[]))
and (%(enterprises)s::text[] is null or c.enterprise = any(%(enterprises)s::text[]))
and (%(invoice)s::text is null or c.invoice collate "C" >= %(invoice)s and c.invoice collate "C" <= %(invoice_to)s)
and (%(number)s::text is null or c.number collate "C" >= %(number)s and c.number collate "C" <= %(number_to)s)
and (%(message)s::text is null or c.id = any(array(
    select m.certificate from enterprise e cross join lateral (
        select message from inbox where inbox.enterprise = e.no and inbox.message_id = %(message)s) i join message m on m.id = i.message
    where %(branch)s = '*' or e.branch = %(branch)s)))
and (%(serial)s::text is null or c.id = any(array(
    select f.certificate from form_serial f where f.stock = any(%(stocks)s::text[]) and f.serial = %(serial)s)))
and (%(first)s::uuid is null or c.id >= %(first)s::uuid)
and (%(last)s::uuid is null or c.id < %(last)s::uuid)
and (%(invoiced_from)s::date is null or c.invoice_date >= %(invoiced_from)s::date)
and (%(invoiced_to)s::date is null or c.invoice_date <= %(invoiced_to)s::date)
and (%(words)s = '' or c.words @@ %(words)s::tsquery)
and (%(currency)s::text is null or c.currency = %(currency)s)
and (%(least)s::numeric is null or c.amount >= %(least)s::numeric)
and (%(most)s::numeric is null or c.amount <= %(most)s::numeric)
and (%(printed)s::bool is not true or c.id = any(array(select p.certificate from print_report p)))
and (%(printed)s::bool is not false or c.state in ('ISSUED', 'SUPERSEDED', 'VOID')
    and not exists (select from print_report p where p.certificate = c.id));

-- name: search_after
-- A part of the searches below: only what stands after a place in the order (before it, where `down` is set).
(%(at)s::uuid is null or case %(sort)s
    when 'invoice' then case when %(down)s then (c.invoice collate "C", c.id) < (%(key)s, %(at)s::uuid)
        else (c.invoice collate "C", c.id) > (%(key)s, %(at)s::uuid) end
    when 'number' then case when %(down)s then (c.number collate "C", c.id) < (%(key)s, %(at)s::uuid)
        else (c.number collate "C", c.id) > (%(key)s, %(at)s::uuid) end
    when 'enterprise' then case when %(down)s then (c.enterprise, c.id) < (%(key)s, %(at)s::uuid)
        else (c.enterprise, c.id) > (%(key)s, %(at)s::uuid) end
    else case when %(down)s then c.id < %(at)s::uuid else c.id > %(at)s::uuid end end)
and (%(sort)s <> 'number' or c.number is not null);

-- name: search_order
-- A part of the searches below: the order, of which all but one column are constants.
order by case when %(sort)s = 'invoice' and not %(down)s then c.invoice collate "C" end,
    case when %(sort)s = 'invoice' and %(down)s then c.invoice collate "C" end desc,
    case when %(sort)s = 'number' and not %(down)s then c.number collate "C" end,
    case when %(sort)s = 'number' and %(down)s then c.number collate "C" end desc,
    case when %(sort)s = 'enterprise' and not %(down)s then c.enterprise end,
    case when %(sort)s = 'enterprise' and %(down)s then c.enterprise end desc,
    case when not %(down)s then c.id end, case when %(down)s then c.id end desc;

-- name: search_near
-- What is asked for among the next `depth` certificates of the order: a walk along one index, so it never costs more than that.
with near as materialized (
    select c.id from (
        select c.* from certificate_in_sight c
        where (%(branch)s = '*' or c.branch = %(branch)s)
          and (%(by)s <> 'state' or c.state = %(of)s)
          and (%(by)s <> 'type' or c.type = %(of)s)
          and (%(by)s <> 'enterprise' or c.enterprise = %(of)s)
          and [search_after]
        [search_order] limit %(depth)s) c
    where [search_filters] [search_order] limit %(limit)s
)
[search_columns] from near n join certificate_in_sight c on c.id = n.id [search_joins] [search_order];

-- name: search_far
-- What is asked for, wherever it stands: found by what restricts it most, then put in order.
with hit as materialized (
    select c.id, c.invoice, c.number, c.enterprise from certificate_in_sight c where [search_filters] and [search_after]
), near as materialized (
    select c.id from hit c [search_order] limit %(limit)s
)
[search_columns] from near n join certificate_in_sight c on c.id = n.id [search_joins] [search_order];

-- name: search_count
-- How many certificates are asked for, at most `limit`.
select count(*) from (select from certificate_in_sight c where [search_filters] and [search_after] limit %(limit)s) as found;

-- name: search_columns
-- A part of the searches above: what a list shows of a certificate.
select c.id, c.branch, c.enterprise, e.name_zh, e.name_en, c.type, c.invoice, c.invoice_date, c.number, c.consignee, c.destination,
    c.state, c.version, c.revision, c.signatory, c.amount, c.currency, c.small, c.created_at, c.approved_at, c.changed_at, f.serial,
    coalesce(t.detail -> 'reasons', '[]'::jsonb);

-- name: search_joins
-- A part of the searches above: where the columns come from, for the rows that are shown.
join enterprise e on e.no = c.enterprise
left join transition t on t.certificate = c.id and t.version = c.version
left join lateral (select serial from form_serial s where s.certificate = c.id and s.status = 'used' order by s.at desc limit 1) f on true;

-- name: enterprises_named
-- Numbers of enterprises whose Chinese or English name contains a text, or whose number begins with it; at most `limit`.
select no from enterprise
where (%(branch)s = '*' or branch = %(branch)s)
  and (%(name)s = '' or position(lower(%(name)s) in lower(name_zh)) > 0 or position(lower(%(name)s) in lower(name_en)) > 0)
  and (%(no)s = '' or no like %(no)s || '%%' or credit_code = %(no)s)
order by no limit %(limit)s;

-- name: saved_searches
-- What a person has saved, by label.
select label, query, at from saved_search where branch = %(branch)s and name = %(name)s order by label limit 100;

-- name: save_search
-- A search under a label; the same label again replaces it. At most a hundred for each person.
insert into saved_search (branch, name, label, query)
select %(branch)s, %(name)s, %(label)s, %(query)s
where (select count(*) from saved_search s where s.branch = %(branch)s and s.name = %(name)s and s.label <> %(label)s) < 100
on conflict (branch, name, label) do update set query = excluded.query, at = clock_timestamp()
returning label;

-- name: forget_search
-- A saved search is gone.
delete from saved_search where branch = %(branch)s and name = %(name)s and label = %(label)s returning label;

-- name: hold_exports_of
-- Exports of a person begin one after another, so that they can be counted.
select pg_advisory_xact_lock(hashtext('export_job:' || %(branch)s || '/' || %(name)s));

-- name: start_export
-- A new export of a person, who may have `most` at a time.
insert into export_job (id, branch, name, query, state)
select %(id)s, %(branch)s, %(name)s, %(query)s, 'running'
where (select count(*) from export_job j where j.branch = %(branch)s and j.name = %(name)s and j.state = 'running'
    and j.seen_at > clock_timestamp() - make_interval(secs => %(patience)s)) < %(most)s
returning id;

-- name: export_progress
-- How far an export is; no row when it was cancelled.
update export_job set done = %(done)s, total = greatest(%(total)s, %(done)s), seen_at = clock_timestamp()
where id = %(id)s and state = 'running' returning id;

-- name: end_export
-- An export is done, has failed or is cancelled; one that ended before stays as it was.
update export_job set state = %(state)s, file = %(file)s, error = %(error)s, seen_at = clock_timestamp()
where id = %(id)s and state = 'running' returning id;

-- name: exports
-- A person's exports of the last day, the newest first, or one of them; lost: nobody has written on it for a while.
select id, query, state, total, done, file, error, at, state = 'running' and seen_at < clock_timestamp() - make_interval(secs => %(patience)s)
from export_job
where branch = %(branch)s and name = %(name)s and (%(id)s::uuid is null or id = %(id)s::uuid) and at > clock_timestamp() - interval '1 day'
order by at desc limit 50;

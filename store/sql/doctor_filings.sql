-- name: check_filing_history
-- I1: versions of a filing's history run 1, 2, 3 ..., each line starts where the line before ended, and is a move of its life.
select line.filing::text as subject,
    case when line.version <> line.place then format('version %%s stands at place %%s', line.version, line.place)
        when line.source is distinct from line.before then format('version %%s starts in %%s, the line before ended in %%s',
            line.version, coalesce(line.source, 'nothing'), coalesce(line.before, 'nothing'))
        else format('version %%s: no move %%s from %%s to %%s', line.version, line.event, coalesce(line.source, 'nothing'),
            line.state) end as detail
from (
    select t.*, f.kind, row_number() over history as place, lag(t.state) over history as before
    from filing_transition t left join filing f on f.id = t.filing
    window history as (partition by t.filing order by t.version)) as line
left join unnest(%(filing_kinds)s::text[], %(filing_sources)s::text[], %(filing_events)s::text[], %(filing_targets)s::text[])
    as move (kind, source, event, target)
    on (move.kind, move.source, move.event, move.target) = (line.kind, coalesce(line.source, ''), line.event, line.state)
where line.version <> line.place or line.source is distinct from line.before or move.kind is null;

-- name: check_filing_state
-- I1: a filing stands where its newest line of history says.
select f.id::text as subject,
    case when t.filing is null then format('no line of history for version %%s', f.version)
        when later.filing is not null then format('at version %%s, but its history goes on', f.version)
        else format('%%s, revision %%s, but history says %%s, revision %%s', f.state, f.revision, t.state, t.revision) end as detail
from filing f
left join filing_transition t on t.filing = f.id and t.version = f.version
left join filing_transition later on later.filing = f.id and later.version = f.version + 1
where t.filing is null or later.filing is not null or t.state <> f.state or t.revision <> f.revision or t.hash <> f.head;

-- name: check_filing_receipts
-- I3: exactly one receipt for each transition of a filing: in its stream, numbered by the version, to its own enterprise.
select t.filing::text as subject, format('version %%s: %%s', t.version,
    case when r.id is null then 'its receipt is missing' else 'its receipt tells of something else' end) as detail
from filing_transition t left join receipt r on r.id = t.receipt left join filing f on f.id = t.filing
where r.id is null or r.stream <> 'filing:' || t.filing or r.sequence <> t.version or r.state is distinct from t.state
   or r.enterprise is distinct from f.enterprise
union all
select r.stream, format('receipt %%s belongs to no transition', r.id)
from receipt r left join filing_transition t on t.receipt = r.id
where r.stream like 'filing:%%' and t.receipt is null;

-- name: check_filing_numbers
-- I5: every approved goods filing has its number, and the numbers of an enterprise and year run from 1 to its counter.
select coalesce(n.enterprise, c.enterprise) as subject,
    format('%%s numbers in %%s, up to %%s, counter %%s', coalesce(n.count, 0), coalesce(n.year, c.year), n.most, c.last) as detail
from (
    select enterprise, 2000 + substr(number, 2, 2)::int as year, count(*), max(substring(number from '[0-9]+$')::int) as most
    from filing where number is not null group by 1, 2) as n
full join filing_counter c on (c.enterprise, c.year) = (n.enterprise, n.year)
where coalesce(n.count, 0) <> coalesce(c.last, 0) or coalesce(n.most, 0) <> coalesce(c.last, 0)
union all
select id::text, format('%%s without a number', state)
from filing where kind = 'goods' and state in ('APPROVED', 'REPLACED') and number is null;

-- name: check_filings_held
-- I15: subjects are held by exactly the filings whose state holds them; a change under way holds that of the change instead.
with holding as (
    select f.kind, f.enterprise, f.subject, f.id, f.state from filing f
    join unnest(%(filing_holders)s::text[], %(filing_held)s::text[]) as h (kind, state) using (kind, state)
    where f.replaces is null or f.state = 'APPROVED'
    union all
    select f.kind, f.enterprise, 'changes ' || f.replaces, f.id, f.state from filing f
    join unnest(%(filing_holders)s::text[], %(filing_held)s::text[]) as h (kind, state) using (kind, state)
    where f.replaces is not null and f.state <> 'APPROVED'
    union all
    select f.kind, f.enterprise, f.subject, f.id, f.state from filing f join filing o on o.id = f.replaces
    join unnest(%(filing_holders)s::text[], %(filing_held)s::text[]) as h (kind, state) on (h.kind, h.state) = (f.kind, f.state)
    where f.state <> 'APPROVED' and f.subject <> o.subject
)
select coalesce(l.enterprise, h.enterprise) || ' ' || coalesce(l.subject, h.subject) as subject,
    case when l.filing is null then format('filing %%s is %%s and does not hold it', h.id, h.state)
        else format('held by %%s, which should not hold it', l.filing) end as detail
from live_filing l
full join holding h on (h.kind, h.enterprise, h.subject, h.id) = (l.kind, l.enterprise, l.subject, l.filing)
where l.filing is null or h.id is null;

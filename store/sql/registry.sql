-- name: add_branch
-- A branch with its receipt counter, or new texts for one that exists; it keeps the exchange that it has.
with added as (
    insert into branch (code, name_zh, name_en, place, contact, exchange)
    values (%(code)s, %(name_zh)s, %(name_en)s, %(place)s, %(contact)s, %(exchange)s)
    on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, place = excluded.place,
        contact = excluded.contact, exchange = coalesce(branch.exchange, excluded.exchange)
    returning code
)
insert into feed_counter (enterprise) select code from added on conflict do nothing;

-- name: branches_without_exchange
-- Branches that were added before branches could send.
select code from branch where exchange is null order by code;

-- name: branch_exchange
-- The exchange that a branch may publish to.
select code, exchange from branch where code = %(code)s;

-- name: set_branch_exchange
-- A branch gets its exchange, once.
update branch set exchange = %(exchange)s where code = %(code)s and exchange is null;

-- name: add_enterprise
-- An enterprise with its receipt counter; exchange and receipt queue stay as they are when it exists. A customs code that an
-- operator gives is an approved one; without one that in force stays.
with added as (
    insert into enterprise (no, credit_code, branch, name_zh, name_en, customs_code, exchange, receipt_queue, print_seal_ready,
        local_print)
    values (%(no)s, %(credit_code)s, %(branch)s, %(name_zh)s, %(name_en)s, %(customs_code)s, %(exchange)s, %(receipt_queue)s,
        %(print_seal_ready)s, %(local_print)s)
    on conflict (no) do update set branch = excluded.branch, name_zh = excluded.name_zh, name_en = excluded.name_en,
        customs_code = coalesce(nullif(excluded.customs_code, ''), enterprise.customs_code), credit_code = excluded.credit_code, active = true,
        print_seal_ready = excluded.print_seal_ready, local_print = excluded.local_print
    returning no
), approved as (
    insert into customs_code as c (enterprise, code, status, decided_by, decided_at)
    select no, %(customs_code)s, 'approved', %(actor)s, clock_timestamp() from added where %(customs_code)s <> ''
    on conflict (enterprise, code) do update set status = 'approved', decided_by = excluded.decided_by,
        decided_at = excluded.decided_at where c.status <> 'approved'
)
insert into feed_counter (enterprise) select no from added on conflict do nothing;

-- name: add_signatory
-- A signatory, or the new name or status of one.
insert into signatory (enterprise, code, name_zh, active) values (%(enterprise)s, %(code)s, %(name_zh)s, %(active)s)
on conflict (enterprise, code) do update set name_zh = excluded.name_zh, active = excluded.active;

-- name: set_active
-- An enterprise is switched off or on again.
update enterprise set active = %(active)s where no = %(no)s returning no;

-- name: enterprise
-- One enterprise.
select no, branch, name_zh, name_en, customs_code, active, exchange, receipt_queue, coalesce(credit_code, '') from enterprise
where no = %(no)s or credit_code = %(no)s;

-- name: enterprises
-- All enterprises, by number.
select e.no, e.branch, e.name_zh, e.name_en, e.customs_code, e.active, e.exchange, e.receipt_queue, coalesce(e.credit_code, ''),
    f.last from enterprise e left join feed_counter f on f.enterprise = e.no order by e.no;

-- name: all_branches
-- All branches, by code.
select code, name_zh, name_en, place, contact from branch order by code;

-- name: set_first_number
-- A number counter that goes on from a replaced system; only while no number of it was taken.
insert into number_counter (enterprise, letter, year, first, last)
values (%(enterprise)s, %(letter)s,
    coalesce(%(year)s, extract(year from clock_timestamp() at time zone 'Asia/Shanghai')::int), %(first)s, %(first)s - 1)
on conflict (enterprise, letter, year) do update set first = excluded.first, last = excluded.last
where number_counter.last = number_counter.first - 1
returning year;

-- name: whole_registration
-- All that is on file about one enterprise; lists as JSON. Goods filings: those that hold their goods, by type and state.
select e.registered_at, e.name_suffix, e.address_en, e.contact, e.print_seal_ready, e.local_print, e.encodings,
    (select i.at from enterprise_image i where i.enterprise = e.no and i.kind = 'seal'),
    array(select json_build_object('code', s.code, 'name_zh', s.name_zh, 'active', s.active, 'signature', exists (
            select from enterprise_image i where i.enterprise = e.no and i.kind = 'signature' and i.code = s.code))
        from signatory s where s.enterprise = e.no order by s.code),
    array(select json_build_object('code', o.code, 'name_zh', o.name_zh, 'contact', o.contact, 'active', o.active)
        from enterprise_operator o where o.enterprise = e.no order by o.code),
    array(select json_build_object('code', c.code, 'status', c.status, 'issued_on', c.issued_on, 'nature', c.nature,
            'decided_by', c.decided_by, 'in_force', c.code = e.customs_code)
        from customs_code c where c.enterprise = e.no order by c.code),
    array(select json_build_object('letter', n.letter, 'year', n.year, 'first', n.first, 'next', n.last + 1)
        from number_counter n where n.enterprise = e.no order by n.year desc, n.letter),
    array(select json_build_object('certificate_type', f.certificate_type, 'state', f.state, 'count', count(*), 'expired', count(*)
            filter (where f.valid_to < (clock_timestamp() at time zone 'Asia/Shanghai')::date))
        from filing f where f.enterprise = e.no and f.kind = 'goods' and f.state = any(%(live)s::text[])
        group by f.certificate_type, f.state order by f.certificate_type, f.state)
from enterprise e where e.no = %(no)s;

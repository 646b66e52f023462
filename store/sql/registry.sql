-- name: add_branch
-- A branch, or new texts for one that exists.
insert into branch (code, name_zh, name_en, place, contact) values (%(code)s, %(name_zh)s, %(name_en)s, %(place)s, %(contact)s)
on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, place = excluded.place,
    contact = excluded.contact;

-- name: add_enterprise
-- An enterprise with its receipt counter; exchange and receipt queue stay as they are when it exists.
with added as (
    insert into enterprise (no, credit_code, branch, name_zh, name_en, customs_code, exchange, receipt_queue, print_seal_ready,
        local_print)
    values (%(no)s, %(credit_code)s, %(branch)s, %(name_zh)s, %(name_en)s, %(customs_code)s, %(exchange)s, %(receipt_queue)s,
        %(print_seal_ready)s, %(local_print)s)
    on conflict (no) do update set branch = excluded.branch, name_zh = excluded.name_zh, name_en = excluded.name_en,
        customs_code = excluded.customs_code, credit_code = excluded.credit_code, active = true,
        print_seal_ready = excluded.print_seal_ready, local_print = excluded.local_print
    returning no
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

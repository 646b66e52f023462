-- name: print_rights
-- May the certificate's enterprise print by itself; copies its branch allows; copies granted already.
select c.id, e.local_print, b.copies,
    coalesce((select sum(copies) from local_print l where l.certificate = c.id), 0)::int
from certificate c join enterprise e on e.no = c.enterprise join branch b on b.code = c.branch
where c.id = any(%(ids)s::uuid[]);

-- name: serials
-- What became of printed forms with these serials, in whatever stock.
select stock, serial, status from form_serial where serial = any(%(serials)s::text[]);

-- name: kept_stocks
-- The stocks of pre-printed forms that branches keep a ledger of.
select distinct branch, stock from form_serial where status = 'received';

-- name: use_serials
-- Forms that were used or spoiled, sorted, so that two writers never deadlock; one that was used before raises.
insert into form_serial (branch, stock, serial, status, certificate, reason, actor, at)
select *, %(now)s::timestamptz from unnest(%(branch)s::text[], %(stock)s::text[], %(serial)s::text[], %(status)s::text[],
    %(certificate)s::uuid[], %(reason)s::text[], %(actor)s::text[]) as n (branch, stock, serial, status, certificate, reason, actor)
order by stock, serial
on conflict (stock, serial) do update set status = excluded.status, certificate = excluded.certificate,
    reason = excluded.reason, actor = excluded.actor, at = excluded.at;

-- name: form_standing
-- What became of a form, whichever branch had it, and whether this branch keeps a ledger of the stock.
select form_status(%(stock)s, %(serial)s), exists (
    select from form_serial where branch = %(branch)s and stock = %(stock)s and status = 'received');

-- name: serial_in_use
-- The forms that a certificate is printed on.
select serial from form_serial where certificate = %(id)s and status = 'used';

-- name: insert_corrections
-- Serials that were entered wrongly: which one it was, which one it is.
insert into serial_correction (stock, old, new, certificate, reason, actor, at)
select *, %(now)s::timestamptz from unnest(%(stock)s::text[], %(old)s::text[], %(new)s::text[], %(certificate)s::uuid[],
    %(reason)s::text[], %(actor)s::text[]);

-- name: spoil_corrected
-- The forms that were named wrongly count as spoiled; the correction on record allows it.
update form_serial f set status = 'spoiled', reason = n.reason, actor = n.actor, at = %(now)s
from unnest(%(stock)s::text[], %(serial)s::text[], %(certificate)s::uuid[], %(reason)s::text[], %(actor)s::text[])
    as n (stock, serial, certificate, reason, actor)
where f.stock = n.stock and f.serial = n.serial and f.certificate = n.certificate and f.status = 'used';

-- name: insert_print_reports
-- What was printed, on what, by whom.
insert into print_report (message, certificate, copies, serial, printer, reported_by, at)
select *, %(now)s::timestamptz from unnest(%(message)s::uuid[], %(certificate)s::uuid[], %(copies)s::int[], %(serial)s::text[],
    %(printer)s::text[], %(reported_by)s::text[]);

-- name: insert_local_prints
-- Copies that an enterprise may print by itself.
insert into local_print (message, certificate, copies, printer, at)
select *, %(now)s::timestamptz from unnest(%(message)s::uuid[], %(certificate)s::uuid[], %(copies)s::int[], %(printer)s::text[]);

-- name: newest_documents
-- The newest finished document of certificates.
select distinct on (certificate) certificate, medium, encode(sha256, 'hex'), name, size, pages
from document where certificate = any(%(ids)s::uuid[]) order by certificate, revision desc, medium desc;

-- name: newest_feeds
-- The newest receipt number of parties.
select enterprise, last from feed_counter where enterprise = any(%(parties)s::text[]);

-- name: receipts_wanted
-- Receipts that are asked for again: by feed number of their party, or all of a certificate; which request, then the columns
-- of `newest_receipts` without its first.
select * from (
    select n.message, r.id, r.stream, r.sequence, r.enterprise, r.feed_no, r.code, r.correlation, r.state, r.body, r.at
    from unnest(%(message)s::uuid[], %(party)s::text[], %(first)s::bigint[], %(last)s::bigint[]) as n (message, party, first, last)
    cross join lateral (
        select * from receipt where enterprise = n.party and feed_no between n.first and n.last order by feed_no limit %(most)s) r
    union all
    select n.message, r.id, r.stream, r.sequence, r.enterprise, r.feed_no, r.code, r.correlation, r.state, r.body, r.at
    from unnest(%(of)s::uuid[], %(certificate)s::uuid[]) as n (message, certificate)
    cross join lateral (
        select * from receipt where stream = 'certificate:' || n.certificate order by sequence limit %(most)s) r
) as wanted order by 1, 6;

-- name: newest_feed
-- The newest receipt number of an enterprise, 0 before the first.
select coalesce((select last from feed_counter where enterprise = %(enterprise)s), 0);

-- name: receipts_between
-- Receipts of an enterprise by feed number, with the columns of `newest_receipts`.
select r.enterprise, r.id, r.stream, r.sequence, r.enterprise, r.feed_no, r.code, r.correlation, r.state, r.body, r.at
from receipt r where r.enterprise = %(enterprise)s and r.feed_no between %(first)s and %(last)s order by r.feed_no;

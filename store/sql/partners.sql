-- name: set_branch_user
-- The broker user that reads a branch's queue.
update branch set user_name = %(user)s where code = %(code)s;

-- name: receipt_feed
-- Receipts of an enterprise after a feed number, in order; a number is only visible when all before it are.
select body from receipt where enterprise = %(enterprise)s and feed_no > %(since)s order by feed_no limit %(limit)s;

-- name: stream_receipts
-- All receipts of some streams, in the order of the enterprise's feed.
select stream, body from receipt where stream = any(%(streams)s::text[]) order by feed_no;

-- name: deliveries
-- What became of deliveries as a whole, by the SHA-256 of their bytes.
select encode(sha256, 'hex'), id, interchange_id, refusal, total from interchange
where exchange = %(exchange)s and sha256 = any(%(sha256)s::bytea[]);

-- name: delivered_messages
-- What became of the messages of these interchanges; a repeated message shares the fate of the first with its id. Last: what a
-- message was answered that made no certificate of its own.
select m.interchange, m.position, m.id, m.message_id, f.id, c.id, c.invoice, c.state, c.number,
    exists (select from work_order w where w.certificate = c.id and w.parked),
    case when coalesce(f.disposition, m.disposition) = 'done' then (
        select r.code from receipt r where r.stream = 'message:' || coalesce(f.id, m.id) order by r.sequence desc limit 1) end
from message m
left join message f on f.id = m.of_message and m.disposition = 'repeated'
left join certificate c on c.id = case m.disposition when 'repeated' then f.certificate else m.certificate end
where m.interchange = any(%(interchanges)s::uuid[])
order by m.interchange, m.position;

-- name: check_history_dense
-- I1: versions of a certificate's history run 1, 2, 3 ... and each line starts where the line before ended.
select certificate::text as subject,
    case when version <> place then format('version %%s stands at place %%s', version, place)
        else format('version %%s starts in %%s, the line before ended in %%s', version, coalesce(source, 'nothing'),
            coalesce(before, 'nothing')) end as detail
from (
    select certificate, version, source, row_number() over history as place, lag(state) over history as before
    from transition window history as (partition by certificate order by version)) as line
where version <> place or source is distinct from before;

-- name: check_moves_known
-- I1: every line of history is a move of the life-cycle table.
select t.certificate::text as subject,
    format('version %%s: no move %%s from %%s to %%s', t.version, t.event, coalesce(t.source, 'nothing'), t.state) as detail
from transition t
where not exists (
    select 1 from unnest(%(sources)s::text[], %(events)s::text[], %(targets)s::text[]) as move (source, event, target)
    where move.source = coalesce(t.source, '') and move.event = t.event and move.target = t.state);

-- name: check_state_is_newest
-- I1: a certificate stands where its newest line of history says.
select c.id::text as subject,
    case when t.certificate is null then format('no line of history for version %%s', c.version)
        when later.certificate is not null then format('at version %%s, but its history goes on', c.version)
        else format('%%s, revision %%s, but history says %%s, revision %%s%%s', c.state, c.revision, t.state, t.revision,
            case when t.hash <> c.head then ', with another hash' else '' end) end as detail
from certificate c
left join transition t on t.certificate = c.id and t.version = c.version
left join transition later on later.certificate = c.id and later.version = c.version + 1
where t.certificate is null or later.certificate is not null
   or t.state <> c.state or t.revision <> c.revision or t.hash <> c.head;

-- name: check_delivery_answered
-- I2: every delivery of a known sender has a receipt of its own; one of an unknown sender has a ticket.
select i.id::text as subject, case when i.enterprise is null then 'unknown sender, and no ticket' else 'no receipt' end as detail
from interchange i
left join receipt r on r.stream = 'message:' || i.id and r.sequence = 1
left join (select distinct exchange, sha256 from parked) p on p.exchange = i.exchange and p.sha256 = i.sha256
where case when i.enterprise is null then p.sha256 is null else r.id is null end;

-- name: check_message_answered
-- I2: every message is answered: by its certificate's receipts, by its own, or by those of the message it repeats.
select m.id::text as subject, format('%%s message %%s has no receipt', m.disposition, m.message_id) as detail
from message m
left join receipt r on r.sequence = 1 and r.stream = case m.disposition
    when 'certificate' then 'certificate:' || m.certificate else 'message:' || m.id end
left join message first on first.id = m.of_message
where case when m.disposition = 'repeated' then first.id is null else r.id is null end;

-- name: check_transition_receipts
-- I3: exactly one receipt for each transition: in its certificate's stream, numbered by the version, with its state.
select t.certificate::text as subject, format('version %%s: %%s', t.version,
    case when r.id is null then 'its receipt is missing' else 'its receipt tells of something else' end) as detail
from transition t left join receipt r on r.id = t.receipt
where r.id is null or r.stream <> 'certificate:' || t.certificate or r.sequence <> t.version or r.state is distinct from t.state
union all
select r.stream, format('receipt %%s belongs to no transition', r.id)
from receipt r left join transition t on t.receipt = r.id
where r.stream like 'certificate:%%' and t.receipt is null;

-- name: check_streams_dense
-- I3: sequences of every receipt stream run 1, 2, 3 ...
select stream as subject, format('%%s receipts, numbered %%s to %%s', count(*), min(sequence), max(sequence)) as detail
from receipt group by stream having min(sequence) <> 1 or max(sequence) <> count(*);

-- name: check_feeds_dense
-- I3: feed numbers of every enterprise run 1, 2, 3 ... up to its counter.
select coalesce(r.enterprise, f.enterprise) as subject,
    format('%%s receipts, numbered %%s to %%s, counter %%s', coalesce(r.count, 0), r.min, r.max, f.last) as detail
from (select enterprise, count(*), min(feed_no), max(feed_no) from receipt group by enterprise) r
full join feed_counter f on f.enterprise = r.enterprise
where f.last is null or coalesce(r.count, 0) <> f.last or coalesce(r.min, 1) <> 1 or coalesce(r.max, 0) <> f.last;

-- name: check_ledger_dense
-- I5: the number ledger is dense for each counter, from its first to its last number.
select format('%%s %%s %%s', coalesce(l.enterprise, c.enterprise), coalesce(l.letter, c.letter), coalesce(l.year, c.year)) as subject,
    format('%%s numbers from %%s to %%s, counter %%s to %%s', coalesce(l.count, 0), l.min, l.max, c.first, c.last) as detail
from (select enterprise, letter, year, count(*), min(n), max(n) from number_ledger group by enterprise, letter, year) l
full join number_counter c on (c.enterprise, c.letter, c.year) = (l.enterprise, l.letter, l.year)
where c.last is null or coalesce(l.count, 0) <> c.last - c.first + 1
   or coalesce(l.min, c.first) <> c.first or coalesce(l.max, c.first - 1) <> c.last;

-- name: check_ledger_matches
-- I5: an assigned number is the number of the certificate that the ledger names, and of no other.
select coalesce(l.number, c.number) as subject,
    case when l.number is null then format('certificate %%s has it, the ledger does not', c.id)
        when c.id is null then format('certificate %%s does not exist', l.certificate)
        else format('the ledger says %%s, certificate %%s has %%s', l.number, c.id, coalesce(c.number, 'no number')) end as detail
from (select * from number_ledger where status = 'assigned') l
full join certificate c on c.id = l.certificate
where c.number is distinct from l.number or l.certificate is not null and c.enterprise is distinct from l.enterprise;

-- name: check_numbered
-- I5: a certificate that was approved has its number.
select id::text as subject, format('%%s without a number', state) as detail
from certificate where state = any(%(numbered)s::text[]) and (number is null or approved_at is null);

-- name: check_archive_intact
-- I6: the archived bytes of every delivery have the SHA-256 on record.
select id::text as subject, format('%%s bytes, SHA-256 %%s, on record %%s', length(body), encode(sha256(body), 'hex'),
    encode(sha256, 'hex')) as detail
from interchange where sha256(body) <> sha256;

-- name: check_inbox_complete
-- I7: the first message under an id holds it in the inbox; later ones name the first.
select m.id::text as subject, format('%%s message %%s of %%s: %%s', m.disposition, m.message_id, m.enterprise,
    case when i.message is null then 'its id is not in the inbox' else 'the inbox holds another message or digest' end) as detail
from message m left join inbox i on i.enterprise = m.enterprise and i.message_id = m.message_id
where m.message_id <> '' and (i.message is null
    or i.message <> case when m.disposition in ('repeated', 'reused') then m.of_message else m.id end
    or (i.digest = m.digest) <> (m.disposition <> 'reused'))
union all
select i.message_id, format('the inbox of %%s names a message that does not exist', i.enterprise)
from inbox i left join message m on m.id = i.message where m.id is null;

-- name: check_outbox_drained
-- I8: nothing waits to be sent for more than a minute, unless a full queue refused it.
select o.key as subject, format('%%s, waiting since %%s', o.kind, least(o.claimed_at, case when not o.repeat then r.at end)) as detail
from outbox o left join receipt r on r.id = o.receipt
where o.refusals = 0 and least(o.claimed_at, case when not o.repeat then r.at end) < now() - interval '60 seconds';

-- name: check_interchange_counts
-- Every message of an interchange is counted once: open, accepted, refused or repeated, as its history says.
with verdict as (
    select (t.detail ->> 'message')::uuid as message, max(move.answer) as answer
    from transition t
    join unnest(%(sources)s::text[], %(events)s::text[], %(answers)s::text[]) as move (source, event, answer)
        on move.source = coalesce(t.source, '') and move.event = t.event and move.answer is not null
    group by 1
    union all
    select (detail ->> 'message')::uuid, case event when 'refer' then 'accepted' else 'refused' end
    from filing_transition where source = 'RECEIVED'
    union all
    select substr(stream, 9)::uuid, 'refused' from receipt where code = 'NUMBERS_EXHAUSTED'
), judged as (
    select m.interchange, case
        when m.disposition in ('refused', 'reused') then 'refused'
        when m.disposition = 'repeated' then 'repeated'
        else coalesce(v.answer, case m.disposition when 'done' then 'accepted' end) end as answer
    from message m left join verdict v on v.message = m.id
), counted as (
    select interchange, count(*) filter (where answer = 'accepted') as accepted,
        count(*) filter (where answer = 'refused') as refused, count(*) filter (where answer = 'repeated') as repeated
    from judged group by interchange
)
select i.id::text as subject,
    format('accepted %%s refused %%s repeated %%s of %%s, history says %%s %%s %%s', i.accepted, i.refused, i.repeated, i.total,
        coalesce(c.accepted, 0), coalesce(c.refused, 0), coalesce(c.repeated, 0)) as detail
from interchange i left join counted c on c.interchange = i.id
where (i.accepted, i.refused, i.repeated) <> (coalesce(c.accepted, 0), coalesce(c.refused, 0), coalesce(c.repeated, 0))
   or i.open <> i.total - i.accepted - i.refused - i.repeated;

-- name: check_summaries
-- An interchange has its one summary receipt exactly when no message of it is open.
select i.id::text as subject, format('%%s of %%s open, %%s summaries', i.open, i.total, count(r.id)) as detail
from interchange i left join receipt r on r.stream = 'message:' || i.id and r.code = 'INTERCHANGE_ANSWERED'
where i.enterprise is not null
group by i.id having count(r.id) <> (case when i.open = 0 and i.total > 0 then 1 else 0 end);

-- name: check_documents_exist
-- I10: every issued certificate has the document of its revision; no document stands without its certificate.
select c.id::text as subject, format('issued, and no document of revision %%s', c.revision) as detail
from certificate c left join document d on d.certificate = c.id and d.revision = c.revision
where c.state = 'ISSUED' and d.certificate is null
union all
select d.name, 'its certificate does not exist, or never had that revision'
from document d left join certificate c on c.id = d.certificate and c.revision >= d.revision
where c.id is null;

-- name: check_orders_match
-- I11: a work order stands for exactly the certificates that wait for a stage.
select coalesce(w.certificate, c.id)::text as subject,
    case when w.certificate is null then format('waits for %%s, and no work order', c.waits_for)
        else format('a work order for %%s at version %%s, but the certificate is elsewhere', w.stage, w.version) end as detail
from work_order w
full join (select id, version, waits_for from certificate where waits_for is not null) c
    on (c.id, c.version, c.waits_for) = (w.certificate, w.version, w.stage)
where w.certificate is null or c.id is null;

-- name: check_orders_moving
-- I11: no work order waits more than ten minutes longer than its state allows, unless it was set aside.
select w.certificate::text as subject, format('%%s, waiting for %%s since %%s', c.state, w.stage, c.changed_at) as detail
from work_order w join certificate c on c.id = w.certificate
join unnest(%(patient)s::text[], %(minutes)s::int[]) as allowed (state, minutes) on allowed.state = c.state
where not w.parked and c.changed_at < now() - make_interval(mins => allowed.minutes + 10);

-- name: check_desk_matches
-- I11: a review row stands for exactly the certificates and filings that wait for a reviewer, at their version.
select coalesce(t.subject, w.id)::text as subject,
    case when t.subject is null then 'waits for a reviewer, and no review row'
        else format('a review row at version %%s, but what it is about is elsewhere', t.version) end as detail
from review_task t
full join (
    select id, version, 'certificate' as kind from certificate where state = any(%(reviewed)s::text[])
    union all
    select id, version, kind from filing where state = 'PENDING_REVIEW') w
    on (w.id, w.version, w.kind) = (t.subject, t.version, t.kind)
where t.subject is null or w.id is null;

-- name: check_four_eyes
-- I11: what needed several persons was agreed to by so many.
select t.certificate::text as subject, format('%%s at version %%s needs %%s persons, %%s agreed', f.event, f.version, f.eyes, count(a.person)) as detail
from four_eyes f
join transition t on t.certificate = f.certificate and t.version = f.version + 1 and t.event = f.event
left join approval a on a.certificate = f.certificate and a.version = f.version and a.event = f.event
group by t.certificate, f.event, f.version, f.eyes having count(a.person) < f.eyes;

-- name: check_claims_on_record
-- I11: the claim of every review row that is held was written into the audit, under its token.
select t.subject::text as subject, format('held by %%s under token %%s, and no line in the audit', t.claimed_by, t.token) as detail
from review_task t where t.claimed_by is not null and not exists (
    select from audit a where a.action in ('review claim', 'review steal') and a.subject = t.subject::text
        and a.actor = 'reviewer:' || t.claimed_by and (a.detail ->> 'token')::int = t.token);

-- name: check_replays_on_record
-- I11: a line of a plan that is done has its line in the audit, a certificate's also in its history; a ticket that was replayed
-- has its line in a plan.
select i.plan || ' line ' || i.position as subject, format('%%s %%s is done, and no line in the %%s', i.kind, i.subject,
    case when a.id is null then 'audit' else 'history' end) as detail
from replay_item i
left join audit a on a.action = 'replay ' || i.kind and a.subject = i.subject::text and a.detail ->> 'plan' = i.plan::text
left join transition t on t.certificate = i.subject and t.version = i.version + 1 and t.event = 'resubmit' and t.actor like 'replay:%%'
where i.state = 'done' and (a.id is null or i.kind = 'certificate' and t.certificate is null)
union all
select p.id::text, 'replayed, and no line of a plan is done'
from parked p where p.disposition = 'replayed' and not exists (
    select from replay_item i where i.subject = p.id and i.state = 'done');

-- name: check_attempts_settled
-- I11: no try of a message is left unsettled for more than ten minutes.
select key as subject, format('%%s tries, the last at %%s', tries, at) as detail
from attempt where at < now() - interval '10 minutes';

-- name: check_tenants_apart
-- I12: a certificate's receipts go to its enterprise and to nobody else's queue.
select r.id as subject, format('receipt of %%s for a certificate of %%s', r.enterprise, c.enterprise) as detail
from transition t join receipt r on r.id = t.receipt join certificate c on c.id = t.certificate
where r.enterprise <> c.enterprise
union all
select o.key, format('addressed to %%s', o.address)
from outbox o join receipt r on r.id = o.receipt
where o.address is distinct from case o.destination when 'enterprise' then r.enterprise else r.branch end;

-- name: check_invoices_held
-- I15: live_invoice names exactly the certificates whose state holds their invoice number; an amendment does once it is issued.
select coalesce(l.enterprise, c.enterprise) || ' ' || coalesce(l.invoice, c.invoice) as subject,
    case when l.certificate is null then format('certificate %%s is %%s and does not hold it', c.id, c.state)
        else format('held by %%s, which should not hold it', l.certificate) end as detail
from live_invoice l
full join (select id, enterprise, invoice, state from certificate where state = any(%(holding)s::text[])
        and (replaces is null or state in ('ISSUED', 'VOID'))) c
    on (c.enterprise, c.invoice, c.id) = (l.enterprise, l.invoice, l.certificate)
where l.certificate is null or c.id is null;

-- name: check_amendments_held
-- I15: live_amendment names exactly the amendments that are under way.
select coalesce(l.amendment, c.id)::text as subject,
    case when l.amendment is null then format('is %%s and not on record as under way', c.state)
        else 'is on record as under way and is not' end as detail
from live_amendment l
full join (select id, replaces, state from certificate where replaces is not null and state = any(%(holding)s::text[])
    and state not in ('ISSUED', 'VOID')) c on (c.id, c.replaces) = (l.amendment, l.original)
where l.amendment is null or c.id is null;

-- name: check_superseded
-- I15: every superseded certificate was replaced by exactly one that was issued.
select c.id::text as subject, format('replaced by %%s issued certificates', count(r.id)) as detail
from certificate c left join certificate r on r.replaces = c.id and r.state in ('ISSUED', 'VOID', 'SUPERSEDED')
where c.state = 'SUPERSEDED' group by c.id having count(r.id) <> 1;

-- name: note_parked
-- Open tickets.
select count(*) from parked where disposition is null;

-- name: note_set_aside
-- Certificates whose work order was set aside.
select count(*) from work_order where parked;

-- name: note_refused_by_queue
-- Outbox rows that a full queue refused.
select count(*) from outbox where refusals > 0;

-- name: note_reviews_late
-- Certificates whose reviewer is past the deadline.
select count(*) from review_task where deadline < now();

-- name: note_certificates
-- Certificates looked at.
select count(*) from certificate;

-- name: history
-- All history in the order of its chains, with where each certificate or filing stands.
select t.certificate, t.version, t.revision, t.event, t.state, t.actor, t.at, t.detail, t.previous_hash, t.hash, c.version, c.head
from transition t left join certificate c on c.id = t.certificate
union all
select t.filing, t.version, t.revision, t.event, t.state, t.actor, t.at, t.detail, t.previous_hash, t.hash, f.version, f.head
from filing_transition t left join filing f on f.id = t.filing
order by 1, 2;

-- name: count_history
-- How many lines of history there are.
select (select count(*) from transition) + (select count(*) from filing_transition);

-- name: certificates_without_history
-- Certificates and filings whose history is gone as a whole.
select c.id, c.version from certificate c
where c.version > 0 and not exists (select 1 from transition t where t.certificate = c.id)
union all
select f.id, f.version from filing f
where f.version > 0 and not exists (select 1 from filing_transition t where t.filing = f.id);

-- name: feed_ends
-- Where the receipts of each enterprise end, with its branch; and those that answer a branch's own messages.
select coalesce(e.branch, f.enterprise), f.enterprise, f.last, now() from feed_counter f left join enterprise e on e.no = f.enterprise
where f.last > 0 order by 1, 2;

-- name: feed_range
-- Receipts of some feed ranges, in order, with the hash of what each is and of the transition it tells of.
select r.enterprise, r.feed_no, r.id, encode(sha256(r.body), 'hex'), coalesce(encode(coalesce(t.hash, f.hash), 'hex'), ''), t.version
from unnest(%(enterprises)s::text[], %(first)s::bigint[], %(last)s::bigint[]) as n (enterprise, first, last)
join receipt r on r.enterprise = n.enterprise and r.feed_no between n.first and n.last
left join transition t on t.receipt = r.id
left join filing_transition f on f.receipt = r.id
order by r.enterprise collate "C", r.feed_no;

-- name: try_checkpoint
-- Only one process writes a checkpoint at a time; the lock ends with the transaction.
select pg_try_advisory_xact_lock(%(lock)s);

-- name: checkpoints_noted
-- What the audit says of checkpoints: line number, hash of the line, fingerprint of the key.
select (detail ->> 'line')::int, detail ->> 'hash', subject from audit where action = 'checkpoint' order by id;

-- name: all_documents
-- Every finished document.
select name, encode(sha256, 'hex'), certificate from document order by certificate, revision, medium;

-- name: count_documents
-- How many documents there are.
select count(*) from document;

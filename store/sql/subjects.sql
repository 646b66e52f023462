-- name: referenced
-- The certificates that messages name, by number, by our id, or by enterprise and invoice (newest first, superseded ones
-- last), each with the origin of its content. Empty restrictions are none; an enterprise may be named by its credit code.
select n.reference, c.id, c.enterprise, c.branch, c.type, c.invoice, c.message, c.version, c.revision, c.state, c.number,
    c.approved_at, c.head, c.replaces, c.replacing, m.message_id, i.id, i.interchange_id, encode(i.sha256, 'hex')
from unnest(%(reference)s::int[], %(enterprise)s::text[], %(branch)s::text[], %(number)s::text[], %(invoice)s::text[],
    %(id)s::uuid[]) as n (reference, enterprise, branch, number, invoice, id)
cross join lateral (select coalesce((select no from enterprise where credit_code = n.enterprise), n.enterprise) as no) as owner
cross join lateral (
    select * from certificate where n.number <> '' and number = n.number
    union all
    select * from certificate where n.number = '' and n.id is not null and id = n.id
    union all
    (select * from certificate where n.number = '' and n.id is null and n.invoice <> '' and enterprise = owner.no
        and invoice = n.invoice order by state = 'SUPERSEDED', id desc limit 5)
) as c
join message m on m.id = c.message
join interchange i on i.id = m.interchange
where owner.no in ('', c.enterprise) and n.branch in ('', c.branch);

-- name: amended
-- What stands beside certificates that are to be amended: the amendment under way, number and revision of the certificate in
-- force with the same invoice number, and the newest amendment that was returned or withdrawn.
select o.id, busy.state, now.number, now.revision,
    back.id, back.enterprise, back.branch, back.type, back.invoice, back.message, back.version, back.revision, back.state,
    back.number, back.approved_at, back.head, back.replaces, back.replacing
from certificate o
left join live_amendment la on la.original = o.id
left join certificate busy on busy.id = la.amendment
left join live_invoice li on li.enterprise = o.enterprise and li.invoice = o.invoice
left join certificate now on now.id = li.certificate
left join lateral (
    select * from certificate c where c.replaces = o.id and c.state in ('RETURNED', 'WITHDRAWN') order by c.id desc limit 1
) back on la.original is null
where o.id = any(%(ids)s::uuid[]);

-- name: live_claims
-- Who holds a live claim of these certificates and filings (null: nobody), how many persons have to approve, and who did.
select t.subject, case when t.lease_until > clock_timestamp() then t.claimed_by end, t.eyes,
    case when t.eyes > 1 then array(select a.person from approval a where a.certificate = t.certificate and a.version = t.version
        and a.event = 'approve' order by a.at) else '{}' end
from review_task t where t.subject = any(%(ids)s::uuid[]);

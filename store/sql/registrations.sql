-- name: registered
-- What is on file about the enterprises that messages name, by number or credit code; of one branch's only where one is named.
select n.message, e.no, e.branch, e.name_zh, e.name_en, e.active, e.customs_code, e.registered_at is not null, e.name_suffix,
    array(select array[s.code, s.name_zh, s.active::text] from signatory s where s.enterprise = e.no order by s.code)
from unnest(%(message)s::uuid[], %(no)s::text[], %(branch)s::text[]) as n (message, no, branch)
join enterprise e on e.no = n.no or e.credit_code = n.no
where n.branch in ('', e.branch);

-- name: save_enterprises
-- A registration was approved: the enterprise is registered; what is null stays as it is.
update enterprise e set name_zh = coalesce(n.name_zh, e.name_zh), name_en = coalesce(n.name_en, e.name_en),
    address_en = coalesce(n.address_en, e.address_en), contact = coalesce(n.contact, e.contact),
    name_suffix = coalesce(n.name_suffix, e.name_suffix), registered_at = coalesce(e.registered_at, %(now)s)
from unnest(%(no)s::text[], %(name_zh)s::text[], %(name_en)s::text[], %(address_en)s::text[], %(contact)s::text[],
    %(name_suffix)s::text[]) as n (no, name_zh, name_en, address_en, contact, name_suffix)
where e.no = n.no;

-- name: save_signatories
-- Signatories of an approved registration.
insert into signatory (enterprise, code, name_zh, active)
select * from unnest(%(enterprise)s::text[], %(code)s::text[], %(name_zh)s::text[], %(active)s::boolean[])
    as n (enterprise, code, name_zh, active)
on conflict (enterprise, code) do update set name_zh = excluded.name_zh, active = excluded.active;

-- name: save_operators
-- Persons who draw up documents, of an approved registration.
insert into enterprise_operator (enterprise, code, name_zh, contact, active)
select * from unnest(%(enterprise)s::text[], %(code)s::text[], %(name_zh)s::text[], %(contact)s::text[], %(active)s::boolean[])
    as n (enterprise, code, name_zh, contact, active)
on conflict (enterprise, code) do update set name_zh = excluded.name_zh, contact = excluded.contact, active = excluded.active;

-- name: save_customs_codes
-- Customs codes of an approved registration; one that was decided before and not this time keeps its status.
insert into customs_code as c (enterprise, code, status, issued_on, nature, decided_by, decided_at)
select enterprise, code, status, issued_on, nature, case when status <> 'pending' then decided_by end,
    case when status <> 'pending' then %(now)s::timestamptz end
from unnest(%(enterprise)s::text[], %(code)s::text[], %(status)s::text[], %(issued_on)s::date[], %(nature)s::text[],
    %(decided_by)s::text[]) as n (enterprise, code, status, issued_on, nature, decided_by)
on conflict (enterprise, code) do update set issued_on = coalesce(excluded.issued_on, c.issued_on), nature = excluded.nature,
    status = case when excluded.status = 'pending' then c.status else excluded.status end,
    decided_by = coalesce(excluded.decided_by, c.decided_by), decided_at = coalesce(excluded.decided_at, c.decided_at);

-- name: save_images
-- Specimens of seals and signatures of an approved registration.
insert into enterprise_image (enterprise, kind, code, media_type, sha256, body, at)
select enterprise, kind, code, media_type, sha256, body, %(now)s
from unnest(%(enterprise)s::text[], %(kind)s::text[], %(code)s::text[], %(media_type)s::text[], %(sha256)s::bytea[],
    %(body)s::bytea[]) as n (enterprise, kind, code, media_type, sha256, body)
on conflict (enterprise, kind, code) do update set media_type = excluded.media_type, sha256 = excluded.sha256,
    body = excluded.body, at = excluded.at;

-- name: refresh_enterprises
-- The customs code in force: the one on file unless it is not approved, else the first that was approved.
update enterprise e set customs_code = coalesce(
    (select e.customs_code where e.customs_code <> '' and not exists (
        select from customs_code c where c.enterprise = e.no and c.code = e.customs_code and c.status <> 'approved')),
    (select code from customs_code c where c.enterprise = e.no and c.status = 'approved' order by decided_at, code limit 1),
    '')
where e.no = any(%(no)s::text[]);

-- name: refresh_seals
-- Seal and signature can be printed when the seal and the signature of every active signatory are on file.
update enterprise e set print_seal_ready =
    exists (select from enterprise_image i where i.enterprise = e.no and i.kind = 'seal')
    and exists (select from signatory s where s.enterprise = e.no and s.active)
    and not exists (select from signatory s where s.enterprise = e.no and s.active and not exists (
        select from enterprise_image i where i.enterprise = e.no and i.kind = 'signature' and i.code = s.code))
where e.no = any(%(no)s::text[]);

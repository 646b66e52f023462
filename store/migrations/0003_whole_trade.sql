-- The whole trade: amendments, filings (goods and registrations), what belongs to an enterprise, messages that came too early.

-- an amendment 改证重发 is a certificate of its own that stands for another; that one is superseded when it is issued
alter table certificate
    add column replaces  uuid references certificate,
    add column replacing text check (replacing in ('AMEND', 'REISSUE', 'AMEND_REISSUE')),
    add check ((replaces is null) = (replacing is null));
create index certificate_by_replaced on certificate (replaces) where replaces is not null;

-- at most one amendment of a certificate is under way: claimed like an invoice number, free again when it is returned,
-- withdrawn or issued
create table live_amendment (
    original  uuid primary key references certificate,
    amendment uuid not null unique references certificate deferrable initially deferred
);

-- a message may also move a certificate, make a filing or ask a question: "done"
alter table message drop constraint message_disposition_check;
alter table message add constraint message_disposition_check
    check (disposition in ('certificate', 'done', 'refused', 'repeated', 'reused'));

-- branches send messages, too: their exchange names them, and answers to their messages are numbered in a feed of their own
alter table branch add column exchange text unique;
alter table interchange drop constraint interchange_enterprise_fkey;
alter table feed_counter drop constraint feed_counter_enterprise_fkey;
insert into feed_counter (enterprise) select code from branch;

-- A filing 备案: goods that are approved for an agreement, or a registration of an enterprise and its changes.
create table filing (
    id               uuid primary key,
    kind             text not null check (kind in ('goods', 'registration')),
    enterprise       text not null,               -- a registration may be of one that is not on file yet
    branch           text not null references branch,
    subject          text not null,               -- what may be live only once: type, HS code and name; or what is registered
    number           text unique,                 -- of an approved goods filing, named by applications
    message          uuid not null references message,
    version          integer not null,
    revision         integer not null,
    state            text not null,
    head             bytea not null,
    content          jsonb not null,
    certificate_type text,
    hs6              text,
    valid_to         date,
    replaces         uuid references filing,      -- a change stands for the filing that it changes
    overdue_told     integer not null default 0,  -- the version at which the sender was told that it takes long
    created_at       timestamptz not null,
    changed_at       timestamptz not null,
    check (kind = 'registration' or certificate_type is not null and hs6 is not null)
);
create index filing_of_goods on filing (enterprise, certificate_type, hs6) where kind = 'goods';
create index filing_by_enterprise on filing (enterprise, kind, subject);
create index filing_by_replaced on filing (replaces) where replaces is not null;
create index filing_waiting on filing (changed_at, branch, kind) where state = 'PENDING_REVIEW';

-- append-only, hash-chained; every line has its receipt
create table filing_transition (
    filing        uuid not null references filing,
    version       integer not null,
    revision      integer not null,
    source        text,
    event         text not null,
    state         text not null,
    actor         text not null,
    at            timestamptz not null,
    detail        jsonb not null,
    previous_hash bytea not null,
    hash          bytea not null,
    receipt       text not null unique references receipt,
    primary key (filing, version),
    unique (filing, version, state)
);
alter table filing add foreign key (id, version, state) references filing_transition (filing, version, state)
    deferrable initially deferred;

-- who has a subject; a change that is under way also holds "changes <filing>", so that there is one at a time
create table live_filing (
    kind       text not null,
    enterprise text not null,
    subject    text not null,
    filing     uuid not null references filing deferrable initially deferred,
    primary key (kind, enterprise, subject)
);
create index live_filing_of on live_filing (filing);

create table filing_counter (
    enterprise text not null,
    year       integer not null,
    last       integer not null default 0,
    primary key (enterprise, year)
);

-- what a registration brings beside names and signatories
alter table enterprise
    add column registered_at timestamptz,         -- its own registration was approved: activated
    add column address_en    text not null default '',
    add column contact       text not null default '',
    add column name_suffix   text not null default '' check (name_suffix in ('', '-1', '-2'));

create table customs_code (
    enterprise text not null references enterprise,
    code       text not null,
    status     text not null check (status in ('pending', 'approved', 'refused')),
    issued_on  date,
    nature     text not null default '',
    decided_by text,
    decided_at timestamptz,
    primary key (enterprise, code)
);
insert into customs_code (enterprise, code, status, decided_by, decided_at)
    select no, customs_code, 'approved', 'migration', created_at from enterprise where customs_code <> '';

create table enterprise_operator (
    enterprise text not null references enterprise,
    code       text not null,
    name_zh    text not null,
    contact    text not null default '',
    active     boolean not null default true,
    primary key (enterprise, code)
);

-- specimen seals and signatures; the bytes as sent, checked by content before they come here
create table enterprise_image (
    enterprise text not null references enterprise,
    kind       text not null check (kind in ('seal', 'signature')),
    code       text not null default '',          -- of the signatory, '' for the seal
    media_type text not null,
    sha256     bytea not null check (length(sha256) = 32),
    body       bytea not null,
    at         timestamptz not null,
    primary key (enterprise, kind, code)
);

-- a message about a certificate that we do not have yet waits here for it, at most until expires_at
create table early_message (
    interchange uuid not null references interchange,
    position    integer not null,
    enterprise  text not null,
    retry_at    timestamptz not null,
    expires_at  timestamptz not null,
    primary key (interchange, position)
);
create index early_message_due on early_message (retry_at);

-- printed forms: which serial 印刷号 of which stock was used for which certificate, or spoiled
create table form_serial (
    branch      text not null references branch,
    stock       text not null,                    -- certificate type whose pre-printed form it is
    serial      text not null,
    status      text not null check (status in ('received', 'used', 'spoiled', 'void')),
    certificate uuid references certificate,
    reason      text,
    actor       text not null,
    at          timestamptz not null,
    primary key (stock, serial),
    check (status <> 'used' or certificate is not null),
    check (status not in ('spoiled', 'void') or reason is not null)
);
create index form_serial_of_certificate on form_serial (certificate) where certificate is not null;

-- what became of a form is final
create function refuse_second_use() returns trigger language plpgsql as $$
begin
    if old.status <> 'received' then
        raise exception 'form % of stock % was % already', old.serial, old.stock, old.status using errcode = 'unique_violation';
    end if;
    return new;
end $$;
create trigger used_once before update on form_serial for each row execute function refuse_second_use();

-- copies beside the original that a branch lets an authorised enterprise print by itself (manual: set by the branch, 2)
alter table branch add column copies integer not null default 3 check (copies between 1 and 99);

create table local_print (
    message     uuid primary key references message,
    certificate uuid not null references certificate,
    copies      integer not null check (copies > 0),
    printer     text not null,
    at          timestamptz not null
);
create index local_print_of_certificate on local_print (certificate);

-- two workers may grant copies of one certificate at the same moment: the second waits for the first, and then counts
create function refuse_too_many_copies() returns trigger language plpgsql as $$
declare
    allowed integer;
begin
    perform from certificate where id = new.certificate for update;
    select b.copies into allowed from certificate c join branch b on b.code = c.branch where c.id = new.certificate;
    if new.copies + (select coalesce(sum(copies), 0) from local_print where certificate = new.certificate) > allowed then
        raise exception 'more copies of certificate % than its branch allows', new.certificate using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger within_copies before insert on local_print for each row execute function refuse_too_many_copies();

create table print_report (
    message     uuid primary key references message,
    certificate uuid not null references certificate,
    copies      integer not null,
    serial      text,
    printer     text not null default '',
    reported_by text not null,
    at          timestamptz not null
);
create index print_report_of_certificate on print_report (certificate);

create trigger immutable before update or delete on filing_transition for each row execute function refuse_change();
create trigger immutable before update or delete on local_print for each row execute function refuse_change();
create trigger immutable before update or delete on print_report for each row execute function refuse_change();

grant select on live_amendment, filing, filing_transition, live_filing, filing_counter, customs_code, enterprise_operator,
    enterprise_image, early_message, form_serial, local_print, print_report to coedi_worker, coedi_operator, coedi_reader;
grant insert on live_amendment, filing, filing_transition, live_filing, filing_counter, customs_code, enterprise_operator,
    enterprise_image, early_message, form_serial, local_print, print_report to coedi_worker, coedi_operator;
grant update on live_invoice, filing, filing_counter, customs_code, enterprise_operator, enterprise_image, early_message,
    form_serial to coedi_worker, coedi_operator;
grant delete on live_amendment, live_filing, early_message to coedi_worker, coedi_operator;
-- an approved registration changes what is on file; only an operator puts an enterprise there
grant update (name_zh, name_en, customs_code, print_seal_ready, registered_at, address_en, contact, name_suffix) on enterprise
    to coedi_worker;
grant insert, update on signatory to coedi_worker;

-- The spine: archive, certificates with their history, receipts, outbox, work orders, counters.
-- Everything that is cheap now and dear later stands here: versions, feed numbers, one row per destination, roles.

create table branch (
    code       text primary key check (code ~ '^[0-9]{4}[A-Z][0-9]$'),
    name_zh    text not null,
    name_en    text not null,
    place      text not null,              -- box 12, "BEIJING, CHINA"
    contact    text not null default '',   -- box 12, address and telephone
    user_name  text,
    created_at timestamptz not null default clock_timestamp()
);

create table enterprise (
    no               text primary key check (no ~ '^[0-9A-Z]{9}$' or no ~ '^[0-9A-Z]{18}$'),
    credit_code      text unique check (credit_code ~ '^[0-9A-Z]{18}$'),
    branch           text not null references branch,
    name_zh          text not null,
    name_en          text not null,
    customs_code     text not null default '',
    active           boolean not null default true,
    exchange         text not null unique,
    receipt_queue    text not null unique,
    encodings        text[] not null default '{utf-8}',
    print_seal_ready boolean not null default false,
    local_print      boolean not null default false,
    created_at       timestamptz not null default clock_timestamp()
);

create table signatory (
    enterprise text not null references enterprise,
    code       text not null,
    name_zh    text not null,
    active     boolean not null default true,
    primary key (enterprise, code)
);

-- locked counters: sequences leave gaps, these do not (measured: a disk-full episode skips numbers)
create table feed_counter (
    enterprise text primary key references enterprise,
    last       bigint not null default 0
);

create table number_counter (
    enterprise text not null references enterprise,
    letter     text not null,
    year       integer not null,
    first      integer not null default 1,   -- to go on from a replaced system
    last       integer not null default 0,
    primary key (enterprise, letter, year),
    check (last >= first - 1)
);

-- the archive: the bytes of every interchange, as delivered
create table interchange (
    id             uuid primary key,
    exchange       text not null,
    sha256         bytea not null check (length(sha256) = 32),
    body           bytea not null,
    enterprise     text references enterprise,   -- null: nobody we know owns the exchange
    branch         text,
    interchange_id text,
    refusal        text,                         -- gate code, when nothing inside was read
    total          integer not null,
    open           integer not null check (open >= 0),
    accepted       integer not null default 0,
    refused        integer not null default 0,
    repeated       integer not null default 0,
    received_at    timestamptz not null,
    unique (exchange, sha256),
    check (open + accepted + refused + repeated = total)
);
alter table interchange alter column body set storage external;

-- one row for each message element of an interchange
create table message (
    id          uuid primary key,
    interchange uuid not null references interchange,
    position    integer not null,
    enterprise  text not null,
    message_id  text not null,
    digest      bytea not null,          -- SHA-256 of the element's exclusive C14N
    kind        text not null,
    disposition text not null check (disposition in ('certificate', 'refused', 'repeated', 'reused')),
    certificate uuid,
    of_message  uuid references message,
    unique (interchange, position)
);
create index message_by_certificate on message (certificate) where certificate is not null;

-- who came first under (enterprise, message id); kept for ever
create table inbox (
    enterprise text not null,
    message_id text not null,
    message    uuid not null references message deferrable initially deferred,
    digest     bytea not null,
    primary key (enterprise, message_id)
);

create table receipt (
    id          text primary key,
    stream      text not null,           -- certificate:<uuid> or message:<uuid>
    sequence    integer not null,
    enterprise  text not null,
    branch      text,                    -- null: the branch gets no copy
    feed_no     bigint not null,
    code        text not null,
    correlation text,                    -- the sender's message id
    state       text,
    body        bytea not null,
    at          timestamptz not null,
    unique (stream, sequence),
    unique (enterprise, feed_no)
);

create table certificate (
    id          uuid primary key,
    enterprise  text not null references enterprise,
    branch      text not null references branch,
    type        text not null,
    invoice     text not null,
    message     uuid not null references message,
    version     integer not null,
    revision    integer not null,
    state       text not null,
    waits_for   text generated always as (
        case state
            when 'RECEIVED' then 'schema-check'
            when 'SCHEMA_CHECKED' then 'rule-check'
            when 'RULES_CHECKED' then 'auto-review'
            when 'APPROVED' then 'print'
        end) stored,
    number      text unique,
    approved_at timestamptz,
    head        bytea not null,
    exporter    text not null default '',
    consignee   text not null default '',
    destination text not null default '',
    created_at  timestamptz not null,
    changed_at  timestamptz not null,
    unique (id, version, waits_for)
);
create index certificate_by_invoice on certificate (enterprise, invoice);
create index certificate_by_state on certificate (state, changed_at) where state in
    ('RECEIVED', 'SCHEMA_CHECKED', 'RULES_CHECKED', 'PENDING_REVIEW', 'APPROVED', 'AWAIT_PRINT');

-- append-only, hash-chained; every line has its receipt
create table transition (
    certificate   uuid not null references certificate,
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
    primary key (certificate, version),
    unique (certificate, version, state)
);

-- exists exactly while the certificate's state waits for a stage: both directions are deferred foreign keys
create table work_order (
    certificate uuid primary key,
    version     integer not null,
    stage       text not null,
    due_at      timestamptz not null,    -- the watchdog sends it again then
    overdue_at  timestamptz,             -- "no progress" is reported then; null: reported
    resent      integer not null default 0,
    parked      boolean not null default false,
    unique (certificate, version, stage),
    foreign key (certificate, version, stage) references certificate (id, version, waits_for)
        deferrable initially deferred
);
alter table certificate
    add foreign key (id, version, state) references transition (certificate, version, state)
        deferrable initially deferred,
    add foreign key (id, version, waits_for) references work_order (certificate, version, stage)
        deferrable initially deferred;
create index work_order_due on work_order (due_at) where not parked;
create index work_order_overdue on work_order (overdue_at) where overdue_at is not null;

create table live_invoice (
    enterprise  text not null,
    invoice     text not null,
    certificate uuid not null unique references certificate deferrable initially deferred,
    primary key (enterprise, invoice)
);

create table number_ledger (
    enterprise  text not null,
    letter      text not null,
    year        integer not null,
    n           integer not null,
    number      text not null unique,
    certificate uuid references certificate,
    status      text not null check (status in ('assigned', 'void', 'unused')),
    reason      text,
    at          timestamptz not null,
    primary key (enterprise, letter, year, n),
    check (status = 'assigned' and certificate is not null or reason is not null)
);

create table review_task (
    certificate uuid primary key references certificate,
    version     integer not null,
    branch      text not null references branch,
    enterprise  text not null,
    reasons     jsonb not null,
    queued_at   timestamptz not null,
    deadline    timestamptz not null,
    overdue_at  timestamptz
);
create index review_task_order on review_task (branch, deadline);

create table document (
    certificate uuid not null references certificate,
    revision    integer not null,
    medium      text not null,
    sha256      bytea not null check (length(sha256) = 32),
    name        text not null unique,
    size        integer not null,
    pages       integer not null,
    at          timestamptz not null,
    primary key (certificate, revision, medium)
);

-- thin: only what is still to be sent. A repeat sends an old receipt again, marked by a header.
create table outbox (
    key         text primary key,
    id          bigint generated always as identity,   -- order of sending, never a business number
    kind        text not null check (kind in ('receipt', 'order')),
    receipt     text references receipt,
    destination text check (destination in ('enterprise', 'branch')),
    address     text,
    repeat      boolean not null default false,
    certificate uuid,
    version     integer,
    stage       text,
    owner       integer,                               -- a session holding this advisory lock; null: the relay's
    claimed_at  timestamptz not null default clock_timestamp(),
    retry_at    timestamptz,                           -- a full queue refused it; null: not refused
    refusals    integer not null default 0,
    check ((kind = 'receipt') = (receipt is not null and destination is not null and address is not null)),
    check ((kind = 'order') = (certificate is not null and version is not null and stage is not null)),
    foreign key (certificate, version, stage) references work_order (certificate, version, stage) on delete cascade
);
create index outbox_of_order on outbox (certificate, version, stage) where kind = 'order';
create index outbox_unowned on outbox (id) where owner is null;
create sequence outbox_owner as integer;

-- tries of a message that was delivered more than once, counted before it is handled
create table attempt (
    key     text primary key,
    tries   integer not null,
    at      timestamptz not null,
    error   text
);

create table parked (
    id          uuid primary key,
    key         text not null,
    source      text not null check (source in ('delivery', 'order', 'dead-letter')),
    exchange    text,
    enterprise  text,
    sha256      bytea,
    body        bytea,
    certificate uuid,
    version     integer,
    stage       text,
    error       text not null,
    traceback   text not null,
    fingerprint text not null,           -- groups what failed in the same way
    tries       integer not null,
    at          timestamptz not null,
    disposition text check (disposition in ('discarded', 'archived', 'replayed')),
    disposed_by text,
    disposed_at timestamptz
);
create index parked_open on parked (at) where disposition is null;

create table audit (
    id      bigint generated always as identity primary key,
    at      timestamptz not null default clock_timestamp(),
    actor   text not null,
    action  text not null,
    subject text not null,
    detail  jsonb not null default '{}'
);

-- what has happened is not edited: not by a slip, not by the owner
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger immutable before update or delete on message for each row execute function refuse_change();
create trigger immutable before update or delete on receipt for each row execute function refuse_change();
create trigger immutable before update or delete on transition for each row execute function refuse_change();
create trigger immutable before update or delete on document for each row execute function refuse_change();
create trigger immutable before update or delete on inbox for each row execute function refuse_change();
create trigger immutable before update or delete on audit for each row execute function refuse_change();
create trigger kept before delete on interchange for each row execute function refuse_change();
create trigger immutable before update of id, exchange, sha256, body, received_at on interchange
    for each row execute function refuse_change();

-- roles own nothing; logins of workers, operators and readers are members of these
do $$
declare name text;
begin
    foreach name in array array['coedi_worker', 'coedi_operator', 'coedi_reader'] loop
        begin
            execute format('create role %I nologin', name);
        exception when duplicate_object or unique_violation then null;
        end;
    end loop;
end $$;

grant select on all tables in schema public to coedi_worker, coedi_operator, coedi_reader;
grant insert on interchange, message, inbox, receipt, certificate, transition, work_order, live_invoice, number_counter,
    number_ledger, review_task, document, outbox, attempt, parked, audit to coedi_worker, coedi_operator;
grant update on certificate, feed_counter, number_counter, review_task, attempt to coedi_worker, coedi_operator;
grant update (open, accepted, refused, repeated) on interchange to coedi_worker, coedi_operator;
grant update (owner, claimed_at, retry_at, refusals) on outbox to coedi_worker, coedi_operator;
grant update (due_at, overdue_at, resent, parked) on work_order to coedi_worker, coedi_operator;
grant update (disposition, disposed_by, disposed_at) on parked to coedi_operator;
grant delete on outbox, work_order, live_invoice, review_task, attempt to coedi_worker, coedi_operator;
grant usage on sequence outbox_owner to coedi_worker, coedi_operator;
grant insert, update on branch, enterprise, signatory to coedi_operator;
grant insert on feed_counter to coedi_operator;

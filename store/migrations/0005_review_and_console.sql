-- Review by people, and the console: one review row for certificates and filings, policies, calendars, users and what they keep,
-- search columns, and the second wall: each branch sees its own rows only.

-- 1. One mechanism for whatever waits for a person: a certificate, or a filing (goods or registration).
alter table review_task drop constraint review_task_pkey;
alter table review_task alter column certificate drop not null;
alter table review_task
    add column filing      uuid unique references filing,
    add column subject     uuid generated always as (coalesce(certificate, filing)) stored,
    add column kind        text not null default 'certificate' check (kind in ('certificate', 'goods', 'registration')),
    add column type        text not null default '',     -- certificate type, of the goods filing too; '' of a registration
    add column eyes        smallint not null default 1 check (eyes in (1, 2)),
    add column senior      boolean not null default false,  -- a second, senior reviewer was asked for
    add column assigned_to text,                         -- "1100B0/wang": only this person is offered it
    add column referred_by text,                         -- who handed it on, with a word to the next
    add column remark      text not null default '',
    add unique (certificate),
    add primary key (subject),
    add check (num_nonnulls(certificate, filing) = 1 and (kind = 'certificate') = (certificate is not null));
drop index review_task_order;
create index review_task_order on review_task (branch, kind, deadline, subject);
update review_task t set type = c.type from certificate c where c.id = t.certificate;
insert into review_task (filing, version, branch, enterprise, reasons, queued_at, deadline, kind, type)
    select id, version, branch, enterprise, '[]', changed_at, changed_at + interval '1 day', kind, coalesce(certificate_type, '')
    from filing where state = 'PENDING_REVIEW';

-- 2. Four eyes 双人复核: a row says that an event of this certificate at this version needs so many persons; the approvals are
-- on record; a transition without them is refused at the commit, whoever writes it.
create table four_eyes (
    certificate uuid not null references certificate,
    version     integer not null,
    event       text not null check (event in ('approve', 'void')),
    eyes        smallint not null check (eyes >= 2),
    reason      text not null,
    at          timestamptz not null default clock_timestamp(),
    primary key (certificate, version, event)
);
create table approval (
    certificate uuid not null references certificate,
    version     integer not null,
    event       text not null check (event in ('approve', 'void')),
    person      text not null,
    note        text not null default '',
    at          timestamptz not null default clock_timestamp(),
    primary key (certificate, version, event, person)
);
create function refuse_too_few_eyes() returns trigger language plpgsql security definer set search_path from current as $$
declare
    needed smallint;
    given  integer;
begin
    select eyes into needed from four_eyes f
    where f.certificate = new.certificate and f.version = new.version - 1 and f.event = new.event;
    if needed is null then
        return null;
    end if;
    select count(*) into given from approval a
    where a.certificate = new.certificate and a.version = new.version - 1 and a.event = new.event;
    if given < needed then
        raise exception 'certificate % needs % persons to %, % agreed', new.certificate, needed, new.event, given
            using errcode = 'check_violation', constraint = 'four_eyes';
    end if;
    return null;
end $$;
create constraint trigger four_eyes after insert on transition deferrable initially deferred for each row
    when (new.event = 'void' or new.event = 'approve' and new.source = 'PENDING_REVIEW') execute function refuse_too_few_eyes();
create trigger immutable before update or delete on four_eyes for each row execute function refuse_change();
create trigger immutable before update or delete on approval for each row execute function refuse_change();

-- 3. Review policies beside the built-in one; the newest activation of a branch counts, else the newest of all branches.
create table review_policy (
    version text primary key check (version ~ '^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$'),
    content text not null,
    at      timestamptz not null default clock_timestamp(),
    actor   text not null
);
create table review_policy_activation (
    id      bigint generated always as identity primary key,
    branch  text references branch,                      -- null: every branch without one of its own
    version text,                                        -- null: the built-in policy again
    reason  text not null,
    at      timestamptz not null default clock_timestamp(),
    actor   text not null
);
-- days that a branch works otherwise than the national calendar says
create table branch_day (
    branch text not null references branch,
    day    date not null,
    open   boolean not null,
    note   text not null default '',
    actor  text not null,
    at     timestamptz not null default clock_timestamp(),
    primary key (branch, day)
);
create trigger immutable before update or delete on review_policy for each row execute function refuse_change();
create trigger immutable before update or delete on review_policy_activation for each row execute function refuse_change();
create trigger told after insert on review_policy for each statement execute function reference_changed();
create trigger told after insert on review_policy_activation for each statement execute function reference_changed();
create trigger told after insert or update or delete on branch_day for each statement execute function reference_changed();

-- 4. People of the console.
create table console_user (
    branch         text not null references branch,
    name           text not null check (name ~ '^[a-z0-9][a-z0-9._-]{1,31}$'),
    shown          text not null,                        -- as colleagues call them
    everywhere     boolean not null default false,       -- sees all branches: head office
    password       text,                                 -- Argon2id; null: none was set
    password_until timestamptz,                          -- a one-time password ends then; null: the user's own
    totp           bytea,                                -- sealed with the console's key
    totp_confirmed boolean not null default false,
    totp_required  boolean not null default true,
    totp_step      bigint not null default 0,            -- newest time step used: a code works once
    card           text unique,                          -- SHA-256 of the client certificate (CA card), hex
    skills         text[] not null default '{}',         -- certificate types; none: all
    active         boolean not null default true,
    created_at     timestamptz not null default clock_timestamp(),
    created_by     text not null,
    primary key (branch, name)
);
create table console_role (
    branch text not null,
    name   text not null,
    role   text not null check (role in (
        'reviewer', 'senior-reviewer', 'registrar', 'print-clerk', 'operator', 'auditor', 'administrator')),
    given_by text not null,
    at     timestamptz not null default clock_timestamp(),
    primary key (branch, name, role),
    foreign key (branch, name) references console_user
);
create table console_session (
    id           bytea primary key check (length(id) = 32),  -- SHA-256 of the token, which is kept by the browser alone
    branch       text not null,
    name         text not null,
    started_at   timestamptz not null default clock_timestamp(),
    seen_at      timestamptz not null default clock_timestamp(),
    ends_at      timestamptz not null,                   -- the absolute end; idleness ends it earlier
    confirmed_at timestamptz not null default clock_timestamp(),  -- when the password was given last
    pending      text check (pending in ('password', 'totp')),    -- what has to be set before anything else
    address      text not null,
    agent        text not null,
    ended_at     timestamptz,
    ended_why    text,
    foreign key (branch, name) references console_user
);
create index console_session_of on console_session (branch, name) where ended_at is null;
create index console_session_from on console_session (branch, name, address, started_at);
-- who failed to sign in waits a little longer each time; nobody is locked out
create table sign_in_delay (
    key      text primary key,                           -- "user:1100B0/wang" or "address:192.0.2.7"
    failures integer not null,
    free_at  timestamptz not null,
    at       timestamptz not null
);
-- keys of programs: of a user (the same rights), or of an enterprise (send, and read its own receipts)
create table api_key (
    id         bytea primary key check (length(id) = 32),
    label      text not null,
    branch     text,
    name       text,
    enterprise text references enterprise,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null,
    ends_at    timestamptz not null,
    revoked_at timestamptz,
    used_at    timestamptz,
    foreign key (branch, name) references console_user,
    check (num_nonnulls(name, enterprise) = 1 and (branch is null) = (name is null))
);
create table saved_search (
    branch text not null,
    name   text not null,
    label  text not null,
    query  text not null,
    at     timestamptz not null default clock_timestamp(),
    primary key (branch, name, label),
    foreign key (branch, name) references console_user
);
create table export_job (
    id       uuid primary key,
    branch   text not null,
    name     text not null,
    query    text not null,
    state    text not null check (state in ('running', 'done', 'failed', 'cancelled')),
    total    integer not null default 0,
    done     integer not null default 0,
    file     text,
    error    text,
    at       timestamptz not null default clock_timestamp(),
    seen_at  timestamptz not null default clock_timestamp(),
    foreign key (branch, name) references console_user
);
create index export_job_of on export_job (branch, name, at desc);

-- who did what concerns a branch, where it does
alter table audit add column branch text default nullif(nullif(current_setting('coedi.branch', true), '*'), '');
create index audit_by_branch on audit (branch, id);
create index audit_by_subject on audit (subject, id);

-- 5. How the stages did, minute by minute: written by the relay, drawn by the operator's page.
create table stage_sample (
    branch  text not null,                               -- '*': all branches together; '': what belongs to none: relay, work, intake
    stage   text not null,
    at      timestamptz not null,
    waiting integer not null,
    oldest  integer not null,                            -- seconds that the oldest has waited
    passed  integer not null,                            -- moved on in the minute before
    primary key (branch, stage, at)
);
create index transition_by_time on transition using brin (at) with (pages_per_range = 16, autosummarize = on);
create index filing_transition_by_time on filing_transition using brin (at) with (pages_per_range = 16, autosummarize = on);

-- 6. Search. Row ids grow with time, so "newest first" is the order of ids and every list is a walk along one index.
-- Signs become blanks, so that "A/B", "A-B" and "A.B" are two words each and not a path, a compound or a host.
create function plain_words(text) returns text language sql immutable parallel safe
    as $$ select translate($1, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)) $$;
alter table certificate
    add column invoice_date date,
    add column amount       numeric,
    add column currency     text not null default '',
    add column signatory    text not null default '',
    add column hs           text not null default '',    -- HS codes of its goods lines, digits only, blanks between them
    add column small        boolean not null default false,  -- of a small enterprise 小微
    add column words        tsvector generated always as (
        setweight(to_tsvector('simple', plain_words(exporter)), 'A') || setweight(to_tsvector('simple', plain_words(consignee)), 'B')
        || setweight(to_tsvector('simple', plain_words(destination)), 'C')
        || setweight(to_tsvector('simple', hs || ' ' || plain_words(signatory)), 'D')) stored;
create index certificate_newest on certificate (branch, id);
create index certificate_newest_by_state on certificate (branch, state, id);
create index certificate_newest_by_type on certificate (branch, type, id);
create index certificate_newest_of on certificate (branch, enterprise, id);
create index certificate_of_branch_by_invoice on certificate (branch, invoice collate "C", id);
create index certificate_of_branch_by_number on certificate (branch, number collate "C", id) where number is not null;
create index certificate_of_branch_by_amount on certificate (branch, amount) where amount is not null;
create index certificate_by_invoice_date on certificate (branch, invoice_date, id);
create index certificate_words on certificate using gin (words);
create index outbox_of_receipt on outbox (receipt) where receipt is not null;
create index filing_newest on filing (branch, kind, id);
create index filing_newest_by_state on filing (branch, kind, state, id);
create index enterprise_of_branch on enterprise (branch, no);

-- 7. Paper. A person at the console reports a print, too: there is no message then.
alter table print_report drop constraint print_report_pkey;
alter table print_report alter column message drop not null;
alter table print_report
    add column id bigint generated always as identity primary key,
    add unique (message);
-- A form serial 印刷号 that was entered wrongly is corrected, never silently: the row says who, why, and which one it is now;
-- the old one is spoiled then, and that is the only change that a used form allows.
create table serial_correction (
    stock       text not null,
    old         text not null,
    new         text not null,
    certificate uuid not null references certificate,
    reason      text not null check (reason <> ''),
    actor       text not null,
    at          timestamptz not null default clock_timestamp(),
    primary key (stock, old),
    foreign key (stock, old) references form_serial (stock, serial),
    foreign key (stock, new) references form_serial (stock, serial) deferrable initially deferred,
    check (old <> new)
);
create index serial_correction_of on serial_correction (certificate);
create trigger immutable before update or delete on serial_correction for each row execute function refuse_change();
create or replace function refuse_second_use() returns trigger language plpgsql as $$
begin
    if old.status = 'used' and new.status = 'spoiled' and new.certificate = old.certificate and new.reason is not null
        and (new.branch, new.stock, new.serial) = (old.branch, old.stock, old.serial)
        and exists (select from serial_correction c
            where c.stock = old.stock and c.old = old.serial and c.certificate = old.certificate) then
        return new;
    end if;
    if old.status <> 'received' then
        raise exception 'form % of stock % was % already', old.serial, old.stock, old.status using errcode = 'unique_violation';
    end if;
    return new;
end $$;
-- what became of a form, whichever branch had it
create function form_status(of_stock text, of_serial text) returns text
    language sql stable security definer set search_path from current
    as $$ select status from form_serial where stock = of_stock and serial = of_serial $$;

-- 8. The second wall. The console says in `coedi.branch` for whom it asks; '*' is head office. A forgotten condition in a query
-- shows nothing of another branch.
do $$
begin
    execute 'create role coedi_console nologin';
exception when duplicate_object or unique_violation then null;
end $$;

create function in_sight(branch text) returns boolean language sql stable parallel safe
    as $$ select current_setting('coedi.branch', true) in (branch, '*') $$;

-- a row that belongs to a certificate, a filing or an enterprise is seen with it; one lookup by key, whatever the planner thinks
create function sees_certificate(wanted uuid) returns boolean language plpgsql stable parallel safe security definer
    set search_path from current as $$
begin
    return exists (select from certificate c where c.id = wanted and in_sight(c.branch));
end $$;
create function sees_filing(wanted uuid) returns boolean language plpgsql stable parallel safe security definer
    set search_path from current as $$
begin
    return exists (select from filing f where f.id = wanted and in_sight(f.branch));
end $$;
create function sees_enterprise(wanted text) returns boolean language plpgsql stable parallel safe security definer
    set search_path from current as $$
begin
    return in_sight(wanted) or exists (select from enterprise e where e.no = wanted and in_sight(e.branch));
end $$;

do $$
declare
    one record;
begin
    for one in select * from (values
        ('enterprise', 'in_sight(branch)'),
        ('certificate', 'in_sight(branch)'),
        ('review_task', 'in_sight(branch)'),
        ('filing', 'in_sight(branch)'),
        ('form_serial', 'in_sight(branch)'),
        ('console_user', 'in_sight(branch)'),
        ('console_role', 'in_sight(branch)'),
        ('saved_search', 'in_sight(branch)'),
        ('export_job', 'in_sight(branch)'),
        ('branch_day', 'in_sight(branch)'),
        ('stage_sample', 'in_sight(branch) or branch = '''''),
        ('rule_grade', 'in_sight(branch)'),
        ('audit', 'in_sight(branch)'),
        ('transition', 'sees_certificate(certificate)'),
        ('document', 'sees_certificate(certificate)'),
        ('print_report', 'sees_certificate(certificate)'),
        ('serial_correction', 'sees_certificate(certificate)'),
        ('local_print', 'sees_certificate(certificate)'),
        ('four_eyes', 'sees_certificate(certificate)'),
        ('approval', 'sees_certificate(certificate)'),
        ('shadow_difference', 'sees_certificate(certificate)'),
        ('filing_transition', 'sees_filing(filing)'),
        ('signatory', 'sees_enterprise(enterprise)'),
        ('enterprise_operator', 'sees_enterprise(enterprise)'),
        ('enterprise_image', 'sees_enterprise(enterprise)'),
        ('customs_code', 'sees_enterprise(enterprise)'),
        ('number_ledger', 'sees_enterprise(enterprise)'),
        ('live_invoice', 'sees_enterprise(enterprise)'),
        ('receipt', 'sees_enterprise(enterprise)'),
        ('message', 'sees_enterprise(enterprise)'),
        ('interchange', 'sees_enterprise(enterprise)'),
        ('parked', 'sees_enterprise(enterprise)')
    ) as tables (name, seen) loop
        execute format('alter table %I enable row level security', one.name);
        execute format('create policy everything on %I to coedi_worker, coedi_operator, coedi_reader using (true) with check (true)',
            one.name);
        execute format('create policy own_branch on %I to coedi_console using (%s) with check (%s)', one.name, one.seen, one.seen);
    end loop;
end $$;
-- head office also sees what belongs to nobody
create policy head_office on interchange to coedi_console using (in_sight('*'));
create policy head_office on parked to coedi_console using (in_sight('*'));
create policy head_office on audit to coedi_console using (in_sight('*'));

-- Text search cannot use its index behind row-level security (its operators are not leakproof), so the search page reads this
-- view, which belongs to the owner and carries the same condition.
-- It asks for the setting once, not for each row, and as an equality, of which the planner can tell how many rows it leaves.
create view certificate_in_sight as select * from certificate
    where branch = (select current_setting('coedi.branch', true)) or (select current_setting('coedi.branch', true) = '*');

-- who a session or a key belongs to has to be asked before anybody's branch is known
create function whose_session(token bytea)
    returns table (branch text, name text, shown text, everywhere boolean, skills text[], roles text[], started_at timestamptz,
        seen_at timestamptz, ends_at timestamptz, confirmed_at timestamptz, pending text)
    language plpgsql stable rows 1 security definer set search_path from current as $$
begin  -- asked at every click: a query of this language is planned once
    return query select u.branch, u.name, u.shown, u.everywhere, u.skills,
        array(select r.role from console_role r where r.branch = u.branch and r.name = u.name order by r.role),
        s.started_at, s.seen_at, s.ends_at, s.confirmed_at, s.pending
    from console_session s join console_user u on u.branch = s.branch and u.name = s.name
    where s.id = token and s.ended_at is null and s.ends_at > clock_timestamp() and u.active;
end $$;
create function whose_key(token bytea)
    returns table (branch text, name text, shown text, everywhere boolean, skills text[], roles text[], enterprise text)
    language sql stable security definer set search_path from current as $$
    select coalesce(u.branch, e.branch), coalesce(u.name, e.no), coalesce(u.shown, e.name_zh), coalesce(u.everywhere, false),
        coalesce(u.skills, '{}'),
        array(select r.role from console_role r where r.branch = u.branch and r.name = u.name order by r.role), k.enterprise
    from api_key k left join console_user u on u.branch = k.branch and u.name = k.name
    left join enterprise e on e.no = k.enterprise
    where k.id = token and k.revoked_at is null and k.ends_at > clock_timestamp() and coalesce(u.active, e.active)
$$;

grant select on all tables in schema public to coedi_console;
grant select on api_key, console_session, sign_in_delay, console_user, console_role to coedi_operator;
grant select on review_policy, review_policy_activation, branch_day, four_eyes, approval, stage_sample, serial_correction to coedi_worker,
    coedi_operator, coedi_reader;
grant select on certificate_in_sight to coedi_operator, coedi_reader;
grant insert on four_eyes, approval to coedi_worker, coedi_operator, coedi_console;
grant insert on review_policy, review_policy_activation to coedi_operator;
grant insert, update, delete on branch_day to coedi_operator;
grant insert, delete on stage_sample to coedi_worker;
grant insert, update on console_user, console_session, api_key to coedi_operator;
grant insert, delete on console_role to coedi_operator;
grant delete on sign_in_delay to coedi_operator;
-- what decisions write
grant insert on receipt, transition, work_order, live_invoice, number_counter, number_ledger, review_task, outbox, audit,
    filing_transition, live_filing, filing_counter, form_serial, signatory, enterprise_operator, enterprise_image, customs_code,
    print_report, serial_correction to coedi_console;
grant insert on serial_correction to coedi_operator;
grant update on certificate, feed_counter, number_counter, review_task, live_invoice, filing, filing_counter, form_serial, signatory,
    enterprise_operator, enterprise_image, customs_code to coedi_console;
grant update (open, accepted, refused, repeated) on interchange to coedi_console;
grant update (name_zh, name_en, customs_code, print_seal_ready, local_print, active, registered_at, address_en, contact, name_suffix)
    on enterprise to coedi_console;
grant update (disposition, disposed_by, disposed_at) on parked to coedi_console;
grant delete on outbox, work_order, live_invoice, live_amendment, live_filing, review_task to coedi_console;
-- people and what they keep
grant select, insert, update on console_session, sign_in_delay to coedi_console;
grant insert, update on console_user, export_job, branch_day, saved_search to coedi_console;
grant update (number) on reference_version to coedi_console;  -- a branch's day is told to the workers
grant insert, delete on console_role to coedi_console;
grant delete on saved_search, sign_in_delay, branch_day, export_job to coedi_console;
grant select, insert, update on api_key to coedi_console;

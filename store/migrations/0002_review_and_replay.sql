-- Claims of reviewers, and replays: what an operator plans to handle again, and what became of it.

-- A claim is a lease in database time. Its token grows with each claim of the row, so a decision under an old claim is told
-- apart from one under the newest, whoever made them.
alter table review_task
    add column claimed_by  text,
    add column claimed_at  timestamptz,
    add column lease_until timestamptz,
    add column token       integer not null default 0,
    add check ((claimed_by is null) = (lease_until is null) and (claimed_by is null) = (claimed_at is null)),
    add check (claimed_by is null or token > 0);

-- a frozen selection; sha256 is over its items as they were planned
create table replay_plan (
    id       uuid primary key,
    at       timestamptz not null default clock_timestamp(),
    actor    text not null,
    filters  jsonb not null,
    sha256   bytea not null check (length(sha256) = 32),
    run_by   text,
    reason   text,
    run_at   timestamptz,
    check ((run_by is null) = (reason is null) and (run_by is null) = (run_at is null))
);

create table replay_item (
    plan      uuid not null references replay_plan,
    position  integer not null,
    kind      text not null check (kind in ('certificate', 'interchange', 'delivery', 'order', 'dead-letter')),
    subject   uuid not null,               -- of a certificate, an interchange or a ticket
    name      text not null,               -- as people call it: the invoice number, the ticket's error
    version   integer,                     -- the certificate's when it was planned; compared again before anything is done
    old       text not null,
    predicted text not null,
    codes     text[] not null default '{}',
    kept      text[] not null default '{}',
    state     text not null check (state in ('planned', 'done', 'skipped', 'failed')),
    became    text,                        -- what it is now, or why nothing was done
    at        timestamptz not null default clock_timestamp(),
    primary key (plan, position),
    unique (plan, kind, subject),
    check (state not in ('skipped', 'failed') or became is not null)
);
create index replay_item_planned on replay_item (plan, position) where state = 'planned';

create function refuse_replanning() returns trigger language plpgsql as $$
begin
    raise exception 'a replay plan is frozen' using errcode = 'restrict_violation';
end $$;
create trigger frozen before update of id, at, actor, filters, sha256 on replay_plan
    for each row execute function refuse_replanning();
create trigger frozen before update of plan, position, kind, subject, name, version, old, predicted, codes, kept on replay_item
    for each row execute function refuse_replanning();
create trigger kept before delete on replay_plan for each row execute function refuse_change();
create trigger kept before delete on replay_item for each row execute function refuse_change();

grant select on replay_plan, replay_item to coedi_worker, coedi_operator, coedi_reader;
grant insert on replay_plan, replay_item to coedi_operator;
grant update (run_by, reason, run_at) on replay_plan to coedi_operator;
grant update (state, became, at) on replay_item to coedi_operator;
-- a delivery that was refused or set aside unread is opened after all
grant update (enterprise, branch, interchange_id, refusal, total) on interchange to coedi_operator;

-- Rule packs beside those that are shipped, the pack that is tried in the shadow, and severities that branches set otherwise.

-- one number for all of them: it grows with each change, and workers that read them are told
create table reference_version (
    only_row boolean primary key default true check (only_row),
    number   bigint not null
);
insert into reference_version (number) values (1);

create function reference_changed() returns trigger language plpgsql as $$
declare now_at bigint;
begin
    update reference_version set number = number + 1 returning number into now_at;
    perform pg_notify('coedi_reference', now_at::text);
    return null;
end $$;

-- a pack's content never changes; rules: the ids that were in it when it was stored
create table rule_pack (
    version text primary key check (version ~ '^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$'),
    content text not null,
    rules   text[] not null,
    at      timestamptz not null default clock_timestamp(),
    actor   text not null
);

-- from which document date a pack decides; of two with the same date the later row counts. A shipped pack may be named, too.
create table rule_pack_activation (
    id         bigint generated always as identity primary key,
    version    text not null,
    valid_from date not null,
    reason     text not null,
    at         timestamptz not null default clock_timestamp(),
    actor      text not null
);

create table rule_shadow (
    id         bigint generated always as identity primary key,
    version    text not null,
    reason     text not null,
    started_at timestamptz not null default clock_timestamp(),
    started_by text not null,
    stopped_at timestamptz,
    stopped_by text,
    check ((stopped_at is null) = (stopped_by is null))
);
create unique index rule_shadow_one on rule_shadow ((true)) where stopped_at is null;

-- what the shadow would have decided otherwise, written with the decision itself
create table shadow_difference (
    certificate    uuid not null,
    version        integer not null,
    active         text not null,
    shadow         text not null,
    active_verdict text not null check (active_verdict in ('accepted', 'referred', 'refused')),
    shadow_verdict text not null check (shadow_verdict in ('accepted', 'referred', 'refused')),
    added          text[] not null,   -- found only by the shadow
    removed        text[] not null,   -- found only by the active pack
    changed        text[] not null,   -- found by both, with another severity or at another place
    at             timestamptz not null,
    primary key (certificate, version, shadow),
    foreign key (certificate, version) references transition
);
create index shadow_difference_by_time on shadow_difference (shadow, at);

-- the newest row of a branch and rule counts; severity null: as the pack has it
create table rule_grade (
    id       bigint generated always as identity primary key,
    branch   text not null references branch,
    rule     text not null,
    severity text check (severity in ('reject', 'manual', 'warn')),
    original text not null check (original in ('reject', 'manual', 'warn')),
    reason   text not null,
    at       timestamptz not null default clock_timestamp(),
    actor    text not null
);
create index rule_grade_newest on rule_grade (branch, rule, id desc);

create trigger told after insert or update on rule_pack for each statement execute function reference_changed();
create trigger told after insert on rule_pack_activation for each statement execute function reference_changed();
create trigger told after insert or update on rule_shadow for each statement execute function reference_changed();
create trigger told after insert on rule_grade for each statement execute function reference_changed();

create trigger immutable before update or delete on rule_pack for each row execute function refuse_change();
create trigger immutable before update or delete on rule_pack_activation for each row execute function refuse_change();
create trigger immutable before update or delete on rule_grade for each row execute function refuse_change();
create trigger immutable before update or delete on shadow_difference for each row execute function refuse_change();
create trigger immutable before update of id, version, reason, started_at, started_by on rule_shadow
    for each row execute function refuse_change();
create trigger kept before delete on rule_shadow for each row execute function refuse_change();

grant select on reference_version, rule_pack, rule_pack_activation, rule_shadow, shadow_difference, rule_grade
    to coedi_worker, coedi_operator, coedi_reader;
grant insert on shadow_difference to coedi_worker, coedi_operator;
grant insert on rule_pack, rule_pack_activation, rule_shadow, rule_grade to coedi_operator;
grant update (number) on reference_version to coedi_operator;
grant update (stopped_at, stopped_by) on rule_shadow to coedi_operator;

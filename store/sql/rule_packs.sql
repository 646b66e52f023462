-- name: reference
-- Everything that decisions take from these tables, as of one moment.
select (select number from reference_version),
    array(select jsonb_build_array(version, content, rules) from rule_pack order by version),
    array(select jsonb_build_array(valid_from, version) from rule_pack_activation order by id),
    (select version from rule_shadow where stopped_at is null),
    array(select jsonb_build_array(branch, rule, severity) from (
        select distinct on (branch, rule) branch, rule, severity from rule_grade order by branch, rule, id desc) newest
        where severity is not null),
    array(select jsonb_build_array(version, content) from review_policy order by version),
    array(select jsonb_build_array(branch, version) from (
        select distinct on (branch) branch, version from review_policy_activation order by branch, id desc) latest),
    array(select jsonb_build_array(branch, day, open) from branch_day where day >= current_date - 7 order by branch, day);

-- name: reference_lock
-- Held to the end of the transaction: one change of these tables at a time.
select number from reference_version for update;

-- name: insert_shadow_differences
-- What the shadow would have decided otherwise, with the decision.
insert into shadow_difference (certificate, version, active, shadow, active_verdict, shadow_verdict, added, removed, changed, at)
select certificate, version, active, shadow, active_verdict, shadow_verdict, string_to_array(added, ' '),
    string_to_array(removed, ' '), string_to_array(changed, ' '), %(now)s::timestamptz
from unnest(%(certificate)s::uuid[], %(version)s::int[], %(active)s::text[], %(shadow)s::text[], %(active_verdict)s::text[],
    %(shadow_verdict)s::text[], %(added)s::text[], %(removed)s::text[], %(changed)s::text[])
    as n (certificate, version, active, shadow, active_verdict, shadow_verdict, added, removed, changed);

-- name: add_pack
-- A pack that is not shipped; nothing when its version is there already.
insert into rule_pack (version, content, rules, actor) values (%(version)s, %(content)s, %(rules)s::text[], %(actor)s)
on conflict do nothing returning version;

-- name: stored_packs
-- Packs in the database, with who stored them.
select version, content, rules, at, actor from rule_pack order by version;

-- name: activate_pack
-- From this document date on the pack decides.
insert into rule_pack_activation (version, valid_from, reason, actor) values (%(version)s, %(valid_from)s, %(reason)s, %(actor)s);

-- name: start_shadow
-- A pack is tried beside the active one.
insert into rule_shadow (version, reason, started_by) values (%(version)s, %(reason)s, %(actor)s);

-- name: stop_shadow
-- The end of the trial; the version that was tried.
update rule_shadow set stopped_at = clock_timestamp(), stopped_by = %(actor)s where stopped_at is null returning version;

-- name: running_shadow
-- The trial that is running.
select version, reason, started_at, started_by from rule_shadow where stopped_at is null;

-- name: last_shadow
-- The trial that is running, or else the last one.
select version, reason, started_at, started_by, stopped_at, stopped_by from rule_shadow order by id desc limit 1;

-- name: shadow_counts
-- How much the shadow decided otherwise: differences, and those in the verdict, by (active verdict, shadow verdict).
select active_verdict, shadow_verdict, count(*) from shadow_difference
where shadow = %(shadow)s and at >= coalesce(%(since)s::timestamptz, '-infinity') group by 1, 2 order by 1, 2;

-- name: shadow_rules
-- Differences by rule: how many certificates it is added to, removed from, changed on, and invoice numbers for example.
select code, count(*) filter (where what = 'added'), count(*) filter (where what = 'removed'),
    count(*) filter (where what = 'changed'), count(*) filter (where active_verdict <> shadow_verdict),
    (array_agg(c.invoice order by d.at desc))[1:3]
from shadow_difference d join certificate c on c.id = d.certificate
cross join lateral (
    select unnest(d.added) as code, 'added' as what union all select unnest(d.removed), 'removed'
    union all select unnest(d.changed), 'changed') one
where d.shadow = %(shadow)s and d.at >= coalesce(%(since)s::timestamptz, '-infinity')
group by code order by count(*) desc, code;

-- name: decided_since
-- How many certificates the rules decided while the shadow ran.
select count(*) from transition t where t.actor = 'rule-check'
    and t.at >= greatest(%(begin)s::timestamptz, %(since)s::timestamptz) and t.at <= coalesce(%(end)s::timestamptz, 'infinity');

-- name: grade_rule
-- A branch's severity of a rule from now on; null: as the pack has it.
insert into rule_grade (branch, rule, severity, original, reason, actor)
values (%(branch)s, %(rule)s, %(severity)s, %(original)s, %(reason)s, %(actor)s);

-- name: grades
-- Severities that branches set otherwise, as they are now.
select * from (
    select distinct on (branch, rule) branch, rule, severity, original, reason, at, actor
    from rule_grade order by branch, rule, id desc) newest
where severity is not null order by branch, rule;

-- name: grade_history
-- Every grade that was ever given or taken back.
select branch, rule, severity, original, reason, at, actor from rule_grade order by id;

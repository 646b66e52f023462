"""Row-level security: bound to one branch, the console's role sees and changes nothing of another, whatever a query forgets."""

from collections.abc import Iterator

import psycopg2
import pytest

from store.database import Database
from tests.desk import Desk, make_desk
from tests.scene import BRANCH, OTHER, branch_at_work
from tests.services import World, make_world

pytestmark = pytest.mark.database

# columns that say whose a row is, and the rows of a branch by them
OWNERS = {
    "branch": "branch = %(branch)s",
    "certificate": "certificate in (select id from theirs_certificate)",
    "filing": "filing in (select id from theirs_filing)",
    "enterprise": "enterprise in (select no from theirs_enterprise)",
}
# tables with such a column that the second wall leaves open, and why that gives nothing away
OPEN = {
    "api_key": "read by the SHA-256 of a key, before anybody's branch is known",
    "console_session": "read by the SHA-256 of a token, before anybody's branch is known",
    "outbox": "a queue: written with each decision, read by the relay alone; no page asks it",
    "work_order": "a queue: written with each decision, read by the workers",
    "inbox": "keys and hashes of what came, which intake compares with what comes",
    "early_message": "positions of messages that wait for their certificate; their bodies lie behind the wall",
    "feed_counter": "the newest number of each feed of receipts",
    "number_counter": "the newest certificate number of an enterprise and type",
    "filing_counter": "the newest filing number of an enterprise",
    "live_filing": "which filing of an enterprise is under way",
    "live_amendment": "which certificate is being amended",
    "review_policy_activation": "policies are no secret: which one is in force where",
    "rule_pack_activation": "rule packs are no secret",
}
# one row each in what a usual day leaves empty
MORE = """
insert into approval (certificate, version, event, person) select id, version, 'approve', 'x' from certificate;
insert into branch_day (branch, day, open, actor) select code, '2026-10-01', false, 'x' from branch;
insert into enterprise_image (enterprise, kind, media_type, sha256, body, at)
    select no, 'seal', 'image/png', sha256('x'), 'x', now() from enterprise;
insert into enterprise_operator (enterprise, code, name_zh) select no, 'a', 'x' from enterprise;
insert into form_serial (branch, stock, serial, status, certificate, reason, actor, at)
    select branch, 'FORME2', row_number() over (order by id), 'used', id, null, 'x', now() from certificate;
insert into form_serial (branch, stock, serial, status, actor, at)
    select branch, 'FORME2', 'N' || serial, 'received', 'x', now() from form_serial;
insert into serial_correction (stock, old, new, certificate, reason, actor)
    select stock, serial, 'N' || serial, certificate, 'x', 'x' from form_serial where status = 'used';
insert into local_print (message, certificate, copies, printer, at)
    select distinct on (m.certificate) m.id, m.certificate, 1, 'x', now() from message m
    join certificate c on c.id = m.certificate order by m.certificate, m.id;
insert into print_report (message, certificate, copies, reported_by, at)
    select distinct on (m.certificate) m.id, m.certificate, 1, 'x', now() from message m
    join certificate c on c.id = m.certificate order by m.certificate, m.id;
insert into rule_grade (branch, rule, severity, original, reason, actor) select code, 'C05', 'warn', 'manual', 'x', 'x' from branch;
insert into console_user (branch, name, shown, created_by) select code, 'wang', 'x', 'x' from branch;
insert into console_role (branch, name, role, given_by) select code, 'wang', 'reviewer', 'x' from branch;
insert into saved_search (branch, name, label, query) select code, 'wang', 'x', 'x' from branch;
insert into export_job (id, branch, name, query, state) select gen_random_uuid(), code, 'wang', 'x', 'done' from branch;
insert into shadow_difference (certificate, version, active, shadow, active_verdict, shadow_verdict, added, removed, changed, at)
    select certificate, version, 'a', 'b', 'accepted', 'accepted', '{}', '{}', '{}', now() from transition;
insert into stage_sample (branch, stage, at, waiting, oldest, passed) select code, 'print', now(), 1, 1, 1 from branch;
insert into audit (actor, action, subject, branch) select 'x', 'x', 'x', code from branch;
"""
THEIRS = """
create table theirs_certificate as select id from certificate where branch = %(branch)s;
create table theirs_filing as select id from filing where branch = %(branch)s;
create table theirs_enterprise as select no from enterprise where branch = %(branch)s union select %(branch)s;
grant select on theirs_certificate, theirs_filing, theirs_enterprise to coedi_console;
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, template: str) -> Iterator[Desk]:
    """Both branches at work, and a row in every table."""
    for world in make_world(tmp_path_factory.mktemp("wall"), template, with_broker=False):
        yield filled(world)


def filled(world: World) -> Desk:
    desk = make_desk(world)
    branch_at_work(desk)
    desk.owner.run(MORE)
    desk.owner.run(THEIRS, {"branch": BRANCH})
    desk.session.database.close()
    desk.owner.close()
    return desk


def tables(database: Database) -> dict[str, str]:
    """table -> a condition for the rows that belong to BRANCH, of all tables with a column that says whose they are."""
    rows = database.run(
        "select table_name, array_agg(column_name::text) from information_schema.columns join information_schema.tables"
        " using (table_schema, table_name) where table_schema = 'public' and table_type = 'BASE TABLE'"
        " and table_name not like 'theirs_%%' and column_name = any(%(owners)s) group by 1", {"owners": [*OWNERS]})
    return {name: " or ".join(f"coalesce({OWNERS[column]}, false)" for column in columns) for name, columns in rows}


def guarded(database: Database) -> set[str]:
    """Tables with row-level security and a policy for the console."""
    rows = database.run(
        "select distinct relname::text from pg_policy join pg_class c on c.oid = polrelid"
        " where relrowsecurity and 'coedi_console'::regrole = any(polroles)")
    return {row[0] for row in rows}


def bound(desk: Desk, branch: str) -> Database:
    """The console's connection, bound to a branch."""
    database = desk.world.database("coedi_console")
    database.run("select set_config('coedi.branch', %s, false)", (branch,))
    return database


def seen(database: Database, table: str, condition: str) -> int:
    return int(database.run(f"select count(*) from {table} where {condition}", {"branch": BRANCH})[0][0])


def test_every_table_that_says_whose_a_row_is_stands_behind_the_wall_or_is_listed_with_a_reason(place: Desk) -> None:
    database = place.world.database()
    behind, named = guarded(database), set(tables(database))
    assert named - behind == set(OPEN) & named
    assert not set(OPEN) & behind, "listed as open, but guarded"
    database.close()


def test_another_branch_sees_no_row_and_the_own_one_does(place: Desk) -> None:
    owner, theirs, own = place.world.database(), bound(place, OTHER), bound(place, BRANCH)
    conditions = {**tables(owner), "enterprise": "no in (select no from theirs_enterprise)"}
    found = {table: (seen(own, table, conditions[table]) > 0, seen(theirs, table, conditions[table]))
             for table in sorted(guarded(owner))}
    assert found == dict.fromkeys(found, (True, 0))
    for database in (owner, theirs, own):
        database.close()


def test_what_is_bound_to_nobody_sees_nothing(place: Desk) -> None:
    owner, nobody = place.world.database(), place.world.database("coedi_console")
    assert {table: seen(nobody, table, "true") for table in guarded(owner)} == dict.fromkeys(guarded(owner), 0)
    owner.close()
    nobody.close()


def test_another_branchs_rows_cannot_be_changed_or_deleted(place: Desk) -> None:
    owner, theirs = place.world.database(), bound(place, OTHER)
    conditions = {**tables(owner), "enterprise": "no in (select no from theirs_enterprise)"}
    changed = {}
    for table in sorted(guarded(owner)):
        columns = owner.run(
            "select column_name::text from information_schema.column_privileges where grantee = 'coedi_console'"
            " and privilege_type = 'UPDATE' and table_name = %s and column_name not in ('subject', 'words') order by 1", (table,))
        if columns:
            column = columns[0][0]
            changed[table] = len(theirs.run(
                f"update {table} set {column} = {column} where ({conditions[table]}) returning 1", {"branch": BRANCH}))
        if owner.run("select has_table_privilege('coedi_console', %s, 'DELETE')", (table,))[0][0]:
            changed[f"{table} deleted"] = len(theirs.run(
                f"delete from {table} where ({conditions[table]}) returning 1", {"branch": BRANCH}))
    assert {"certificate", "review_task", "filing", "console_user"} < set(changed)
    assert changed == dict.fromkeys(changed, 0)
    owner.close()
    theirs.close()


@pytest.mark.parametrize("statement", [
    "insert into console_user (branch, name, shown, created_by) values ('1100B0', 'thief', 'x', 'x')",
    "insert into console_role (branch, name, role, given_by) values ('1100B0', 'wang', 'administrator', 'x')",
    "insert into saved_search (branch, name, label, query) values ('1100B0', 'wang', 'y', 'x')",
    "insert into branch_day (branch, day, open, actor) values ('1100B0', '2026-10-02', false, 'x')",
    "insert into audit (actor, action, subject, branch) values ('x', 'x', 'x', '1100B0')",
    "update console_user set branch = '1100B0' where branch = '3302A0' and name = 'wang'",
    "update review_task set branch = '1100B0'",
])
def test_nothing_can_be_written_into_another_branch(place: Desk, statement: str) -> None:
    theirs = bound(place, OTHER)
    with pytest.raises(psycopg2.Error, match="row-level security"):
        theirs.run(statement)
    theirs.close()


def test_the_view_that_search_reads_carries_the_same_condition(place: Desk) -> None:
    own, theirs = bound(place, BRANCH), bound(place, OTHER)
    assert seen(own, "certificate_in_sight", OWNERS["branch"]) > 0
    assert seen(theirs, "certificate_in_sight", OWNERS["branch"]) == 0
    own.close()
    theirs.close()

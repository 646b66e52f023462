"""Rule packs on a living system: what is in memory is fresh, trials are kept, branches re-grade, a replay is pinned."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from console import wiring
from domain.errors import DatabaseGone, RulesUnusable
from pipeline.orders import WorkOrder, load_cases
from store.database import Database
from store.rule_packs import Reference, reference
from tests.acceptance.test_json_keys import keys, promised
from tests.desk import Desk, another_session, clean, make_desk
from tests.integration.operators.command import Said, coedi
from tests.services import World
from validators.pack import all_rules

pytestmark = pytest.mark.database
LATE, MIDDLEMAN = "invoice-late", "intermediary"  # G02 reject, C05 manual


@pytest.fixture
def desk(stored: World) -> Iterator[Desk]:
    """A worker beside the command line."""
    made = make_desk(stored)
    yield made
    made.session.database.close()
    made.owner.close()


@pytest.fixture
def today(desk: Desk) -> Any:
    """The business date."""
    return desk.query("select (clock_timestamp() at time zone 'Asia/Shanghai')::date")[0][0]


def rules(desk: Desk, *arguments: object) -> Said:
    """`coedi rules ...`, with a reason where one is asked for."""
    because = () if arguments[-1] == "--json" or arguments[0] in ("grades", "packs", "diff") else ("--reason", "a reason")
    said = coedi(desk.world, "rules", *arguments, *because)
    fresh(desk, desk.session.database)
    return said


def fresh(desk: Desk, database: Database) -> Reference:
    """The tables as a session knows them, once it has been told of the last commit: that takes the server a moment."""
    number, give_up = desk.query("select number from reference_version")[0][0], time.monotonic() + 10
    while (known := reference(database)).number < number and time.monotonic() < give_up:
        time.sleep(0.01)
    assert known.number == number
    return known


def done(said: Said) -> Said:
    """It was done."""
    assert said.exit_code == 0, said
    return said


def pack_file(folder: Path, version: str, severities: str = "", without: str = "") -> Path:
    """A candidate: every rule but some, some with other severities."""
    ids = ", ".join(f'"{code}"' for code in all_rules() if code not in without.split())
    file = folder / f"{version}.toml"
    file.write_text(f'version = "{version}"\nrules = [{ids}]\n\n[severities]\n{severities}\n', encoding="utf-8")
    return file


def decided(desk: Desk, number: int) -> tuple[str, str, list[tuple[str, str, str]]]:
    """State, pack of the rule check, and (code, severity, pack) of its findings, of a sample's certificate."""
    state, detail = desk.query(
        "select c.state, t.detail from certificate c join transition t on t.certificate = c.id and t.actor = 'rule-check'"
        " where c.invoice = %s order by t.version desc limit 1", clean(number).invoice)[0]
    return state, detail["pack"], [(one["code"], one["severity"], one["pack"]) for one in detail.get("findings", ())]


def stop(desk: Desk) -> None:
    """End the trial."""
    done(coedi(desk.world, "rules", "shadow", "stop"))
    fresh(desk, desk.session.database)


# the snapshot


def test_a_session_reads_again_only_after_a_change_and_asks_nothing_until_then(desk: Desk) -> None:
    worker, other = desk.session.database, another_session(desk.world)
    first = reference(worker)
    reference(other.database)
    asked = worker.round_trips
    assert reference(worker) is first
    assert worker.round_trips == asked
    done(rules(desk, "grade", clean(0).firm.record.branch, "G02", "warn"))
    for database in (worker, other.database):
        known = fresh(desk, database)
        assert (known.number, known.grades) == (first.number + 1, ((clean(0).firm.record.branch, "G02", "warn"),))
    asked = worker.round_trips
    reference(worker)
    assert worker.round_trips == asked
    other.database.close()


def test_a_change_that_is_rolled_back_is_never_seen(desk: Desk) -> None:
    first = reference(desk.session.database)
    with pytest.raises(ZeroDivisionError), desk.owner.transaction():
        desk.query("insert into rule_shadow (version, reason, started_by) values ('2026.1', 'x', 'x')")
        raise ZeroDivisionError
    assert reference(desk.session.database) is first


def test_a_session_that_was_lost_reads_again(desk: Desk) -> None:
    worker = desk.session.database
    first = reference(worker)
    worker.close()
    again = reference(worker)
    assert again is not first
    assert again.number == first.number
    done(rules(desk, "shadow", "start", "2026.1"))
    assert reference(worker).shadow == "2026.1"


def test_a_session_that_the_server_ended_decides_nothing_by_what_it_knew(desk: Desk) -> None:
    worker = desk.session.database
    reference(worker)
    [(pid,)] = worker.run("select pg_backend_pid()")
    desk.query("select pg_terminate_backend(%s, 5000)", pid)
    done(coedi(desk.world, "rules", "grade", clean(0).firm.record.branch, "G02", "warn", "--reason", "x"))
    with pytest.raises(DatabaseGone):
        desk.deliver(clean(0, fault=LATE))
    desk.session.owner = None
    desk.deliver(clean(0, fault=LATE))
    assert ("G02", "warn", f"2026.2+{clean(0).firm.record.branch}") in decided(desk, 0)[2]


def test_a_batch_costs_no_statement_for_the_packs(desk: Desk) -> None:
    desk.deliver(clean(0))
    before = desk.session.database.round_trips
    desk.deliver(clean(1))
    once = desk.session.database.round_trips - before
    done(rules(desk, "shadow", "start", "2026.1"))
    reference(desk.session.database)
    before = desk.session.database.round_trips
    desk.deliver(clean(2))
    assert desk.session.database.round_trips - before == once


def test_a_worker_that_cannot_read_a_stored_pack_stops_and_sets_nothing_aside(desk: Desk) -> None:
    desk.query("insert into rule_pack (version, content, rules, actor) values ('2040.1', %s, '{Z99}', 'x')",
               'version = "2040.1"\nrules = ["Z99"]\n')
    desk.query("insert into rule_shadow (version, reason, started_by) values ('2040.1', 'x', 'x')")
    with pytest.raises(RulesUnusable, match="Z99"):
        desk.deliver(clean(0))
    with pytest.raises(RulesUnusable, match="Z99"):
        wiring.worker(desk.world.settings, ["rule-check"], lambda: True)
    assert desk.query("select (select count(*) from interchange), (select count(*) from parked)") == [(0, 0)]


# grades


def test_a_branch_re_grades_a_rule_for_its_certificates_alone_and_takes_it_back(desk: Desk) -> None:
    branch = clean(0).firm.record.branch
    stranger = next(n for n in range(1, 20) if clean(n).firm.record.branch != branch)
    done(rules(desk, "grade", branch, "G02", "warn"))
    desk.deliver(clean(0, fault=LATE), clean(stranger, fault=LATE))
    state, pack, findings = decided(desk, 0)
    assert (state, pack) == ("ISSUED", "2026.2")
    assert ("G02", "warn", f"2026.2+{branch}") in findings
    assert decided(desk, stranger)[0] == "RETURNED"
    assert ("G02", "reject", "2026.2") in decided(desk, stranger)[2]
    done(rules(desk, "grade", branch, "G02", "reset"))
    again = clean(0).firm.record.no
    number = next(n for n in range(20, 80) if clean(n).firm.record.no == again)
    desk.deliver(clean(number, fault=LATE))
    assert decided(desk, number)[0] == "RETURNED"


def test_grades_say_who_when_why_and_what_it_was(desk: Desk) -> None:
    branch = clean(0).firm.record.branch
    assert rules(desk, "grades").out == "no branch has re-graded a rule\n"
    done(rules(desk, "grade", branch, "C05", "reject"))
    done(rules(desk, "grade", branch, "C05", "warn"))
    [now] = rules(desk, "grades", "--json").data["grades"]
    assert (now["branch"], now["rule"], now["severity"], now["original"], now["reason"]) == (
        branch, "C05", "warn", "manual", "a reason")
    assert now["actor"].startswith("operator:")
    done(rules(desk, "grade", branch, "C05", "reset"))
    assert rules(desk, "grades", "--json").data == {"grades": []}
    assert [one["severity"] for one in rules(desk, "grades", "--all", "--json").data["grades"]] == ["reject", "warn", None]
    assert [row[0] for row in desk.query("select subject from audit where action = 'rules grade'")] == [f"{branch} C05"] * 3
    with pytest.raises(psycopg2.Error, match="append-only"):
        desk.query("update rule_grade set reason = 'y'")


def test_the_list_of_a_branch_shows_its_severities(desk: Desk) -> None:
    branch = clean(0).firm.record.branch
    done(rules(desk, "grade", branch, "C05", "reject"))
    said = done(coedi(desk.world, "rules", "--branch", branch, "--json")).data
    [row] = [row for row in said["rules"] if row["original"]]
    assert (said["branch"], row["code"], row["severity"], row["original"]) == (branch, "C05", "reject", "manual")
    assert "(was manual)" in coedi(desk.world, "rules", "--branch", branch).out
    assert coedi(desk.world, "rules", "--branch", "9999Z9").exit_code == 4


@pytest.mark.parametrize(("arguments", "code", "why"), [
    (("0000X0", "C05", "warn"), 4, "there is no branch 0000X0"), (("1100B0", "Z99", "warn"), 4, "there is no rule Z99"),
    (("1100B0", "A01", "warn"), 4, "is not decided by the rule check"), (("1100B0", "A02", "warn"), 4, "is not decided"),
    (("1100B0", "A16", "warn"), 4, "is not decided"), (("1100B0", "C05", "reset"), 4, "has not re-graded C05"),
    (("1100B0", "C05", "mild"), 2, "mild"),
])
def test_what_cannot_be_re_graded_is_refused(desk: Desk, arguments: tuple[str, ...], code: int, why: str) -> None:
    said = rules(desk, "grade", *arguments)
    assert said.exit_code == code
    assert why in said.why
    assert desk.query("select count(*) from rule_grade") == [(0,)]


@pytest.mark.parametrize("change", [
    "insert into rule_grade (branch, rule, severity, original, reason, actor) values ('1100B0', 'C05', 'warn', 'manual', 'x', 'x')",
    "insert into rule_pack_activation (version, valid_from, reason, actor) values ('2026.1', '2030-01-01', 'x', 'x')",
    "insert into rule_pack (version, content, rules, actor) values ('x', 'x', '{}', 'x')",
    "insert into rule_shadow (version, reason, started_by) values ('2026.1', 'x', 'x')",
    "update reference_version set number = 9",
])
def test_a_worker_reads_these_tables_and_changes_none(desk: Desk, change: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        desk.session.database.run(change)


# the shadow


def test_a_trial_keeps_what_it_would_have_decided_otherwise(desk: Desk, tmp_path: Path) -> None:
    file = pack_file(tmp_path, "2027.1", 'C05 = "reject"', without="G02")
    desk.deliver(clean(0, fault=MIDDLEMAN))
    assert desk.query("select count(*) from shadow_difference") == [(0,)]
    done(rules(desk, "shadow", "start", "--file", file))
    desk.deliver(clean(1, fault=MIDDLEMAN), clean(2, fault=LATE), clean(3))
    assert [decided(desk, n)[:2] for n in (1, 2, 3)] == [
        ("PENDING_REVIEW", "2026.2"), ("RETURNED", "2026.2"), ("ISSUED", "2026.2")]
    rows = desk.query(
        "select c.invoice, t.event, d.active, d.shadow, d.active_verdict, d.shadow_verdict, d.added, d.removed, d.changed"
        " from shadow_difference d join certificate c on c.id = d.certificate"
        " join transition t on (t.certificate, t.version) = (d.certificate, d.version)"
        " order by 1")
    assert rows == [
        (clean(1).invoice, "pass-rules", "2026.2", "2027.1", "referred", "refused", [], [], ["C05"]),
        (clean(2).invoice, "return", "2026.2", "2027.1", "refused", "accepted", [], ["G02"], [])]
    said = coedi(desk.world, "rules", "shadow", "report", "--json").data
    assert (said["shadow"], said["decided"], said["reason"], said["stopped_at"]) == ("2027.1", 3, "a reason", None)
    assert {row["code"]: (row["added"], row["removed"], row["changed"], row["verdict_differs"], row["examples"])
            for row in said["rules"]} == {
        "C05": (0, 0, 1, 1, [clean(1).invoice]), "G02": (0, 1, 0, 1, [clean(2).invoice])}
    assert "3 decided, 2 differ" in coedi(desk.world, "rules", "shadow", "report").out
    assert coedi(desk.world, "rules", "shadow", "report", "--since", "2999-01-01", "--json").data["rules"] == []
    stop(desk)
    desk.deliver(clean(4, fault=MIDDLEMAN))
    assert desk.query("select count(*) from shadow_difference") == [(2,)]
    assert coedi(desk.world, "rules", "shadow", "report", "--json").data["decided"] == 3
    assert [row[0] for row in desk.query("select action from audit where action like 'rules shadow %%' order by id")] == [
        "rules shadow start", "rules shadow stop"]


def test_one_trial_at_a_time_and_only_of_packs_that_there_are(desk: Desk, tmp_path: Path) -> None:
    assert coedi(desk.world, "rules", "shadow", "stop").exit_code == 4
    assert coedi(desk.world, "rules", "shadow", "report").exit_code == 4
    assert rules(desk, "shadow", "start", "2031.7").exit_code == 4
    assert rules(desk, "shadow", "start").exit_code == 2
    done(rules(desk, "shadow", "start", "2026.1"))
    again = rules(desk, "shadow", "start", "2026.2")
    assert (again.exit_code, "2026.1 is on trial" in again.why) == (4, True)


def test_a_candidate_with_faults_is_refused_with_their_lines_and_nothing_is_stored(desk: Desk, tmp_path: Path) -> None:
    file = pack_file(tmp_path, "2027.1", 'Z99 = "warn"')
    said = rules(desk, "shadow", "start", "--file", file)
    assert said.exit_code == 2
    assert f"{file}, line 5: PACK_RULE_UNKNOWN severities.Z99" in said.why
    assert desk.query("select (select count(*) from rule_pack), (select count(*) from rule_shadow)") == [(0, 0)]
    assert rules(desk, "shadow", "start", "--file", tmp_path / "none.toml").exit_code == 2


def test_a_version_is_given_once(desk: Desk, tmp_path: Path) -> None:
    done(rules(desk, "shadow", "start", "--file", pack_file(tmp_path, "2027.1")))
    stop(desk)
    done(rules(desk, "shadow", "start", "--file", pack_file(tmp_path, "2027.1")))
    stop(desk)
    other = rules(desk, "shadow", "start", "--file", pack_file(tmp_path, "2027.1", without="G02"))
    assert (other.exit_code, "packs never change" in other.why) == (4, True)
    shipped = rules(desk, "activate", pack_file(tmp_path, "2026.1"), "--from", "2099-01-01")
    assert (shipped.exit_code, "is shipped with coedi" in shipped.why) == (4, True)
    with pytest.raises(psycopg2.Error, match="append-only"):
        desk.query("update rule_pack set content = ''")


# activation, and what was decided before it


def test_an_activated_pack_decides_from_its_day_on_without_a_restart(desk: Desk, tmp_path: Path, today: Any) -> None:
    desk.deliver(clean(0, fault=LATE))
    done(rules(desk, "activate", pack_file(tmp_path, "2027.1", without="G02"), "--from", today))
    desk.deliver(clean(1, fault=LATE))
    assert decided(desk, 0)[:2] == ("RETURNED", "2026.2")
    assert decided(desk, 1)[:2] == ("ISSUED", "2027.1")
    done(rules(desk, "activate", "2026.2", "--from", today))
    desk.deliver(clean(2, fault=LATE))
    assert decided(desk, 2)[:2] == ("RETURNED", "2026.2")
    tomorrow = today + timedelta(days=1)
    done(rules(desk, "activate", "2027.1", "--from", tomorrow))
    desk.deliver(clean(3, fault=LATE))
    assert decided(desk, 3)[1] == "2026.2"
    said = rules(desk, "packs", "--json").data
    assert said["schedule"][-1] == {"valid_from": str(tomorrow), "valid_to": None, "version": "2027.1"}
    assert {row["version"]: row["source"] for row in said["packs"]} == {
        "2026.1": "shipped", "2026.2": "shipped", "2027.1": "database"}
    assert rules(desk, "diff", "2026.2", "2027.1", "--json").data["removed"] == ["G02"]
    past = rules(desk, "activate", "2027.1", "--from", today - timedelta(days=1))
    assert (past.exit_code, "is past" in past.why) == (4, True)
    assert desk.query("select count(*) from audit where action = 'rules activate'") == [(3,)]


def returned_under_a_strict_pack(desk: Desk, folder: Path, today: Any) -> None:
    """Sample 1 is returned by pack 2027.1; then 2026.2 decides again, which would only refer it."""
    done(rules(desk, "activate", pack_file(folder, "2027.1", 'C05 = "reject"'), "--from", today))
    desk.deliver(clean(1, fault=MIDDLEMAN))
    assert decided(desk, 1)[:2] == ("RETURNED", "2027.1")
    done(rules(desk, "activate", "2026.2", "--from", today))


def test_a_replay_decides_with_the_pack_of_then(desk: Desk, tmp_path: Path, today: Any) -> None:
    returned_under_a_strict_pack(desk, tmp_path, today)
    identity, version = desk.query("select id, version from certificate")[0]
    [case] = load_cases(desk.session.database, [WorkOrder(identity, version, "")])
    assert case.pack == "2027.1"
    [line] = coedi(desk.world, "replay", "plan", "--state", "RETURNED", "--json").data["items"]
    assert (line["predicted"], line["became"]) == ("RETURNED", "it would be returned again")


@pytest.mark.parametrize("named", ["current", "2026.2"])
def test_a_replay_with_another_pack_shows_both_and_uses_it(desk: Desk, tmp_path: Path, today: Any, named: str) -> None:
    returned_under_a_strict_pack(desk, tmp_path, today)
    plan = coedi(desk.world, "replay", "plan", "--state", "RETURNED", "--pack", named, "--json").data
    [line] = plan["items"]
    assert (line["predicted"], line["state"]) == ("PENDING_REVIEW (pack 2027.1 -> 2026.2)", "planned")
    assert plan["filters"]["pack"] == named
    assert coedi(desk.world, "replay", "run", plan["id"], "--reason", "x", "--json").data["done"] == 1
    assert decided(desk, 1)[:2] == ("PENDING_REVIEW", "2026.2")
    assert desk.query("select revision from certificate") == [(2,)]


def test_a_pinned_replay_keeps_its_pack_in_the_new_revision(desk: Desk, tmp_path: Path, today: Any) -> None:
    desk.query("update signatory set active = false")
    done(rules(desk, "activate", pack_file(tmp_path, "2027.1"), "--from", today))
    desk.deliver(clean(1))
    assert decided(desk, 1)[:2] == ("RETURNED", "2027.1")
    desk.query("update signatory set active = true")
    done(rules(desk, "activate", "2026.2", "--from", today))
    plan = coedi(desk.world, "replay", "plan", "--state", "RETURNED", "--json").data
    assert plan["items"][0]["predicted"] == "APPROVED"
    done(coedi(desk.world, "replay", "run", plan["id"], "--reason", "x"))
    assert decided(desk, 1)[:2] == ("APPROVED", "2027.1")


def test_a_pack_to_replay_with_must_be_known_and_is_for_certificates(desk: Desk) -> None:
    desk.deliver(clean(0, fault=LATE))
    assert coedi(desk.world, "replay", "plan", "--state", "RETURNED", "--pack", "1999.9").exit_code == 4
    assert coedi(desk.world, "replay", "plan", "--parked", "--pack", "current").exit_code == 2
    assert coedi(desk.world, "replay", "plan", "--pack", "current").exit_code == 2


def test_every_promise_holds_after_all_of_it(desk: Desk, tmp_path: Path, today: Any) -> None:
    done(rules(desk, "shadow", "start", "2026.1"))
    returned_under_a_strict_pack(desk, tmp_path, today)
    desk.query("delete from outbox")
    assert coedi(desk.world, "doctor", "--no-documents").exit_code == 0


def test_every_key_of_json_is_promised(desk: Desk, tmp_path: Path, today: Any) -> None:
    branch = clean(0).firm.record.branch
    file = pack_file(tmp_path, "2027.1", 'C05 = "reject"', without="G02")
    documents = {
        "rules shadow start": rules(desk, "shadow", "start", "--file", file, "--json", "--reason", "x"),
        "rules grade": rules(desk, "grade", branch, "C08", "manual", "--json", "--reason", "x")}
    desk.deliver(clean(1, fault=MIDDLEMAN))
    documents |= {
        "rules activate": rules(desk, "activate", "2027.1", "--from", today, "--json", "--reason", "x"),
        "rules shadow report": coedi(desk.world, "rules", "shadow", "report", "--json"),
        "rules shadow stop": coedi(desk.world, "rules", "shadow", "stop", "--json"),
        "rules grades": rules(desk, "grades", "--all", "--json"), "rules packs": rules(desk, "packs", "--json"),
        "rules diff": rules(desk, "diff", "2026.1", "2027.1", "--json"),
        "rules list": coedi(desk.world, "rules", "--branch", branch, "--json")}
    for command, said in documents.items():
        found = set(keys(done(said).data))
        # these two packs have the same parameters and texts
        assert found == promised(command) - ({"name", "field"} if command == "rules diff" else set()), command

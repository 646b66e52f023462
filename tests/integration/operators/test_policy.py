"""Review policies on a living system: kept for good, in force at once, by branch, tried on what was decided; working days."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from console import wiring
from domain.errors import RulesUnusable
from review_worker.policies import Policies, policies_of
from review_worker.policy import load_policy
from review_worker.policy_trial import period, tried
from store.database import Database
from store.rule_packs import reference
from tests.acceptance.test_json_keys import keys, promised
from tests.desk import Desk, another_session, clean, make_desk
from tests.integration.operators.command import Said, coedi
from tests.services import World
from tests.trade import amendment

pytestmark = pytest.mark.database
BUILT_IN = load_policy()
HERE = clean(0).firm.record.branch
STRANGER = next(number for number in range(20) if clean(number).firm.record.branch != HERE)


@pytest.fixture
def desk(stored: World) -> Iterator[Desk]:
    """A worker beside the command line."""
    made = make_desk(stored)
    yield made
    made.session.database.close()
    made.owner.close()


@pytest.fixture
def today(desk: Desk) -> date:
    """The business date."""
    day: date = desk.query("select (clock_timestamp() at time zone 'Asia/Shanghai')::date")[0][0]
    return day


def policy(desk: Desk, *arguments: object) -> Said:
    """`coedi policy ...`; the worker of the desk has heard of it afterwards."""
    said = coedi(desk.world, "policy", *arguments)
    fresh(desk, desk.session.database)
    return said


def done(said: Said) -> Said:
    """It was done."""
    assert said.exit_code == 0, said
    return said


def fresh(desk: Desk, database: Database) -> None:
    """Wait until a session was told of the last commit."""
    number, give_up = desk.query("select number from reference_version")[0][0], time.monotonic() + 10
    while reference(database).number < number and time.monotonic() < give_up:
        time.sleep(0.01)
    assert reference(database).number == number


def written(folder: Path, version: str, *lines: str) -> Path:
    """A policy file."""
    file = folder / f"{version}.toml"
    file.write_text("\n".join([f'version = "{version}"', *lines, ""]), encoding="utf-8")
    return file


def in_force(desk: Desk, folder: Path, version: str, *lines: str, branch: str = "") -> None:
    """Keep a policy and put it into force."""
    done(policy(desk, "keep", written(folder, version, *lines)))
    done(policy(desk, "activate", version, "--reason", "because", *(("--branch", branch) if branch else ())))


def decisions(desk: Desk) -> dict[str, tuple[str, str]]:
    """invoice -> event and policy of auto review."""
    rows = desk.query("select c.invoice, t.event, t.detail ->> 'pack' from transition t join certificate c on c.id = t.certificate"
                      " where t.actor = 'auto-review' order by t.at")
    return {invoice: (event, pack) for invoice, event, pack in rows}


# kept for good


def test_a_policy_is_kept_once_and_never_changes(desk: Desk, tmp_path: Path) -> None:
    file = written(tmp_path, "2027.1", "sample_one_in = 5")
    text = file.read_text(encoding="utf-8")
    assert done(policy(desk, "keep", file, "--json")).data == {"version": "2027.1", "kept": True}
    assert done(policy(desk, "keep", file, "--json")).data == {"version": "2027.1", "kept": False}
    said = policy(desk, "keep", written(tmp_path, "2027.1", "sample_one_in = 6"))
    assert (said.exit_code, "never change" in said.why) == (4, True)
    for change in ("update review_policy set content = ''", "delete from review_policy"):
        with pytest.raises(psycopg2.Error, match="append-only"):
            desk.query(change)
    assert done(policy(desk, "show", "2027.1")).out == text
    assert desk.query("select action, subject from audit where action like 'policy%%'") == [("policy keep", "2027.1")]


@pytest.mark.parametrize(("line", "version", "code", "why"), [
    ("colour = 1", "x", 2, "unknown key colour"), ("", "built-in", 4, "is the built-in policy"),
    ("", BUILT_IN.version, 4, "is the built-in policy"), ("void_eyes = 7", "x", 2, "from 1 to 2"),
])
def test_a_file_that_is_wrong_is_not_kept(desk: Desk, tmp_path: Path, line: str, version: str, code: int, why: str) -> None:
    said = policy(desk, "keep", written(tmp_path, version, line))
    assert (said.exit_code, why in said.why) == (code, True)
    assert desk.query("select count(*) from review_policy") == [(0,)]


@pytest.mark.parametrize(("arguments", "code"), [
    (("keep", "none.toml"), 2), (("show", "9"), 4), (("activate", "9", "--reason", "x"), 4), (("activate", "built-in"), 2),
    (("activate", "built-in", "--reason", " "), 2), (("activate", "built-in", "--branch", "9999Z9", "--reason", "x"), 4),
    (("show", "--branch", "9999Z9"), 4), (("try", "9"), 4), (("try", "built-in", "--branch", "9999Z9"), 4),
    (("try", "built-in", "--days", "2", "--since", "2026-01-01"), 2), (("try", "built-in", "--days", "0"), 2),
    (("try", "built-in", "--since", "2026-02-01", "--until", "2026-01-01"), 2),
    (("calendar", "set", "2026-13-01", "open"), 2), (("calendar", "set", "2026-12-01", "ajar"), 2),
    (("calendar", "set", "2026-12-01", "open", "--branch", "9999Z9"), 4), (("calendar", "list", "--branch", "9999Z9"), 4),
])
def test_what_cannot_be_done_is_refused(desk: Desk, arguments: tuple[str, ...], code: int) -> None:
    assert policy(desk, *arguments).exit_code == code


# in force


def test_a_policy_is_in_force_from_the_next_certificate_in_every_session(desk: Desk, tmp_path: Path) -> None:
    other = another_session(desk.world)
    desk.deliver(clean(0))
    in_force(desk, tmp_path, "2027.1", 'types = ["CO"]', "[deadlines]", "CO = 60")
    desk.deliver(clean(1))
    mine, desk.intake.session = desk.intake.session, other
    fresh(desk, other.database)
    desk.deliver(clean(2))
    desk.intake.session = mine
    done(policy(desk, "activate", "built-in", "--reason", "back again"))
    desk.deliver(clean(3))
    assert decisions(desk) == {
        clean(0).invoice: ("approve", BUILT_IN.version), clean(1).invoice: ("refer", "2027.1"),
        clean(2).invoice: ("refer", "2027.1"), clean(3).invoice: ("approve", BUILT_IN.version)}
    other.database.close()


def test_a_policy_of_a_branch_is_its_own(desk: Desk, tmp_path: Path) -> None:
    in_force(desk, tmp_path, "2027.1", 'types = ["CO"]', branch=HERE)
    desk.deliver(clean(0), clean(STRANGER))
    assert decisions(desk) == {
        clean(0).invoice: ("refer", "2027.1"), clean(STRANGER).invoice: ("approve", BUILT_IN.version)}
    assert done(policy(desk, "show", "--branch", HERE, "--json")).data["version"] == "2027.1"
    assert done(policy(desk, "show", "--json")).data["version"] == BUILT_IN.version


def test_the_terms_of_the_policy_stand_in_the_queue(desk: Desk, tmp_path: Path, today: date) -> None:
    in_force(desk, tmp_path, "2027.1", "deadline_minutes = 0", "[four_eyes]", 'types = ["CO"]', "[senior]", 'types = ["CO"]')
    done(policy(desk, "calendar", "set", today, "closed"))
    desk.deliver(clean(0))
    [(eyes, senior, opens)] = desk.query(
        "select eyes, senior, to_char(deadline at time zone 'Asia/Shanghai', 'HH24:MI') from review_task")
    assert (eyes, senior, opens) == (2, True, "09:00")
    assert desk.query("select event, eyes, reason like 'FOUR_EYES: %%' from four_eyes") == [("approve", 2, True)]
    [(later,)] = desk.query("select (deadline at time zone 'Asia/Shanghai')::date > %s from review_task", today)
    assert later


def test_a_batch_asks_the_same_number_of_statements_under_any_policy(desk: Desk, tmp_path: Path) -> None:
    desk.deliver(clean(0))
    before = desk.session.database.round_trips
    desk.deliver(clean(1))
    once = desk.session.database.round_trips - before
    in_force(desk, tmp_path, "2027.1", "new_exporter_first = 0", "sample_one_in = 1000000000")
    before = desk.session.database.round_trips
    desk.deliver(clean(2))
    assert desk.session.database.round_trips - before == once


UNREADABLE = "insert into review_policy (version, content, actor) values ('2040.1', 'version = \"2040.1\"\nmoon = \"full\"', 'x')"


def test_a_policy_in_force_that_cannot_be_read_stops_the_worker_and_decides_nothing(desk: Desk) -> None:
    desk.query(UNREADABLE)
    desk.deliver(clean(0))
    assert decisions(desk) == {clean(0).invoice: ("approve", BUILT_IN.version)}
    said = policy(desk, "activate", "2040.1", "--reason", "x")
    assert (said.exit_code, "cannot read" in said.why) == (4, True)
    desk.query("insert into review_policy_activation (version, reason, actor) values ('2040.1', 'x', 'x')")
    fresh(desk, desk.session.database)
    with pytest.raises(RulesUnusable, match="moon"):
        desk.deliver(clean(1))
    with pytest.raises(RulesUnusable, match="moon"):
        wiring.worker(desk.world.settings, ["auto-review"], lambda: True)
    assert desk.query("select count(*) from parked") == [(0,)]
    assert (policy(desk, "show").exit_code, policy(desk, "list").exit_code) == (3, 0)
    done(policy(desk, "activate", "built-in", "--reason", "back again"))
    desk.deliver(clean(1))
    assert decisions(desk)[clean(1).invoice] == ("approve", BUILT_IN.version)


def test_a_policy_that_is_activated_but_not_there_stops_the_worker(desk: Desk) -> None:
    desk.query("insert into review_policy_activation (version, reason, actor) values ('2040.1', 'x', 'x')")
    with pytest.raises(RulesUnusable, match=r"2040\.1, which is not there"):
        desk.deliver(clean(0))


@pytest.mark.parametrize("change", [
    "insert into review_policy (version, content, actor) values ('x', 'x', 'x')",
    "insert into review_policy_activation (version, reason, actor) values (null, 'x', 'x')",
    "insert into branch_day (branch, day, open, actor) values ('1100B0', '2027-01-01', true, 'x')",
])
def test_a_worker_reads_these_tables_and_changes_none(desk: Desk, change: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        desk.session.database.run(change)


def test_the_list_says_where_each_is_in_force_and_why(desk: Desk, tmp_path: Path) -> None:
    in_force(desk, tmp_path, "2027.1", branch=HERE)
    in_force(desk, tmp_path, "2027.2")
    data = done(policy(desk, "list", "--json")).data
    assert {row["version"]: row["in_force"] for row in data["policies"]} == {
        BUILT_IN.version: [], "2027.1": [HERE], "2027.2": ["all"]}
    assert [(row["branch"], row["version"], row["reason"]) for row in data["activations"]] == [
        (None, "2027.2", "because"), (HERE, "2027.1", "because")]
    assert "because" in policy(desk, "list").out


def test_while_certificates_are_decided_a_policy_changes_between_batches_alone(desk: Desk, tmp_path: Path) -> None:
    done(policy(desk, "keep", written(tmp_path, "2027.1", 'types = ["CO"]')))
    stop = threading.Event()

    def change() -> None:
        database = desk.world.database("coedi_operator")
        while not stop.is_set():
            for version in ("2027.1", None):
                database.run("insert into review_policy_activation (version, reason, actor) values (%s, 'x', 'x')", (version,))
        database.close()

    changing = threading.Thread(target=change)
    changing.start()
    try:
        for number in range(0, 24, 4):
            desk.deliver(*(clean(n) for n in range(number, number + 4)))
    finally:
        stop.set()
        changing.join()
    assert set(decisions(desk).values()) <= {("approve", BUILT_IN.version), ("refer", "2027.1")}
    assert len(decisions(desk)) == 24


# tried

COUNTS = "select (select count(*) from transition), (select count(*) from audit), (select count(*) from review_task)"


def outcome(said: Said) -> dict[tuple[str, str], int]:
    """(was, would be) -> how many."""
    return {(row["old"], row["new"]): row["count"] for row in said.data["outcomes"]}


def test_a_try_says_what_would_have_been_decided_and_changes_nothing(desk: Desk, tmp_path: Path, today: date) -> None:
    desk.deliver(*(clean(n) for n in range(4)), clean(4, fault="intermediary"), clean(5, fault="consignee-missing"))
    before = desk.query(COUNTS)
    file = written(tmp_path, "x", "sample_one_in = 1", "deadline_minutes = 60", "[four_eyes]", 'types = ["CO"]')
    said = coedi(desk.world, "policy", "try", file, "--since", today, "--json")
    assert said.exit_code == 1
    assert outcome(said) == {("approve", "refer"): 4, ("refer", "refer"): 1}
    assert (said.data["decided"], said.data["differing"], said.data["policy"]) == (5, 5, "x")
    assert {(row["what"], row["old"], row["new"]): row["count"] for row in said.data["changes"]} == {
        ("outcome", "approve", "refer"): 4, ("deadline", "480", "60"): 1, ("eyes", "1", "2"): 1}
    assert {(row["code"], row["change"]): row["count"] for row in said.data["reasons"]} == {
        ("FOUR_EYES", "added"): 5, ("SAMPLE", "added"): 5, ("POLICY_CLEAN", "removed"): 4}
    [moved] = [row["examples"] for row in said.data["changes"] if row["what"] == "deadline"]
    assert moved == [clean(4).invoice]
    text = coedi(desk.world, "policy", "try", file, "--since", today)
    assert (text.exit_code, "5 decided, 5 would be decided otherwise" in text.out, clean(4).invoice in text.out) == (1, True, True)
    assert desk.query(COUNTS) == before


def test_the_policy_that_decided_would_decide_alike_whenever_it_is_asked(desk: Desk, tmp_path: Path, today: date) -> None:
    desk.deliver(*(clean(n) for n in range(12)))  # two of each firm: they are new no more
    in_force(desk, tmp_path, "2027.1", "sample_one_in = 3", "new_exporter_first = 2", "[senior]", "small_enterprises = true")
    for number in range(12, 30, 3):
        desk.deliver(*(clean(n) for n in range(number, number + 3)))
    drawn = {invoice for invoice, (event, version) in decisions(desk).items() if event == "refer"}
    assert 0 < len(drawn) < 18
    database = desk.world.database("coedi_operator")
    book, again = policies_of(database, BUILT_IN), period(today, since=today)
    one = {one.invoice: one for one in tried(database, book, book.policy("2027.1"), *again)}
    late = [one[clean(n).invoice] for n in range(12, 30)]
    assert {found.invoice for found in late if found.after.event == "refer"} == drawn
    assert not any(found.differs for found in late)
    assert all(set(one[clean(n).invoice].after.codes) >= {"NEW_EXPORTER"} for n in range(12))
    database.close()


def test_a_try_looks_at_the_content_and_findings_of_then(desk: Desk, tmp_path: Path, today: date) -> None:
    desk.deliver(clean(0, fault="intermediary"))
    done(coedi(desk.world, "review", "return", clean(0).invoice, "--reason", "the exporter's name"))
    again = clean(0).body.replace(b"<MessageId>", b"<MessageId>AGAIN-").replace(b"<InterchangeId>", b"<InterchangeId>AGAIN-")
    again = re.sub(rb"<Amount>.*</Amount>", b"<Amount>1.00</Amount>", again)
    desk.deliver(again, exchange=desk.exchange())
    assert desk.certificates()[0][1:4] == ("ISSUED", desk.certificates()[0][2], 2)
    said = coedi(desk.world, "policy", "try", "built-in", "--since", today, "--json")
    assert (said.exit_code, outcome(said)) == (0, {("refer", "refer"): 1, ("approve", "approve"): 1})
    amount = Decimal(re.findall(rb"<Amount>(.*)</Amount>", again)[0].decode())
    file = written(tmp_path, "x", "refer_severities = []", f'invoice_amount_above = "{amount}"')
    said = coedi(desk.world, "policy", "try", file, "--since", today, "--json")
    assert outcome(said) == {("refer", "refer"): 1, ("approve", "approve"): 1}


def test_a_try_compares_an_amendment_with_its_original(desk: Desk, tmp_path: Path, today: date) -> None:
    desk.deliver(clean(0))
    number, revision = desk.query("select number, revision from certificate")[0]
    desk.deliver(amendment(clean(0), "A-1", number, revision), exchange=desk.exchange())
    said = coedi(desk.world, "policy", "try", "built-in", "--since", today, "--json")
    assert (said.exit_code, outcome(said)) == (0, {("approve", "approve"): 2})


def test_a_try_is_of_one_branch_and_of_a_period(desk: Desk, tmp_path: Path, today: date) -> None:
    desk.deliver(clean(0), clean(STRANGER))
    file = written(tmp_path, "x", 'types = ["CO"]')
    for arguments, decided in ((("--since", today, "--branch", HERE), 1), (("--since", today, "--until", today), 2),
                               ((), 0), (("--days", "7"), 0), (("--until", "2026-01-01"), 0), (("--since", "2999-01-01"), None)):
        said = coedi(desk.world, "policy", "try", file, *arguments, "--json")
        assert (said.data["decided"] if decided is not None else said.exit_code) == (decided if decided is not None else 2)
        assert said.exit_code == (2 if decided is None else min(decided, 1))


def test_a_referral_for_want_of_numbers_is_no_policys_doing(desk: Desk, today: date) -> None:
    desk.deliver(clean(0))
    desk.query("update number_counter set last = 99999")
    number = next(n for n in range(1, 60) if clean(n).firm.record.no == clean(0).firm.record.no)
    desk.deliver(clean(number))
    assert decisions(desk)[clean(number).invoice][0] == "refer"
    said = coedi(desk.world, "policy", "try", "built-in", "--since", today, "--json")
    assert (said.exit_code, outcome(said)) == (0, {("approve", "approve"): 1, ("refer", "refer"): 1})


def test_terms_under_a_policy_that_is_gone_are_not_compared(desk: Desk, tmp_path: Path, today: date) -> None:
    file = written(tmp_path, "file.1", 'types = ["CO"]', "[four_eyes]", 'types = ["CO"]')
    desk.session.stages["auto-review"] = wiring.STAGES["auto-review"](  # type: ignore[index] # a dict, here
        replace(desk.world.settings, policy=str(file)))
    desk.deliver(clean(0))
    assert decisions(desk)[clean(0).invoice] == ("refer", "file.1")
    said = coedi(desk.world, "policy", "try", written(tmp_path, "x", 'types = ["CO"]'), "--since", today, "--json")
    assert (said.exit_code, said.data["without_terms"], said.data["changes"]) == (1, 1, [])
    assert "not at hand" in coedi(desk.world, "policy", "try", "built-in", "--since", today).out


def test_a_try_asks_a_few_statements_a_hundred_certificates(desk: Desk, today: date) -> None:
    desk.deliver(*(clean(n) for n in range(40)))
    database = desk.world.database("coedi_operator")
    book: Policies = policies_of(database, BUILT_IN)
    before = database.round_trips
    begin, end = period(today, since=today)
    assert len(list(tried(database, book, BUILT_IN, begin, end))) == 40
    assert database.round_trips - before <= 6
    database.close()


# working days


def test_days_are_set_for_a_branch_or_for_all_and_taken_back(desk: Desk) -> None:
    database = desk.session.database
    monday, saturday = date(2030, 4, 1), date(2030, 4, 6)

    def works(branch: str, day: date) -> bool:
        return policies_of(database, BUILT_IN).calendar_for(branch).works(day)

    done(policy(desk, "calendar", "set", monday, "closed", "--branch", HERE, "--note", "搬家"))
    said = done(policy(desk, "calendar", "set", saturday, "open", "--json")).data
    other = clean(STRANGER).firm.record.branch
    assert {HERE, other} <= set(said["branches"])
    assert [works(HERE, monday), works(other, monday), works(HERE, saturday), works(other, saturday)] == [False, True, True, True]
    rows = done(policy(desk, "calendar", "list", "--branch", HERE, "--json")).data["days"]
    assert [(row["day"], row["state"], row["note"]) for row in rows] == [
        (str(monday), "closed", "搬家"), (str(saturday), "open", "")]
    assert "搬家" in policy(desk, "calendar", "list").out
    done(policy(desk, "calendar", "set", monday, "open", "--branch", HERE))
    assert works(HERE, monday)
    done(policy(desk, "calendar", "set", saturday, "usual"))
    assert not works(HERE, saturday)
    assert desk.query("select count(*) from audit where action = 'policy calendar'") == [(4,)]


def test_the_console_sets_days_of_its_own_branch_alone_and_workers_are_told(desk: Desk) -> None:
    console, other = desk.world.database("coedi_console"), clean(STRANGER).firm.record.branch
    console.run("select set_config('coedi.branch', %s, false)", (HERE,))
    set_day = "insert into branch_day (branch, day, open, actor) values (%s, '2030-04-01', false, 'x')"
    console.run(set_day, (HERE,))
    with pytest.raises(psycopg2.Error, match="row-level security"):
        console.run(set_day, (other,))
    fresh(desk, desk.session.database)
    assert not policies_of(desk.session.database, BUILT_IN).calendar_for(HERE).works(date(2030, 4, 1))
    console.close()


# the keys of --json


def test_every_key_of_json_is_promised(desk: Desk, tmp_path: Path, today: date) -> None:
    desk.deliver(clean(0))
    in_force(desk, tmp_path, "2027.1", branch=HERE)
    file = written(tmp_path, "2027.2", 'types = ["CO"]', "[four_eyes]", 'types = ["CO"]')
    asked: dict[str, tuple[Any, ...]] = {
        "policy list": (), "policy show": ("2027.1",), "policy keep": (file,),
        "policy activate": ("2027.2", "--reason", "x"), "policy try": (file, "--since", today),
        "policy calendar set": ("2030-04-01", "closed"), "policy calendar list": (),
    }
    for command, arguments in asked.items():
        said = coedi(desk.world, *command.split(), *arguments, "--json")
        assert said.exit_code in (0, 1), (command, said)
        assert set(keys(said.data)) == promised(command), command

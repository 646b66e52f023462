"""The operator's page, parked messages and the audit: what they show, to whom, and what can be done there."""

import csv
import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from console.passwords import hash_of
from pipeline.rabbit import depths
from pipeline.sampling import sample
from store.checkpoint import write_checkpoint
from store.operations import Sample, recent_samples
from tests.desk import Desk, another_session, clean, make_desk
from tests.scene import BRANCH, OTHER, Scene, branch_at_work
from tests.services import World
from tests.web import Site, Visitor, site

PASSWORD = "a long enough password"
HOSTILE = "<script>alert(1)</script>\u202e=cmd()"
NO_BROKER = "amqp://guest:guest@127.0.0.1:1/%2F"


@pytest.fixture
def scene(desk: Desk) -> Scene:
    """Both branches with something of everything."""
    return branch_at_work(desk)


@pytest.fixture
def running(stored: World, scene: Scene) -> Iterator[Site]:
    """A console on it, whose broker is not there."""
    with site(replace(stored, settings=replace(stored.settings, amqp_url=NO_BROKER))) as made:
        yield made


def stages(visitor: Visitor) -> dict[str, Any]:
    """The page's stages by name."""
    return {one["name"]: one for one in visitor.ask("/operations").json()["stages"]}


def words(visitor: Visitor) -> dict[str, Any]:
    """The page's words on services by name."""
    return {one["name"]: one for one in visitor.ask("/operations").json()["health"]}


def moved_a_minute_ago(desk: Desk) -> None:
    """Everything that happened, happened in the minute that the next sample counts."""
    desk.owner.run("alter table transition disable trigger immutable")
    desk.owner.run("update transition set at = (select date_trunc('minute', clock_timestamp() - interval '5 seconds'))"
                   " - interval '30 seconds'")
    desk.owner.run("alter table transition enable trigger immutable")


@pytest.mark.database
def test_stages_show_what_waits_the_rate_and_an_hour_of_samples_of_the_branch_alone(scene: Scene, running: Site) -> None:
    desk = scene.desk
    moved_a_minute_ago(desk)
    assert sample(desk.session.database, lambda: 12)
    ours = stages(running.visitor("operator"))
    assert list(ours) == ["intake", "schema-check", "rule-check", "auto-review", "review", "print", "issued"]
    waiting = desk.query("select count(*) from review_task where branch = %s", BRANCH)[0][0]
    assert waiting and ours["review"]["waiting"] == waiting
    issued = desk.query("select count(*) from transition t join certificate c on c.id = t.certificate"
                        " where t.state = 'ISSUED' and c.branch = %s", BRANCH)[0][0]
    assert issued and sum(filter(None, ours["issued"]["minutes"])) == issued
    assert len(ours["issued"]["minutes"]) == 60
    assert ours["issued"]["rate"] > 0
    everything = running.visitor("operator", name="head", everywhere=True)
    all_waiting = desk.query("select count(*) from review_task")[0][0]
    assert all_waiting > waiting and stages(everything)["review"]["waiting"] == all_waiting


@pytest.mark.database
def test_a_sample_is_written_once_a_minute_however_many_relays_ask(scene: Scene) -> None:
    desk = scene.desk
    sessions = [another_session(desk.world).database for _ in range(4)]
    wrote: list[bool] = []
    threads = [threading.Thread(target=lambda one=one: wrote.append(sample(one, lambda: 0))) for one in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    at = desk.query("select distinct at from stage_sample")
    assert len(at) in (1, 2)  # a minute may have ended meanwhile
    assert len(desk.query("select 1 from stage_sample where stage = 'relay'")) == len(at)
    assert not sample(sessions[0], lambda: 0) or len(at) == 2
    for one in sessions:
        one.close()


@pytest.mark.database
def test_samples_older_than_two_days_are_forgotten(desk: Desk) -> None:
    desk.owner.run("insert into stage_sample select '', 'relay', clock_timestamp() - hours * interval '1 hour', 1, 0, 0"
                   " from unnest(array[47, 49]) hours")
    desk.session.database.query("forget_samples")
    assert len(desk.query("select 1 from stage_sample")) == 1


@pytest.mark.database
def test_a_sample_is_written_when_the_broker_does_not_answer(desk: Desk) -> None:
    from domain.errors import BrokerGone

    def gone() -> int:
        raise BrokerGone("no broker")

    assert sample(desk.session.database, gone)
    found, now = recent_samples(desk.session.database, "*")
    assert now and {one.stage for one in found if one.alone} == {"relay", "work"}
    assert all(isinstance(one, Sample) for one in found)


@pytest.mark.database
def test_trouble_says_what_since_when_and_what_helps_and_the_page_works_without_a_broker(scene: Scene, running: Site) -> None:
    operator = running.visitor("operator")
    found = words(operator)
    assert not found["broker"]["good"] and "not reachable" in found["broker"]["en"] and found["broker"]["since"]
    assert found["broker"]["command"] == "rabbitmqctl status"
    assert not found["relay"]["good"] and found["relay"]["command"] == "coedi relay"
    assert found["database"]["good"] and "PostgreSQL" in found["database"]["en"]
    assert found["disk"]["good"] or "short" in found["disk"]["en"]
    sample(scene.desk.session.database, lambda: 0)
    again = words(operator)
    assert again["relay"]["good"] and "1 relay, 1 worker" in again["relay"]["en"]
    assert again["broker"]["since"] == found["broker"]["since"]
    text = operator.get("/operations").text
    assert "RabbitMQ: not reachable" in text and "coedi relay" not in text
    operator.language = "zh"
    assert "无法连接" in operator.get("/operations").text


@pytest.mark.broker
@pytest.mark.database
def test_the_broker_is_told_in_words_with_its_inbox_and_who_consumes_it(world: World) -> None:
    desk = make_desk(world)
    try:
        with site(world) as console:
            found = words(console.visitor("operator"))["broker"]
            assert world.names.inbox in depths(world.settings.amqp_url, [world.names.inbox])
            assert not found["good"] and "nobody consumes" in found["en"]
            assert found["command"].startswith("coedi work intake")
            assert stages(console.visitor("operator"))["intake"]["waiting"] == 0
    finally:
        desk.session.database.close()
        desk.owner.close()


@pytest.mark.database
def test_a_certificate_that_waits_too_long_and_one_set_aside_are_stuck(stored: World) -> None:
    desk = make_desk(stored, ("schema-check",))  # nobody checks rules
    desk.deliver(clean(0), clean(1))
    first, second = [row[0] for row in desk.query("select id from certificate order by id")]
    desk.owner.run("update work_order set overdue_at = clock_timestamp() - interval '1 minute' where certificate = %s", (first,))
    desk.owner.run("update work_order set parked = true where certificate = %s", (second,))
    desk.owner.run("update certificate set changed_at = clock_timestamp() - interval '1 hour'")
    with site(stored) as console:
        operator = console.visitor("operator")
        found = operator.ask("/operations").json()
        assert {(one["certificate"], one["set_aside"]) for one in found["stuck"]} == {(str(first), False), (str(second), True)}
        late = {one["name"] for one in found["stages"] if one["late"]}
        assert late == {"rule-check"}
        assert "coedi work rule-check" in operator.get("/operations").text
        assert console.visitor("operator", branch=OTHER, name="next-door").ask("/operations").json()["stuck"] == []
    desk.session.database.close()
    desk.owner.close()


@pytest.mark.database
def test_unsent_receipts_and_full_queues_are_counted_by_destination(scene: Scene, running: Site) -> None:
    desk = scene.desk
    desk.owner.run("update outbox set owner = null, refusals = 3, retry_at = clock_timestamp() + interval '1 minute'"
                   " where kind = 'receipt' and destination = 'branch'")
    operator = running.visitor("operator")
    found = operator.ask("/operations").json()
    expected = desk.query("select count(*) from outbox where kind = 'receipt' and address = %s", BRANCH)[0][0]
    branches = next(one for one in found["unsent"] if one["destination"] == "branch")
    assert expected and branches["count"] == branches["refused"] == expected
    assert branches["oldest"]
    assert [one["address"] for one in found["full"]] == [BRANCH]
    assert f"coedi receipts {BRANCH}" in operator.get("/operations").text


def park(desk: Desk, error: str = HOSTILE, body: bytes = HOSTILE.encode(), branch_of: int = 0) -> str:
    """A delivery that could not be handled; its ticket's id."""
    exchange = desk.exchange(branch_of)
    desk.intake.park(desk.delivery(body, exchange), ValueError(error), f"Traceback\n  {HOSTILE}", 3)
    return str(desk.query("select id from parked order by at desc limit 1")[0][0])


@pytest.mark.database
def test_parked_groups_lead_to_tickets_whose_hostile_text_is_inert(desk: Desk) -> None:
    ticket = park(desk)
    with site(desk.world) as console:
        operator = console.visitor("operator")
        group = operator.ask("/operations").json()["groups"][0]
        assert group["group"]["count"] == 1 and group["group"]["hours"][-1] == 1 and group["trend"][2] == "rising"
        fingerprint = group["group"]["fingerprint"]
        rows = operator.get("/api/v1/parked", params={"fingerprint": fingerprint}).json()["tickets"]
        assert [one["id"] for one in rows] == [ticket]
        one = operator.ask(f"/parked/{ticket}").json()
        assert one["text"] == HOSTILE and f"coedi replay plan --parked --finding {fingerprint}" in one["commands"]
        for path in ("/operations", "/parked", f"/parked/{ticket}"):
            text = operator.get(path).text
            assert "<script>alert" not in text and "\u202e" not in text and "‹U+202E›" in text
        reader = console.visitor("auditor")
        assert reader.ask(f"/parked/{ticket}").json()["may_close"] is False
        assert 'action="/parked/' not in reader.get(f"/parked/{ticket}").text
        assert console.visitor("operator", branch=OTHER, name="next-door").ask(f"/parked/{ticket}").status_code == 404
        assert console.visitor("reviewer").ask("/parked").status_code == 403


@pytest.mark.database
def test_a_ticket_is_closed_with_a_reason_and_the_password_once_and_on_record(desk: Desk) -> None:
    ticket = park(desk)
    form = {"reason": "a test of theirs", "password": PASSWORD, "code": ""}
    with site(desk.world) as console:
        operator = console.visitor("operator", password=hash_of(PASSWORD))
        assert operator.post(f"/parked/{ticket}/discard", form | {"reason": ""}).status_code == 422
        assert operator.post(f"/parked/{ticket}/discard", form | {"password": "wrong"}).status_code == 422
        assert desk.query("select disposition from parked") == [(None,)]
        assert operator.post(f"/parked/{ticket}/discard", form).status_code == 303
        assert desk.query("select disposition, disposed_by from parked") == [("discarded", f"{BRANCH}/operator")]
        again = operator.ask(f"/parked/{ticket}/archive", form)
        assert again.status_code == 409 and "discarded by" in again.json()["en"]
        assert operator.ask("/parked").json()["tickets"] == []
        assert [one["disposition"] for one in operator.ask("/parked?all=1").json()["tickets"]] == ["discarded"]
        line = console.visitor("auditor").ask("/audit?action=parked").json()["lines"][0]
        assert (line["who"], line["action"], line["subject"]) == (f"{BRANCH}/operator", "parked discarded", ticket)
        assert line["detail"]["reason"] == "a test of theirs"


@pytest.mark.database
def test_tickets_come_page_by_page(desk: Desk) -> None:
    desk.owner.run(
        "insert into parked (id, key, source, enterprise, error, traceback, fingerprint, tries, at)"
        " select gen_random_uuid(), 'k' || n, 'delivery', %s, 'e', 't', 'f', 1, clock_timestamp() - n * interval '1 minute'"
        " from generate_series(1, 230) n", (FIRM_OF_OURS,))
    with site(desk.world) as console:
        operator = console.visitor("operator")
        seen: list[str] = []
        before = ""
        while before is not None:
            page = operator.ask(f"/parked?before={before}").json()
            seen += [one["id"] for one in page["tickets"]]
            before = page["older"]
        assert len(seen) == len(set(seen)) == 230


FIRM_OF_OURS = "1100A2001"


@pytest.fixture
def audited(stored: World) -> World:
    """Three lines of ours, one of next door, one of nobody."""
    owner = stored.database()
    for branch, action, subject in ((BRANCH, "sign-in", "=1+1"), (BRANCH, "void", HOSTILE), (BRANCH, "sign-in", "wang"),
                                    (OTHER, "sign-in", "li"), (None, "checkpoint", "key")):
        owner.run("insert into audit (actor, action, subject, detail, branch) values (%s, %s, %s, '{\"why\": \"-2\"}', %s)",
                  (f"{BRANCH}/chen", action, subject, branch))
    owner.close()
    return stored


@pytest.mark.database
def test_the_audit_shows_the_branch_its_own_lines_and_filters_them(audited: World) -> None:
    with site(audited) as console:
        auditor = console.visitor("auditor")

        def found(query: str) -> list[str]:
            return [one["subject"] for one in auditor.ask(f"/audit?{query}").json()["lines"] if one["who"].endswith("chen")]

        assert found("") == ["wang", HOSTILE, "=1+1"]
        assert found("action=SIGN") == ["wang", "=1+1"]
        assert found("who=chen&subject=wan") == ["wang"]
        assert found("who=%25") == []
        assert found("until=2020-01-01") == []
        assert auditor.ask("/audit?since=0001-01-01").status_code == 422
        text = auditor.get("/audit?action=void").text
        assert "<script>alert" not in text and 'href="/audit?"' in text
        assert "Nothing matches" in auditor.get("/audit?who=nobody").text
        head = console.visitor("auditor", name="head", everywhere=True)
        assert {"li", "key"} <= {one["subject"] for one in head.ask("/audit").json()["lines"]}
        assert console.visitor("operator").ask("/audit").status_code == 403


@pytest.mark.database
def test_the_export_is_the_branchs_own_and_no_cell_is_a_formula(audited: World) -> None:
    owner = audited.database()
    owner.run("insert into audit (actor, action, subject, branch) select 'x', 'many', n::text, %s from generate_series(1, 2500) n",
              (BRANCH,))
    owner.close()
    with site(audited) as console:
        answer = console.visitor("auditor").get("/audit/export")
        assert answer.headers["content-type"].startswith("text/csv")
        assert "attachment" in answer.headers["content-disposition"]
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["time", "who", "action", "subject", "branch", "detail"]
    assert len([row for row in rows if row[2] == "many"]) == 2500
    assert {row[4] for row in rows[1:]} == {BRANCH}
    assert [row[3] for row in rows if "1+1" in row[3]] == ["'=1+1"]
    assert not any(cell[:1] in "=+-@\t\r" for row in rows for cell in row if cell)


@pytest.mark.database
def test_the_newest_checkpoint_is_trusted_until_somebody_edits_it(desk: Desk) -> None:
    desk.deliver(clean(0))
    owner = desk.world.database()
    write_checkpoint(owner, desk.world.settings.state_dir)
    owner.close()
    with site(desk.world) as console:
        auditor = console.visitor("auditor")
        found = auditor.ask("/audit").json()["checkpoint"]
        assert found["signed"] and found["linked"] and found["branch"] == BRANCH and found["receipts"] > 0
        assert "signed and in its place" in auditor.get("/audit").text
        file = desk.world.settings.state_dir / "checkpoints.jsonl"
        file.write_text(file.read_text().replace('"receipts":', '"receipts":1', 1))
        assert not auditor.ask("/audit").json()["checkpoint"]["signed"]
        assert "cannot be trusted" in auditor.get("/audit").text


@pytest.mark.database
def test_health_says_whether_the_database_answers_and_nothing_else(stored: World) -> None:
    with site(stored) as console:
        found = console.stranger().get("/healthz")
        assert (found.status_code, found.text) == (200, "ok\n")
        owner = stored.database()
        owner.run("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'coedi console'"
                  " and datname = current_database()")
        owner.close()
        assert console.stranger().get("/healthz").status_code == 200
    gone = replace(stored, settings=replace(stored.settings, database_url="postgresql://postgres@127.0.0.1:1/none"))
    with site(gone) as console:
        assert console.stranger().get("/healthz").status_code == 503



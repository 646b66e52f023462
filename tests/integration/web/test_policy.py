"""Policy, calendar and rules in the console: read in words, tried without changing anything, days set by administrators."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from console.web.pages import policy_trials
from console.web.pages.policy_words import office_time, sections
from review_worker.policy import load_policy, policy_in
from store.policies import activate, keep
from store.rule_packs import grade, start_shadow
from tests.desk import Desk, clean, make_desk
from tests.services import World
from tests.web import BRANCH, OTHER, Site, site

STRICT = """version = "strict"
refer_severities = ["manual", "warn"]
sample_one_in = 1
destinations = ["GERMANY", "JAPAN"]
invoice_amount_above = 100000
new_exporter_first = 3
void_eyes = 2
deadline_minutes = 90
[deadlines]
RCEP = 240
[four_eyes]
types = ["RCEP"]
[senior]
hs_prefixes = ["93"]
"""


@pytest.fixture
def desk(stored: World) -> Iterator[Desk]:
    made = make_desk(stored)
    yield made
    made.owner.close()
    made.session.database.close()


@pytest.fixture
def console(desk: Desk) -> Iterator[Site]:
    with site(desk.world) as running:
        yield running


def keep_strict(desk: Desk) -> None:
    keep(desk.owner, "strict", STRICT, "operator:tests")


def test_a_policy_is_told_in_words_of_both_languages() -> None:
    told = [(one.zh, one.en) for part in sections(policy_in(STRICT, "test")) for one in part.sentences]
    for zh, en in (
        ("目的国（地区）为GERMANY、JAPAN", "it is bound for GERMANY or JAPAN"),
        ("证书种类为RCEP", "its certificate type is RCEP"),
        ("通常：1小时30分钟", "usually: 1 hour 30 minutes"), ("RCEP：4小时", "RCEP: 4 hours"),
        ("须2人同意", "2 persons have to agree"),
        ("商品HS编码以93开头", "it has goods whose HS code begins with 93")):
        assert (zh, en) in told
    assert (office_time(480).en, office_time(0).zh, office_time(1010).zh) == ("1 working day", "立即", "2个工作日50分钟")


def test_an_empty_policy_says_that_it_asks_for_nothing() -> None:
    parts = sections(policy_in('version = "none"\nrefer_severities = []', "test"))
    assert parts[0].sentences == ()
    assert parts[0].otherwise.en == "Nothing: all are approved without a person"


def test_the_page_shows_the_policy_in_force_with_its_versions(console: Site, desk: Desk) -> None:
    reader = console.visitor("auditor")
    built_in = load_policy().version
    page = reader.get("/policy")
    assert "Nothing was ever put into force" in page.text
    assert "HS code begins with 93" in page.text
    keep_strict(desk)
    activate(desk.owner, "strict", BRANCH, "new guidance", "operator:tests")
    data = reader.ask("/policy").json()
    assert (data["version"], [one["version"] for one in data["versions"]]) == ("strict", [built_in, "strict"])
    assert data["activations"][0]["reason"] == "new guidance"
    assert "GERMANY" in reader.get("/policy").text
    assert reader.ask(f"/policy?version={built_in}").json()["chosen"] is True
    assert "审核策略" in replace(reader, language="zh").get("/policy").text
    assert reader.get("/policy?version=nothing").status_code == 404


def test_another_branchs_policy_is_for_head_office_only(console: Site, desk: Desk) -> None:
    keep_strict(desk)
    activate(desk.owner, "strict", OTHER, "theirs", "operator:tests")
    reader, head = console.visitor("auditor"), console.visitor("auditor", name="all", everywhere=True)
    assert reader.ask("/policy").json()["activations"] == []
    for path in ("/policy", "/policy/calendar"):
        assert reader.get(f"{path}?branch={OTHER}").status_code == 404
        assert head.get(f"{path}?branch={OTHER}").status_code == 200
    assert head.ask(f"/policy?branch={OTHER}").json()["version"] == "strict"
    assert head.get("/policy?branch=9999Z9").status_code == 404


def test_a_trial_tells_what_would_have_been_decided_and_changes_nothing(console: Site, desk: Desk) -> None:
    keep_strict(desk)
    desk.deliver(*(clean(6 * n) for n in range(4)))
    before = desk.certificates()
    reader, today = console.visitor("reviewer"), datetime.now(UTC).astimezone().date()
    span = {"since": str(today - timedelta(1)), "until": str(today + timedelta(1))}
    outcome = reader.ask("/policy/try", {"version": "strict"} | span).json()["outcome"]
    assert (outcome["total"], outcome["decided"], outcome["differing"]) == (4, 4, 4)
    assert outcome["outcomes"] == [{"old": "approve", "new": "refer", "count": 4}]
    assert len({one["certificate"] for one in outcome["examples"]}) == 4
    none_chosen = {"file": ("", b"", "application/octet-stream")}
    page = reader.post("/policy/try", {"text": STRICT.replace("strict", "pasted")} | span, files=none_chosen)
    assert f"/certificates/{outcome['examples'][0]['certificate']}" in page.text
    assert "pasted" in page.text
    uploaded = reader.post("/policy/try", span, files={"file": ("p.toml", STRICT.encode(), "text/plain")})
    assert "would be decided otherwise" in uploaded.text
    assert desk.certificates() == before


def test_a_trial_of_too_many_says_how_many_it_looked_at(console: Site, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_trials, "MOST", 2)
    desk.deliver(*(clean(6 * n) for n in range(3)))
    today = datetime.now(UTC).astimezone().date()
    sent = {"version": load_policy().version, "since": str(today - timedelta(1)), "until": str(today + timedelta(1))}
    page = console.visitor("reviewer").post("/policy/try", sent)
    assert "only 2 of them were looked at" in page.text
    assert "3 were decided in this period" in page.text


def test_a_trial_leaves_out_other_branches(console: Site, desk: Desk) -> None:
    desk.deliver(clean(0), clean(2))
    today = datetime.now(UTC).astimezone().date()
    sent = {"version": load_policy().version, "since": str(today - timedelta(1)), "until": str(today + timedelta(1))}
    assert console.visitor("reviewer").ask("/policy/try", sent).json()["outcome"]["total"] == 1
    theirs = console.visitor("reviewer", branch="4403C1", name="theirs")
    assert theirs.ask("/policy/try", sent).json()["outcome"]["total"] == 1


def test_what_cannot_be_tried_is_told(console: Site) -> None:
    reader = console.visitor("reviewer")
    assert "decided nothing in this period" in reader.post("/policy/try", {"version": load_policy().version}).text
    for sent, status in (
        ({}, 422), ({"text": "version = 1"}, 422), ({"text": "][" * 5000}, 422), ({"version": "nothing"}, 404),
        ({"days": "0"}, 422),
        ({"version": load_policy().version, "since": "2026-02-02", "until": "2026-02-01"}, 422),
        ({"version": load_policy().version, "since": "0001-01-01", "until": "9999-12-31"}, 422),
        ({"version": load_policy().version, "since": "0001-01-01", "until": "0001-01-01"}, 422),
        ({"version": load_policy().version, "until": "9999-12-31"}, 422),
        ({"text": "version = " + "9" * 5000}, 422)):
        assert reader.ask("/policy/try", sent).status_code == status, sent
    assert reader.post("/policy/try", {}, files={"file": ("p.toml", b"\xff\xfe", "text/plain")}).status_code == 422


def test_a_third_trial_at_the_same_time_is_asked_to_wait(console: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = threading.BoundedSemaphore(1)
    taken.acquire()
    monkeypatch.setattr(policy_trials, "_running", taken)
    assert console.visitor("reviewer").ask("/policy/try", {"version": load_policy().version}).status_code == 409


def test_administrators_set_days_and_everybody_sees_them(console: Site, desk: Desk) -> None:
    administrator, reader = console.visitor("administrator"), console.visitor("reviewer")

    def open_on(day: str) -> bool:
        weeks = reader.ask(f"/policy/calendar?month={day[:7]}").json()["weeks"]
        return bool({one["day"]: one["open"] for week in weeks for one in week}[day])

    assert (open_on("2026-10-01"), open_on("2026-10-10"), open_on("2026-10-12")) == (False, False, True)
    for day, state in (("2026-10-10", "open"), ("2026-10-12", "closed")):
        told = administrator.post("/policy/calendar", {"day": day, "state": state, "note": "调休"})
        assert (told.status_code, told.headers["location"]) == (303, f"/policy/calendar?month=2026-10&branch={BRANCH}")
    assert (open_on("2026-10-10"), open_on("2026-10-12")) == (True, False)
    assert "调休" in reader.get("/policy/calendar?month=2026-10").text
    administrator.ask("/policy/calendar", {"day": "2026-10-12", "state": "usual"})
    assert open_on("2026-10-12")
    assert desk.query("select branch, day from branch_day") == [(BRANCH, date(2026, 10, 10))]
    assert desk.query("select count(*), min(branch) from audit where action = 'policy calendar'") == [(3, BRANCH)]


@pytest.mark.parametrize("role", ["reviewer", "senior-reviewer", "registrar", "print-clerk", "operator", "auditor"])
def test_nobody_else_sets_a_day_and_everybody_reads(console: Site, desk: Desk, role: str) -> None:
    person = console.visitor(role)
    assert person.post("/policy/calendar", {"day": "2026-10-10", "state": "open"}).status_code == 403
    for path in ("/policy", "/policy/try", "/policy/calendar", "/rules", "/rules/packs", "/rules/shadow"):
        assert person.get(path).status_code == 200, path
    assert desk.query("select count(*) from branch_day") == [(0,)]


def test_a_branch_sets_no_other_branchs_day(console: Site, desk: Desk) -> None:
    sent = {"day": "2026-10-10", "state": "open", "branch": OTHER}
    assert console.visitor("administrator").ask("/policy/calendar", sent).status_code == 404
    assert desk.query("select count(*) from branch_day") == [(0,)]
    assert console.visitor("administrator", name="all", everywhere=True).ask("/policy/calendar", sent).status_code == 200
    assert desk.query("select branch from branch_day") == [(OTHER,)]


def test_a_month_that_is_none_is_refused(console: Site) -> None:
    reader = console.visitor("reviewer")
    assert {reader.get(f"/policy/calendar?month={month}").status_code for month in ("2026-13", "x", "0001-01")} == {422}


def test_rules_are_found_by_code_word_severity_and_topic(console: Site, desk: Desk) -> None:
    reader = console.visitor("reviewer")

    def found(query: str) -> list[str]:
        return [one["code"] for one in reader.ask(f"/rules?{query}").json()["rules"]]

    assert found("q=c07") == ["C07"]
    assert "C08" in found("q=consignee")
    assert "C08" in found("q=收货人")
    assert {code[0] for code in found("topic=D")} == {"D"}
    assert set(found("severity=manual")) < set(found(""))
    assert "B12" not in found("pack=2026.1")
    assert "No rule fits" in reader.get("/rules?q=nothing-like-it").text
    assert reader.get("/rules?pack=none").status_code == 404
    e08 = reader.ask("/rules?q=E08").json()["rules"][0]
    assert {one["name"] for one in e08["parameters"]} == {"general_words", "filler_words"}
    assert "校验规则" in replace(reader, language="zh").get("/rules").text


def test_a_branchs_own_severity_is_shown_to_that_branch_alone(console: Site, desk: Desk) -> None:
    reader, other = console.visitor("reviewer"), console.visitor("reviewer", branch=OTHER, name="theirs")
    original = reader.ask("/rules?q=C07").json()["rules"][0]["severity"]
    own = "warn" if original != "warn" else "manual"
    grade(desk.owner, BRANCH, "C07", own, original, "as agreed", "operator:tests")
    mine, theirs = (person.ask("/rules?q=C07").json()["rules"][0] for person in (reader, other))
    assert (mine["severity"], mine["original"], theirs["severity"], theirs["original"]) == (own, original, original, None)
    assert "as agreed" in reader.get("/rules/packs").text
    assert other.ask("/rules/packs").json()["grades"] == []


def test_two_packs_are_set_apart_and_dates_are_told(console: Site) -> None:
    reader = console.visitor("auditor")
    data = reader.ask("/rules/packs?old=2026.1&new=2026.2").json()
    assert "A19" in data["difference"]["added"]
    assert [one["version"] for one in data["schedule"]] == ["2026.1", "2026.2"]
    assert "They decide alike" in reader.get("/rules/packs?old=2026.2&new=2026.2").text
    assert reader.get("/rules/packs?old=2026.1&new=nothing").status_code == 404


def test_a_trial_of_a_pack_is_reported_and_none_says_how_to_begin(console: Site, desk: Desk) -> None:
    reader = console.visitor("auditor")
    assert "coedi rules shadow start" in reader.get("/rules/shadow").text
    assert reader.ask("/rules/shadow").json()["report"] is None
    start_shadow(desk.owner, "2026.1", "look at the old one", "operator:tests")
    desk.deliver(clean(0))
    report = reader.ask("/rules/shadow?days=1").json()["report"]
    assert (report["shadow"], report["decided"]) == ("2026.1", 1)
    assert "look at the old one" in reader.get("/rules/shadow").text


def test_every_parameter_that_is_explained_is_there_and_none_is_forgotten() -> None:
    from console.web.pages.rule_parameters import PARAMETERS
    from schemas.codelists import parameter_data
    from validators.pack import all_rules

    assert set(PARAMETERS) == set(parameter_data()) - {"version"}
    assert {code for _, _, codes in PARAMETERS.values() for code in codes} <= set(all_rules())

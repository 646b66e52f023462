"""Goods filings and registrations in the console: read, claimed, decided, and the next one opens by itself."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from console.web.pages.hs_chapters import CHAPTERS
from gateway import goods_checks
from schemas.certificate_types import type_of
from schemas.codelists import code_lists
from tests.desk import Desk, make_desk
from tests.filing_messages import (
    BRANCH,
    FIRM,
    NAME_EN,
    NAME_ZH,
    OTHER_BRANCH,
    OTHER_FIRM,
    base64_of,
    broken_promises,
    form_e,
    goods,
    png,
    registration,
)
from tests.services import World
from tests.web import Site, site

HOSTILE = "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}\u202eEVIL"
CODES = "<CustomsCodes><CustomsCode><Code>1101960099</Code><IssuedOn>2026-01-05</IssuedOn><Nature>trade</Nature></CustomsCode>" \
        "<CustomsCode><Code>1101960100</Code></CustomsCode></CustomsCodes>"
SIGNATORY = "<Signatories><Signatory><Code>01</Code><NameZh>李文博</NameZh><Signature>{}</Signature></Signatory></Signatories>"


@pytest.fixture(autouse=True)
def preferential(monkeypatch: pytest.MonkeyPatch) -> None:
    """A type with criteria that are known here, whatever its definition file says."""
    kinds = {"FORME2": form_e(), "OFF": replace(form_e(), code="OFF", enabled=False)}
    known = type_of
    monkeypatch.setattr(goods_checks, "type_of", lambda code: kinds.get(code) or known(code))


@pytest.fixture
def place(stored: World) -> Iterator[Desk]:
    desk = make_desk(stored)
    yield desk
    assert broken_promises(desk.owner) == set()
    desk.owner.close()
    desk.session.database.close()


@pytest.fixture
def console(place: Desk) -> Iterator[Site]:
    with site(place.world) as running:
        yield running


def send(desk: Desk, *bodies: bytes, sender: str = FIRM) -> None:
    """One after the other, so that they wait in this order."""
    for body in bodies:
        desk.deliver(body, exchange=desk.world.names.enterprise_exchange(sender))


def waiting(desk: Desk, kind: str = "goods") -> list[str]:
    return [str(row[0]) for row in desk.query(
        "select subject from review_task where kind = %s order by deadline, subject", kind)]


def state(desk: Desk, filing: str) -> Any:
    return desk.query("select state, version, number, valid_to from filing where id = %s", filing)[0]


def audit(desk: Desk, action: str) -> list[Any]:
    return desk.query("select actor, subject, branch from audit where action = %s order by id", action)


def test_the_list_shows_what_waits_in_both_languages_and_as_data(place: Desk, console: Site) -> None:
    send(place, goods("G-1"), goods("G-2", HSCode="841381", NameEn="OTHER PUMPS"))
    reader = console.visitor("auditor")
    page = reader.get("/filings")
    assert page.status_code == 200
    assert "CENTRIFUGAL PUMPS" in page.text
    assert "Decide the next one" not in page.text
    reader.language = "zh"
    assert "商品备案" in reader.get("/filings").text
    data = reader.ask("/filings").json()
    assert [row["hs6"] for row in data["rows"]] == ["841370", "841381"]
    assert data["may_decide"] is False


def test_filters_leave_only_what_fits_and_can_be_taken_away(place: Desk, console: Site) -> None:
    send(place, goods("G-1"), goods("G-2", HSCode="841381"))
    reader = console.visitor("registrar")
    assert [row["hs6"] for row in reader.ask("/filings?hs=8413.81").json()["rows"]] == ["841381"]
    assert reader.ask("/filings?enterprise=1100A0025").json()["rows"] == []
    assert len(reader.ask(f"/filings?enterprise={FIRM}&type=FORME2").json()["rows"]) == 2
    assert "take one away" in reader.get("/filings?hs=01").text
    assert reader.ask("/filings?hs=pumps").status_code == 422
    assert reader.ask("/filings?after=nowhere").status_code == 422


def test_pages_follow_each_other_without_loss_or_repetition(place: Desk, console: Site) -> None:
    place.deliver(*(goods(f"G-{n}", NameEn=f"PUMP {n}") for n in range(60)), exchange=place.world.names.enterprise_exchange(FIRM))
    reader = console.visitor("registrar")
    for tab in ("pending", "all"):
        first = reader.ask(f"/filings?tab={tab}").json()
        second = reader.ask("/filings?tab=" + tab, params={"tab": tab, "after": first["next"]}).json()
        names = [row["id"] for row in (*first["rows"], *second["rows"])]
        assert (len(first["rows"]), len(second["rows"]), second["more"]) == (50, 10, False)
        assert len(set(names)) == 60


def test_an_empty_list_says_what_would_fill_it(console: Site) -> None:
    reader = console.visitor("reviewer")
    assert "What enterprises file appears here" in reader.get("/filings").text
    assert "No registration waits" in reader.get("/registrations").text
    assert reader.ask("/registrations").json()["rows"] == []


def test_the_sheet_has_form_checks_history_and_the_original(place: Desk, console: Site) -> None:
    send(place, goods("G-1"), goods("G-2", NameEn="BOOSTER PUMPS", NameZh="增压泵"))
    filing, other = waiting(place)
    reader = console.visitor("registrar")
    page = reader.get(f"/filings/{filing}").text
    for text in ("CENTRIFUGAL PUMPS", "CAST IRON", "machining", "BEIJING HUALING MACHINERY WORKS", "in the code list", other,
                 "boilers, machinery"):
        assert text in page
    data = reader.ask(f"/filings/{filing}").json()
    assert data["content"]["materials"][0]["share"] == "40"
    assert [line["event"] for line in data["desk"]["history"]] == ["receive", "refer"]
    xml = reader.get(f"/filings/{filing}/xml")
    assert xml.headers["content-type"].startswith("text/plain")
    assert "<MessageId>G-1</MessageId>" in xml.text


def test_every_chapter_of_the_list_of_codes_is_explained() -> None:
    assert set(CHAPTERS) == {code[:2] for code in code_lists().hs}


def test_approving_takes_a_number_and_opens_the_next_one(place: Desk, console: Site) -> None:
    send(place, goods("G-1"), goods("G-2", HSCode="841381"))
    first, second = waiting(place)
    registrar = console.visitor("registrar", name="li")
    told = registrar.post(f"/filings/{first}/approve", {"version": 2, "valid_to": "2030年6月30日"})
    assert (told.status_code, told.headers["location"]) == (303, f"/filings/{second}")
    decided, version, number, valid_to = state(place, first)
    assert (decided, version, str(valid_to)) == ("APPROVED", 3, "2030-06-30")
    assert number
    assert place.query("select claimed_by from review_task where subject = %s", second) == [("1100B0/li",)]
    assert place.query("select actor from filing_transition where filing = %s and version = 3", first) == [("reviewer:1100B0/li",)]
    last = registrar.ask(f"/filings/{second}/approve", {"version": 2, "token": 1}).json()
    assert (last["state"], last["next"]) == ("APPROVED", None)
    assert [row[1:] for row in audit(place, "goods filing approve")] == [(first, BRANCH), (second, BRANCH)]


def test_a_day_that_is_none_and_one_that_is_over_are_refused(place: Desk, console: Site) -> None:
    send(place, goods("G-1"))
    [filing] = waiting(place)
    registrar = console.visitor("registrar")
    assert registrar.ask(f"/filings/{filing}/approve", {"version": 2, "valid_to": "next year"}).status_code == 422
    assert registrar.ask(f"/filings/{filing}/approve", {"version": 2, "valid_to": "2029-02-30"}).status_code == 422
    assert registrar.ask(f"/filings/{filing}/approve", {"version": 2, "valid_to": "2020/01/01"}).status_code == 409
    assert state(place, filing)[0] == "PENDING_REVIEW"


def test_a_return_needs_a_reason_and_tells_code_and_words(place: Desk, console: Site) -> None:
    send(place, goods("G-1"))
    [filing] = waiting(place)
    registrar = console.visitor("registrar")
    assert registrar.ask(f"/filings/{filing}/return", {"version": 2}).status_code == 422
    assert registrar.ask(f"/filings/{filing}/return", {"version": 2, "code": "NO_SUCH"}).status_code == 404
    told = registrar.ask(f"/filings/{filing}/return", {"version": 2, "code": "PRODUCER_UNCLEAR", "reason": "which works?"})
    assert told.json()["state"] == "RETURNED"
    [detail] = place.query("select detail ->> 'reasons' from filing_transition where filing = %s and version = 3", filing)
    assert "PRODUCER_UNCLEAR" in detail[0]
    assert "which works?" in detail[0]
    assert "which works?" in registrar.get(f"/filings/{filing}").text


def test_a_stale_screen_is_refused(place: Desk, console: Site) -> None:
    send(place, goods("G-1"))
    [filing] = waiting(place)
    one, two = console.visitor("registrar", name="li"), console.visitor("registrar", name="wu")
    assert one.ask(f"/filings/{filing}/approve", {"version": 2}).status_code == 200
    lost = two.ask(f"/filings/{filing}/return", {"version": 2, "reason": "no"})
    assert (lost.status_code, lost.json()["code"]) == (409, "StaleVersion")
    assert state(place, filing)[0] == "APPROVED"


def test_who_does_not_hold_the_claim_is_told_until_they_take_it_over(place: Desk, console: Site) -> None:
    send(place, goods("G-1"))
    [filing] = waiting(place)
    one, two = console.visitor("registrar", name="li"), console.visitor("senior-reviewer", name="wu")
    token = one.ask(f"/filings/{filing}/claim", {}).json()["claim"]["token"]
    assert two.ask(f"/filings/{filing}/claim", {}).status_code == 409
    assert two.ask(f"/filings/{filing}/approve", {"version": 2}).status_code == 409
    assert "1100B0/li holds it until" in two.get(f"/filings/{filing}").text
    assert two.ask(f"/filings/{filing}/steal", {"reason": "on leave"}).status_code == 200
    assert one.ask(f"/filings/{filing}/renew", {"token": token}).status_code == 409
    assert one.ask(f"/filings/{filing}/approve", {"version": 2, "token": token}).status_code == 409
    assert two.ask(f"/filings/{filing}/reassign", {"to": "1100B0/li"}).status_code == 200
    assert two.ask(f"/filings/{filing}/reassign", {"to": "1100B0/nobody"}).status_code == 422
    claimed = one.ask(f"/filings/{filing}/claim", {}).json()["claim"]
    assert one.ask(f"/filings/{filing}/release", {"token": claimed["token"]}).status_code == 200
    assert place.query("select claimed_by from review_task where subject = %s", filing) == [(None,)]


def test_a_change_is_shown_against_what_it_replaces(place: Desk, console: Site) -> None:
    send(place, goods("G-1"))
    [filing] = waiting(place)
    registrar = console.visitor("registrar")
    number = registrar.ask(f"/filings/{filing}/approve", {"version": 2}).json()["number"]
    send(place, goods("G-2", Changes=number, ValueContent="62"))
    [change] = waiting(place)
    data = registrar.ask(f"/filings/{change}").json()
    assert (data["against"], [(one["box"], one["old"], one["new"]) for one in data["changed"]]) == (
        "replaced", [("value_content", "55", "62")])
    assert registrar.ask(f"/filings/{change}/approve", {"version": 2}).status_code == 200
    assert state(place, filing)[0] == "REPLACED"


def test_a_revision_is_shown_against_the_one_before(place: Desk, console: Site) -> None:
    send(place, goods("G-1"))
    [filing] = waiting(place)
    registrar = console.visitor("registrar")
    registrar.ask(f"/filings/{filing}/return", {"version": 2, "reason": "origin of the iron?"})
    send(place, goods("G-2", ValueContent="58"))
    data = registrar.ask(f"/filings/{filing}").json()
    assert (data["desk"]["revision"], data["against"]) == (2, "revision")
    assert [one["box"] for one in data["changed"]] == ["value_content"]


def test_text_from_messages_is_inert(place: Desk, console: Site) -> None:
    send(place, goods("G-1", NameEn=HOSTILE, NameZh="泵" + HOSTILE, Processing=f"<Step>{HOSTILE}</Step>"))
    [filing] = waiting(place)
    reader = console.visitor("registrar")
    for path in ("/filings", f"/filings/{filing}"):
        page = reader.get(path).text
        assert "<script>alert" not in page
        assert "{{7*7}}" in page
        assert "\u202e" not in page
        assert "‹U+202E›" in page
    assert reader.get(f"/filings/{filing}/xml").headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_another_branchs_filing_is_not_there(place: Desk, console: Site) -> None:
    send(place, goods("G-9", sender=OTHER_FIRM, branch=OTHER_BRANCH), sender=OTHER_FIRM)
    [filing] = waiting(place)
    registrar = console.visitor("registrar")
    assert registrar.ask("/filings?tab=all").json()["rows"] == []
    for path in ("", "/xml"):
        assert registrar.get(f"/filings/{filing}{path}").status_code == 404
    for action, sent in (
        ("claim", {}), ("approve", {"version": 2}), ("return", {"version": 2, "reason": "x"}), ("steal", {"reason": "x"}),
        ("reassign", {}), ("release", {}), ("renew", {})):
        assert registrar.ask(f"/filings/{filing}/{action}", sent).status_code == 404
    assert registrar.ask("/filings/next", {}).json() == {"zh": "没有待审的了", "en": "Nothing is left to decide"}
    assert console.visitor("auditor", name="all", everywhere=True).get(f"/filings/{filing}").status_code == 200
    assert state(place, filing)[0] == "PENDING_REVIEW"


@pytest.mark.parametrize("role", ["reviewer", "print-clerk", "operator", "auditor", "administrator"])
def test_only_registrars_and_senior_reviewers_decide_on_goods(place: Desk, console: Site, role: str) -> None:
    send(place, goods("G-1"))
    [filing] = waiting(place)
    person = console.visitor(role)
    page = person.get(f"/filings/{filing}")
    assert page.status_code == 200
    assert f"/filings/{filing}/approve" not in page.text
    assert person.post(f"/filings/{filing}/approve", {"version": 2}).status_code == 403
    assert person.post("/filings/next").status_code == 403
    assert state(place, filing)[0] == "PENDING_REVIEW"


def test_a_registration_stands_beside_what_is_on_file(place: Desk, console: Site) -> None:
    place.owner.run("delete from customs_code where enterprise = %s", (FIRM,))
    place.owner.run("update enterprise set customs_code = '' where no = %s", (FIRM,))
    image = base64_of(png(300, 200))
    send(place, registration("R-1", more=SIGNATORY.format(image) + CODES + f"<Seal>{base64_of(png(400, 400))}</Seal>"))
    [filing] = waiting(place, "registration")
    registrar = console.visitor("registrar")
    data = registrar.ask(f"/registrations/{filing}").json()
    assert {one["box"]: list(one.values())[3:] for one in data["boxes"]}["name_zh"] == [NAME_ZH, NAME_ZH, False]
    assert [one["code"] for one in data["codes"]] == ["1101960099", "1101960100"]
    assert data["signatories"][0]["picture"]["media_type"] == "image/png"
    assert image not in registrar.ask(f"/registrations/{filing}").text
    page = registrar.get(f"/registrations/{filing}").text
    assert NAME_EN in page
    assert f'src="/registrations/{filing}/images/seal/-"' in page
    for path in ("seal/-", "signature/01"):
        sent = registrar.get(f"/registrations/{filing}/images/{path}")
        assert (sent.headers["content-type"], sent.headers["x-content-type-options"]) == ("image/png", "nosniff")
    assert registrar.get(f"/registrations/{filing}/images/signature/07").status_code == 404
    told = registrar.ask(f"/registrations/{filing}/approve", {"version": 2, "codes": ["approve=1101960100", "refuse=1101960099"]})
    assert told.json()["state"] == "REGISTERED"
    assert place.query("select code, status from customs_code where enterprise = %s order by code", FIRM) == [
        ("1101960099", "refused"), ("1101960100", "approved")]
    assert place.query("select customs_code, print_seal_ready from enterprise where no = %s", FIRM) == [("1101960100", True)]
    assert registrar.ask(f"/registrations/{filing}/approve", {"version": 3, "codes": ["yes"]}).status_code == 422


def test_senior_reviewers_do_not_decide_on_registrations(place: Desk, console: Site) -> None:
    send(place, registration("R-1"))
    [filing] = waiting(place, "registration")
    senior = console.visitor("senior-reviewer")
    assert senior.get(f"/registrations/{filing}").status_code == 200
    assert senior.post(f"/registrations/{filing}/approve", {"version": 2}).status_code == 403
    assert senior.get("/registrations").status_code == 200
    assert console.visitor("registrar", branch=OTHER_BRANCH).get(f"/registrations/{filing}").status_code == 404

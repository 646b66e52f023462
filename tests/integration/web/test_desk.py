"""The review desk as a page and as JSON: the form, findings at their boxes, what changed, history, XML, pictures, preview."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from console.web.asking import Ask, House
from console.web.pages.desk import ROUTES, desk
from console.web.serving import house as make_house
from schemas.certificate_types import all_types
from store import desk as stored
from store.database import Database
from store.people import Person
from tests.desk import Desk, clean, make_desk
from tests.filing_messages import FIRM, decision, goods
from tests.integration.web.desk_cases import (
    HOSTILE,
    a_picture,
    amending,
    claimed,
    for_two,
    long_one,
    on_hostile,
    referred,
    second_revision,
    waiting,
    with_picture,
)
from tests.samples.kinds import SAMPLES
from tests.scene import ours
from tests.services import World
from tests.trade import give_branch_an_exchange
from tests.web import OTHER, Site, site

pytestmark = pytest.mark.database
GOOD = sorted((SAMPLES / "application" / "good").glob("*.xml"))
ENABLED = [kind.code for kind in all_types() if kind.enabled]


@pytest.fixture(scope="module")
def table(kept: World) -> Iterator[Desk]:
    made = make_desk(kept)
    yield made
    made.session.database.close()
    made.owner.close()


@pytest.fixture(scope="module")
def place(kept: World, table: Desk) -> Iterator[Site]:
    with site(kept) as running:
        yield running


def test_the_form_stands_there_with_its_finding_at_its_box_and_why_it_is_here(place: Site, table: Desk) -> None:
    identity, _ = waiting(table, referred(1))
    reviewer = place.visitor("reviewer")
    data = reviewer.ask(f"/desk/{identity}").json()
    assert [reason["code"] for reason in data["reasons"]] == ["C05"]
    [finding] = data["findings"]
    assert (finding["code"], finding["severity"], finding["box"], finding["machine"]) == ("C05", "manual", "1", 0)
    assert data["marks"]["1"]["findings"] == [1]
    boxes = {box["name"]: box["text"] for box in data["form"]["boxes"]}
    assert "VIA GOLDEN STRAIT TRADING LIMITED" in boxes["1"]
    assert {column["number"] for column in data["form"]["columns"]} == {"6", "7", "8", "9", "10"}
    assert data["invoices"][0]["number"] == referred(1).invoice
    page = reviewer.get(f"/desk/{identity}").text
    for expected in ('id="box-1"', 'id="finding-1"', 'href="#box-1"', 'href="#finding-1"', "Intermediary in exporter box"):
        assert expected in page
    assert data["form"]["stylesheet"] in page.replace("&amp;", "&")


def test_the_page_is_chinese_for_who_reads_chinese(place: Site, table: Desk) -> None:
    identity, _ = waiting(table, referred(2))
    reviewer = place.visitor("reviewer")
    reviewer.language = "zh"
    page = reviewer.get(f"/desk/{identity}").text
    assert "为何转人工" in page
    assert "出口商栏含中间商" in page
    assert "Why it is here" not in page


@pytest.mark.parametrize("role", ["registrar", "print-clerk", "operator", "auditor", "administrator"])
def test_who_does_not_review_sees_the_page_without_its_buttons(place: Site, table: Desk, role: str) -> None:
    identity, version = known(table, 3) or waiting(table, referred(3))
    visitor = place.visitor(role)
    page = visitor.get(f"/desk/{identity}")
    assert page.status_code == 200
    assert f"/desk/{identity}/claim" not in page.text
    assert visitor.post(f"/desk/{identity}/approve", {"version": version}).status_code == 403


def known(table: Desk, number: int) -> tuple[str, int] | None:
    rows = table.query("select id::text, version from certificate where invoice = %s", referred(number).invoice)
    return rows[0] if rows else None


def test_another_branchs_certificate_is_unknown_on_every_address(place: Site, table: Desk) -> None:
    identity, version = waiting(table, referred(4))
    stranger = place.visitor("reviewer", "senior-reviewer", branch=OTHER, name="far")
    for path in ("", "/source", "/source.xml", "/preview.pdf", "/pictures/1"):
        assert stranger.get(f"/desk/{identity}{path}").status_code == 404, path
    sent = {"version": version, "token": 0, "text": "x", "code": "URGENT"}
    for what in ("claim", "renew", "release", "steal", "refer", "reassign", "approve", "return"):
        assert stranger.post(f"/desk/{identity}/{what}", sent).status_code == 404, what
    assert table.query("select claimed_by, version from review_task where subject = %s", identity) == [(None, version)]


def test_the_claim_shows_its_time_and_opens_the_decisions(place: Site, table: Desk) -> None:
    identity, version = waiting(table, referred(5))
    reviewer = place.visitor("reviewer")
    token = claimed(reviewer, identity)
    page = reviewer.get(f"/desk/{identity}").text
    seconds = re.search(r'data-seconds="(\d+)"', page)
    assert seconds
    assert 800 < int(seconds[1]) <= 900
    for key in "arfxn":
        assert f'data-key="{key}"' in page
    assert f'name="version" value="{version}"' in page
    assert f'name="token" value="{token}"' in page
    other = place.visitor("reviewer", name="li").get(f"/desk/{identity}").text
    assert "reviews it until" in other
    assert 'data-key="a"' not in other
    assert 'data-key="s"' in other


def test_hostile_text_is_inert_on_the_page_and_in_the_source(place: Site, table: Desk) -> None:
    identity = on_hostile(table, 6)
    reviewer = place.visitor("reviewer")
    page, source = reviewer.get(f"/desk/{identity}"), reviewer.get(f"/desk/{identity}/source")
    for text in (page.text, source.text):
        assert "<script>alert" not in text
        assert "{{ 7*7 }}" in text
        assert "\u202e" not in text
        assert "‹U+202E›" in text
    assert "U+1F600" in page.text  # cannot be printed, and says so
    data = reviewer.ask(f"/desk/{identity}").json()
    assert any(HOSTILE in box["text"] for box in data["form"]["boxes"])
    [marks] = [column for column in data["form"]["columns"] if column["field"] == "marks"]
    assert "U+1F600" in [one["code"] for one in marks["missing"]]


def test_the_source_is_shown_indented_or_as_sent_and_can_be_had_as_a_file(place: Site, table: Desk) -> None:
    sample = referred(7)
    identity, _ = waiting(table, sample)
    reviewer = place.visitor("reviewer")
    assert "<CertificateApplication" in reviewer.ask(f"/desk/{identity}/source").json()["text"]
    assert reviewer.ask(f"/desk/{identity}/source?form=sent").json()["text"] == sample.body.decode()
    file = reviewer.get(f"/desk/{identity}/source.xml")
    assert file.content == sample.body
    assert file.headers["content-disposition"].startswith("attachment")
    assert reviewer.get(f"/desk/{identity}/source?form=other").status_code == 422


def test_what_changed_since_the_revision_before_is_told_by_box(place: Site, table: Desk) -> None:
    identity, _ = second_revision(table, 8)
    data = place.visitor("reviewer").ask(f"/desk/{identity}").json()
    [comparison] = data["comparisons"]
    assert (comparison["kind"], comparison["revision"]) == ("revision", 1)
    changed = {change["box"] for change in comparison["changes"]}
    assert {"1", "2", "6"} <= changed
    assert data["marks"]["2"]["changed"] is True
    consignee = next(change for change in comparison["changes"] if change["box"] == "2")
    assert any(piece["kind"] == "new" for piece in consignee["pieces"])
    assert not any(piece["kind"] == "gone" for piece in consignee["pieces"])  # it had no name before


def test_an_amendment_is_compared_with_its_original(place: Site, table: Desk) -> None:
    identity, original, number = amending(table, 9)
    reviewer = place.visitor("reviewer")
    [comparison] = reviewer.ask(f"/desk/{identity}").json()["comparisons"]
    assert (comparison["kind"], comparison["number"], comparison["certificate"]) == ("original", number, original)
    exporter = next(change for change in comparison["changes"] if change["box"] == "1")
    added = [piece["text"] for piece in exporter["pieces"] if piece["kind"] == "new"]
    assert added == [" VIA GOLDEN STRAIT TRADING LIMITED"]
    page = reviewer.get(f"/desk/{identity}").text
    assert "<ins> VIA GOLDEN STRAIT TRADING LIMITED</ins>" in page
    assert f'href="/desk/{original}"' in page


def test_sixty_goods_lines_are_all_there_in_as_many_statements_as_one(place: Site, table: Desk) -> None:
    one, _ = waiting(table, referred(10))
    sixty, _ = waiting(table, long_one(11))
    asked = {identity: statements(table.world, identity) for identity in (one, sixty)}
    assert asked[one] == asked[sixty]
    assert asked[sixty] <= 10  # and two more for the session and the branch
    page = place.visitor("reviewer").get(f"/desk/{sixty}").text
    assert all(f"MODEL {at:03d} " in page for at in range(60))
    assert page.count('class="line"') == 60


def statements(world: World, identity: str) -> int:
    """How many statements the desk's data take."""
    database = Database(world.settings.database_url, "coedi_console")
    database.query("bind_branch", branch="1100B0")
    person = Person("1100B0", "x", "x", False, (), frozenset({"reviewer"}))
    house: House = make_house(world.settings)
    before = database.round_trips
    desk(Ask(ROUTES[0], person, None, {"certificate": UUID(identity)}, {}, database, house))
    count = database.round_trips - before
    database.close()
    return count


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_every_kind_of_certificate_has_its_desk(place: Site, table: Desk, file: Path) -> None:
    body = file.read_bytes()
    [sender] = set(re.findall(rb"<Sender>(\w+)</Sender>", body))
    table.deliver(body, exchange=table.world.names.enterprise_exchange(sender.decode()))
    rows = table.query(
        "select c.id::text, c.type from certificate c join message m on m.id = c.message join interchange i on i.id = m.interchange"
        " where i.body = %s", body)
    auditor = place.visitor("auditor", name="head", everywhere=True)
    assert rows
    for identity, code in rows:
        answer = auditor.get(f"/desk/{identity}")
        assert answer.status_code == 200
        data = auditor.ask(f"/desk/{identity}").json()
        assert data["form"]["type"] == code
        assert {finding["box"] for finding in data["findings"]} <= {"", *(b["name"] for b in data["form"]["boxes"]),
                                                                   *(c["name"] for c in data["form"]["columns"])}
        assert place.stranger().get(data["form"]["stylesheet"]).status_code == 200


@pytest.mark.parametrize("code", ENABLED)
def test_the_stylesheet_of_every_type_may_be_kept_and_names_every_box(place: Site, code: str) -> None:
    answer = place.stranger().get(f"/forms/{code}.css")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert ".at-goods" in answer.text


def test_a_type_that_does_not_exist_has_no_stylesheet(place: Site) -> None:
    for code in ("NOPE", "..%2Fco", "GSP"):
        assert place.stranger().get(f"/forms/{code}.css").status_code == 404


def test_a_picture_is_served_by_what_its_bytes_are(place: Site, table: Desk) -> None:
    identity, _ = waiting(table, with_picture(12, a_picture()))
    reviewer = place.visitor("reviewer")
    answer = reviewer.get(f"/desk/{identity}/pictures/1")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.content.startswith(b"\x89PNG")
    assert f"/desk/{identity}/pictures/1" in reviewer.get(f"/desk/{identity}").text
    for n in ("0", "2", "99999"):
        assert reviewer.get(f"/desk/{identity}/pictures/{n}").status_code == 404


def test_a_file_that_is_no_picture_is_not_served(place: Site, table: Desk) -> None:
    table.deliver(with_picture(13, "PHN2Zz48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+"))
    [(identity,)] = table.query("select id::text from certificate where invoice = %s", referred(13).invoice)
    assert place.visitor("reviewer").get(f"/desk/{identity}/pictures/1").status_code == 404


def test_the_preview_is_a_pdf_without_a_number(place: Site, table: Desk) -> None:
    identity, _ = waiting(table, referred(14))
    answer = place.visitor("reviewer").get(f"/desk/{identity}/preview.pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_a_character_without_a_glyph_is_told_instead_of_a_preview(place: Site, table: Desk) -> None:
    identity = on_hostile(table, 15)
    answer = place.visitor("reviewer").get(f"/desk/{identity}/preview.pdf")
    assert answer.status_code == 409
    assert "cannot be printed" in answer.text
    assert "U+202E" in answer.text or "U+05E9" in answer.text


def test_the_exporters_history_counts_and_names_what_went_back(place: Site, table: Desk) -> None:
    table.deliver(clean(ours(40)), clean(ours(42)), clean(ours(44), fault="several"))
    identity, _ = waiting(table, referred(46))
    history = place.visitor("reviewer").ask(f"/desk/{identity}").json()["history"]
    assert history["issued"] >= 2
    assert clean(ours(44)).invoice in [one["invoice"] for one in history["newest_returned"]]
    [newest] = [one for one in history["newest_returned"] if one["invoice"] == clean(ours(44)).invoice]
    assert "C07" in newest["codes"]
    assert history["months"][-1]["all"] == history["total"]


def test_the_timeline_says_who_moved_it_and_whether_the_receipt_left(place: Site, table: Desk) -> None:
    identity, _ = waiting(table, referred(16))
    reviewer = place.visitor("reviewer")
    before = reviewer.ask(f"/desk/{identity}").json()["timeline"]
    assert [step["state"] for step in before] == ["RECEIVED", "SCHEMA_CHECKED", "RULES_CHECKED", "PENDING_REVIEW"]
    assert {step["delivery"] for step in before} == {"waiting"}
    table.owner.run("delete from outbox")  # what the relay does after a confirm
    after = reviewer.ask(f"/desk/{identity}").json()["timeline"]
    assert {step["delivery"] for step in after} == {"sent"}


def test_four_eyes_are_told_before_the_first_approval(place: Site, table: Desk) -> None:
    identity, _ = for_two(table, 17)
    reviewer = place.visitor("reviewer")
    claimed(reviewer, identity)
    page = reviewer.get(f"/desk/{identity}").text
    assert "yours is the approval 1 of 2" in page
    assert "Approve 1/2" in page


def test_a_goods_filing_is_found_by_its_number_for_its_enterprise_alone(place: Site, table: Desk) -> None:
    table.deliver(goods("G-DESK"), exchange=table.world.names.enterprise_exchange(FIRM))
    [(filing, version)] = table.query("select id, version from filing where state = 'PENDING_REVIEW'")
    table.deliver(decision("D-DESK", filing, version), exchange=give_branch_an_exchange(table))
    [(number,)] = table.query("select number from filing where id = %s", filing)
    [found] = stored.named_filings(table.owner, FIRM, [number, "F26-NONE-0001"])
    assert (found.number, found.id, found.state, found.hs6) == (number, filing, "APPROVED", "841370")
    assert stored.named_filings(table.owner, "1100A2001", [number]) == ()


def test_a_filing_that_is_not_on_file_is_said_to_be_none(place: Site, table: Desk) -> None:
    auditor = place.visitor("auditor", name="head", everywhere=True)
    body = (SAMPLES / "application" / "good" / "rcep-bed-linen-and-towels-to-japan.xml").read_bytes()
    table.deliver(body, exchange=table.world.names.enterprise_exchange("1100A0025"))
    [(identity,)] = table.query("select id::text from certificate where invoice = 'QH-JP-26118'")
    filings = auditor.ask(f"/desk/{identity}").json()["filings"]
    assert [(one["number"], one["lines"], one["filing"]) for one in filings] == [
        ("F26-1100A0025-0001", [1], None), ("F26-1100A0025-0002", [2], None)]


def test_whatever_was_sent_has_its_desk(place: Site, table: Desk) -> None:
    for file in [*sorted((SAMPLES / "application" / "bad").glob("*.xml")), *sorted((SAMPLES / "evil").glob("application-*.xml"))]:
        body = file.read_bytes()
        sender = re.search(rb"<(?:\w+:)?Sender>(\w+)</", body)
        table.deliver(body, exchange=table.world.names.enterprise_exchange(sender[1].decode() if sender else FIRM))
    auditor = place.visitor("auditor", name="head", everywhere=True)
    wrong = [
        (identity, answer.status_code) for identity, in table.query("select id::text from certificate")
        for path in ("", "/source", "/source?form=sent") if (answer := auditor.get(f"/desk/{identity}{path}")).status_code != 200]
    assert wrong == []

"""The certificate's page: what it is and what happened; void, form serials and recall, each with its guards and on record."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from console.passwords import hash_of
from domain.certificate import Decision, Document
from pipeline.identity import new_id
from tests.integration.review.reviewing import WANG, ReviewDesk, review_desk
from tests.services import World
from tests.web import OTHER, Site, Visitor, site

PASSWORD = "vier-lange-regenschirme"
HOSTILE = "<script>alert(1)</script>\u202e"


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_of(PASSWORD)


@pytest.fixture
def work(stored: World) -> Iterator[tuple[ReviewDesk, Site]]:
    with review_desk(stored) as desk, site(stored) as running:
        yield desk, running


def on_paper(desk: ReviewDesk, count: int = 1) -> list[UUID]:
    """So many certificates that wait for paper."""
    ids = desk.refer(count)
    desk.advance(ids, Decision("approve", reasons=("REVIEWED",)), f"reviewer:{WANG}")
    desk.advance(ids, Decision("print-on-paper"), "print", lambda one: Document("pdf", "00" * 32, f"{one}.pdf", 1, 1))
    return ids


def number(desk: ReviewDesk, identity: UUID) -> str:
    return str(desk.desk.query("select number from certificate where id = %s", identity)[0][0])


def serials(desk: ReviewDesk) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in desk.desk.query("select serial, status from form_serial order by serial")]


def version(visitor: Visitor, identity: UUID) -> int:
    return int(visitor.ask(f"/certificates/{identity}").json()["face"]["version"])


def sure(desk: ReviewDesk, identity: UUID, **more: Any) -> dict[str, Any]:
    return {"number": number(desk, identity), "password": PASSWORD, **more}


def test_the_page_tells_what_it_is_and_what_happened(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    [one] = desk.issue(1)
    visitor = running.visitor("auditor")
    data = visitor.ask(f"/certificates/{one}").json()
    assert (data["face"]["state"], data["face"]["number"], data["may"]) == ("ISSUED", number(desk, one), [])
    kinds = [step["kind"] for step in data["steps"]]
    assert kinds[0] == "message" and kinds.count("state") == data["face"]["version"] and "document" in kinds
    assert all(step["receipt"] for step in data["steps"] if step["kind"] == "state")
    assert data["content"]["lines"] and "YUANLING" in data["content"]["exporter"]
    page = visitor.get(f"/certificates/{one}").text
    assert number(desk, one) in page and "What happened" in page and f'href="/desk/{one}"' in page and "Make void" not in page
    visitor.language = "zh"
    assert "经过" in visitor.get(f"/certificates/{one}").text and "已发证" in visitor.get(f"/certificates/{one}").text


def test_another_branch_s_certificate_is_unknown(work: tuple[ReviewDesk, Site], hashed: str) -> None:
    desk, running = work
    [one] = desk.issue(1)
    far = running.visitor("senior-reviewer", "print-clerk", branch=OTHER, name="far", password=hashed)
    body = sure(desk, one, version=6, reason="OTHER", old="A", serial="B", why="x")
    assert {far.ask(f"/certificates/{one}{path}").status_code for path in ("", "/document")} == {404}
    acts = "/void", "/serial", "/serial/correct", "/recall"
    assert {far.ask(f"/certificates/{one}{path}", json=body).status_code for path in acts} == {404}
    assert far.ask(f"/certificates/{new_id()}").status_code == 404 and desk.state(one) == "ISSUED"


def test_hostile_text_is_inert(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    [one] = desk.issue(1)
    desk.desk.owner.run("update certificate set consignee = %s, destination = %s, signatory = %s", (HOSTILE, HOSTILE, HOSTILE))
    page = running.visitor("senior-reviewer", "print-clerk", name="xx").get(f"/certificates/{one}").text
    assert "<script>alert" not in page and "\u202e" not in page and "&lt;script&gt;alert" in page


def test_a_document_whose_hash_differs_is_not_handed_out(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    [one] = desk.issue(1)
    folder = desk.world.settings.documents
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{one}.pdf").write_bytes(b"forged")
    assert running.visitor("auditor").get(f"/certificates/{one}/document").status_code >= 400


def test_void_needs_the_number_a_reason_and_the_password(work: tuple[ReviewDesk, Site], hashed: str) -> None:
    desk, running = work
    [one] = desk.issue(1)
    senior = running.visitor("senior-reviewer", name="li", password=hashed)
    at, path = version(senior, one), f"/certificates/{one}/void"
    right = sure(desk, one, version=at, reason="ISSUED_BY_MISTAKE", text="twice")
    for wrong in ({"number": "26C/1"}, {"password": "not it at all"}, {"reason": "NO_SUCH"}, {"reason": ""}):
        assert senior.ask(path, json=right | wrong).status_code == 422, wrong
    assert senior.ask(path, json=right | {"version": at - 1}).status_code == 409
    assert running.visitor("reviewer", name="wang", password=hashed).ask(path, json=right).status_code == 403
    assert desk.state(one) == "ISSUED"
    assert senior.ask(path, json=right).status_code == 200 and desk.state(one) == "VOID"
    assert senior.ask(path, json=right).status_code == 409
    assert ("reviewer:1100B0/li", "review void") in desk.audit(one)


def test_where_policy_asks_for_two_the_second_person_makes_it_void(work: tuple[ReviewDesk, Site], hashed: str) -> None:
    desk, running = work
    content = 'version = "two"\nvoid_eyes = 2'
    desk.desk.owner.run("insert into review_policy (version, content, actor) values ('two', %s, 'x')", (content,))
    desk.desk.owner.run("insert into review_policy_activation (version, reason, actor) values ('two', 'x', 'x')")
    [one] = desk.issue(1)
    li, zhao = (running.visitor("senior-reviewer", name=name, password=hashed) for name in ("li", "zhao"))
    body = sure(desk, one, version=version(li, one), reason="ISSUED_TWICE")
    assert li.ask(f"/certificates/{one}/void", json=body).json()["face"]["agreed"] == ["1100B0/li"]
    assert desk.state(one) == "ISSUED" and "another person has to agree" in zhao.get(f"/certificates/{one}").text
    assert li.ask(f"/certificates/{one}/void", json=body).status_code == 409
    assert zhao.ask(f"/certificates/{one}/void", json=body).status_code == 200 and desk.state(one) == "VOID"


def test_entering_the_serial_issues_the_certificate_once(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    one, other = on_paper(desk, 2)
    clerk = running.visitor("print-clerk")
    at = version(clerk, one)
    assert clerk.ask(f"/certificates/{one}").json()["may"] == ["serial", "recall"]
    assert clerk.ask(f"/certificates/{one}/serial", json={"version": at - 1, "serial": "PR1"}).status_code == 409
    assert clerk.ask(f"/certificates/{one}/serial", json={"version": at, "serial": "PR 1"}).status_code == 409
    assert clerk.ask(f"/certificates/{one}/serial", json={"version": at, "serial": "PR1"}).json()["face"]["state"] == "ISSUED"
    assert serials(desk) == [("PR1", "used")]
    reports = desk.desk.query("select copies, serial, reported_by from print_report")
    assert reports == [(1, "PR1", "print-clerk:1100B0/print-clerk")]
    used = clerk.ask(f"/certificates/{other}/serial", json={"version": at, "serial": "PR1"})
    assert used.status_code == 409 and "already used" in used.json()["en"] and desk.state(other) == "AWAIT_PRINT"
    reviewer = running.visitor("reviewer")
    assert reviewer.ask(f"/certificates/{other}/serial", json={"version": at, "serial": "PR2"}).status_code == 403


def test_a_serial_that_another_branch_used_cannot_be_used_again(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    [one] = on_paper(desk)
    desk.desk.owner.run("insert into form_serial values (%s, 'CO', 'PR1', 'spoiled', null, 'jam', 'x', now())", (OTHER,))
    clerk = running.visitor("print-clerk")
    answer = clerk.ask(f"/certificates/{one}/serial", json={"version": version(clerk, one), "serial": "PR1"})
    assert answer.status_code == 409 and "already used" in answer.json()["en"]


def test_a_corrected_serial_spoils_the_old_form_on_record(work: tuple[ReviewDesk, Site], hashed: str) -> None:
    desk, running = work
    [one] = on_paper(desk)
    clerk = running.visitor("print-clerk", password=hashed)
    clerk.ask(f"/certificates/{one}/serial", json={"version": version(clerk, one), "serial": "PR1"})
    right = sure(desk, one, old="PR1", serial="PR2", why="misread")
    path = f"/certificates/{one}/serial/correct"
    assert clerk.ask(path, json=right | {"password": "wrong one here"}).status_code == 422
    for wrong in ({"old": "PR7"}, {"serial": "PR1"}):
        assert clerk.ask(path, json=right | wrong).status_code == 409, wrong
    assert serials(desk) == [("PR1", "used")]
    answer = clerk.ask(path, json=right)
    assert answer.status_code == 200, answer.text
    assert serials(desk) == [("PR1", "spoiled"), ("PR2", "used")] and desk.state(one) == "ISSUED"
    steps = [step["en"] for step in answer.json()["steps"] if step["kind"] == "serial"]
    assert steps == ["Form serial corrected: PR1 → PR2"]
    assert ("print-clerk:1100B0/print-clerk", "print serial corrected") in desk.audit(one)
    assert clerk.ask(path, json=right).status_code == 409


def test_a_used_form_cannot_be_spoiled_silently(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    [one] = on_paper(desk)
    clerk = running.visitor("print-clerk")
    clerk.ask(f"/certificates/{one}/serial", json={"version": version(clerk, one), "serial": "PR1"})
    with pytest.raises(psycopg2.errors.UniqueViolation, match="was used already"):
        desk.desk.owner.run("update form_serial set status = 'spoiled', reason = 'x'")
    with pytest.raises(psycopg2.errors.RestrictViolation):
        desk.desk.owner.run("insert into serial_correction (stock, old, new, certificate, reason, actor) values"
                            " ('CO', 'PR1', 'PR1x', %s, 'x', 'x'); delete from serial_correction", (one,))


def test_recall_brings_it_back_to_the_reviewers_with_its_number(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    [one] = on_paper(desk)
    clerk, taken = running.visitor("print-clerk"), number(desk, one)
    body = {"version": version(clerk, one), "why": "wrong consignee seen on paper"}
    assert clerk.ask(f"/certificates/{one}/recall", json=body | {"why": ""}).status_code == 422
    assert clerk.post(f"/certificates/{one}/recall", body).status_code == 303
    assert (desk.state(one), number(desk, one)) == ("PENDING_REVIEW", taken)
    [row] = running.visitor("reviewer").ask("/queues/review").json()["rows"]
    assert row["waiting"]["reasons"] == ["RECALLED_FROM_PRINT: wrong consignee seen on paper"]
    assert clerk.ask(f"/certificates/{one}/recall", json=body).status_code == 409

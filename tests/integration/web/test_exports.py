"""Exports: the list as an Excel file of plain values, whoever wrote them; progress, cancel, start again; the owner's alone."""

import io
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from console.web.excel import inert
from pipeline.identity import new_id
from tests.integration.review.reviewing import ReviewDesk, review_desk
from tests.services import World
from tests.web import Site, Visitor, site

FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture
def work(stored: World) -> Iterator[tuple[ReviewDesk, Site]]:
    with review_desk(stored) as desk, site(stored) as running:
        yield desk, running


def exported(visitor: Visitor, query: str, seconds: float = 60) -> dict[str, Any]:
    """The export of a list when it has ended."""
    started = visitor.ask("/exports", json={"query": query})
    assert started.status_code == 200, started.text
    return ended(visitor, started.json()["id"], seconds)


def ended(visitor: Visitor, identity: str, seconds: float = 60) -> dict[str, Any]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        [one] = visitor.ask(f"/exports/{identity}").json()["exports"]
        if one["state"] != "running":
            return dict(one)
        time.sleep(0.1)
    raise AssertionError("it never ended")


def sheet(visitor: Visitor, identity: str) -> list[tuple[Any, ...]]:
    answer = visitor.get(f"/exports/{identity}/file")
    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = list(book.active.iter_rows())
    assert all(cell.data_type != "f" for row in rows for cell in row)
    return [tuple(cell.value for cell in row) for row in rows]


def test_a_search_becomes_a_file_with_real_numbers_and_dates(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    desk.issue(3)
    visitor = running.visitor("auditor")
    one = exported(visitor, "/search?type=CO&sort=invoice&up=1")
    head, *rows = sheet(visitor, one["id"])
    assert (one["state"], one["done"], head[:2]) == ("done", 3, ("No.", "Enterprise no."))
    row = dict(zip(head, rows[0], strict=True))
    assert isinstance(row["Amount"], int | float)
    assert isinstance(row["Received"], datetime) and isinstance(row["Invoice date"], datetime)
    assert row["State"] == "issued" and [one[6] for one in rows] == sorted(one[6] for one in rows)
    visitor.language = "zh"
    assert sheet(visitor, exported(visitor, "/queues/approved")["id"])[0][:3] == ("序号", "企业注册号", "企业名称")


def test_hostile_texts_are_inert(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    desk.issue(1)
    desk.desk.owner.run("update certificate set consignee = %s, destination = %s, signatory = '\u202e@x'", (FORMULA, "+1"))
    visitor = running.visitor("auditor")
    head, row = sheet(visitor, exported(visitor, "/queues/approved")["id"])
    found = dict(zip(head, row, strict=True))
    assert (found["Consignee"], found["Destination"], found["Signatory"]) == (f"'{FORMULA}", "'+1", "‹U+202E›@x")
    assert [inert(text)[0] for text in ("=1", "+1", "-1", "@x", "\tx", "\rx", " =1")] == ["'"] * 7 and inert("A=1") == "A=1"


def test_the_queue_to_review_is_exported_with_its_filters(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    desk.refer(2)
    visitor = running.visitor("reviewer")
    head, *rows = sheet(visitor, exported(visitor, "/queues/review?held=free")["id"])
    assert "Deadline" in head and len(rows) == 2
    assert len(sheet(visitor, exported(visitor, "/queues/review?held=mine")["id"])) == 1


def test_an_export_is_its_owner_s_alone_and_on_record(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    desk.issue(1)
    mine, other = running.visitor("auditor", name="wang"), running.visitor("auditor", name="li")
    one = exported(mine, "/queues/approved")
    assert mine.get(f"/exports/{one['id']}/file").status_code == 200
    for path in (f"/exports/{one['id']}", f"/exports/{one['id']}/file"):
        assert other.get(path).status_code == 404
    assert other.post(f"/exports/{one['id']}/cancel").status_code == 404 and other.ask("/exports").json()["exports"] == []
    assert [action for _, action in desk.audit(one["id"])] == ["export", "export fetched"]


def test_a_bad_address_is_told_before_anything_begins(work: tuple[ReviewDesk, Site]) -> None:
    _, running = work
    visitor = running.visitor("auditor")
    for bad in ("/queues/none", "//evil/search", "javascript:/search", "https://[x", "edi"):
        assert visitor.ask("/exports", json={"query": bad}).status_code == 404, bad
    assert visitor.ask("/exports", json={"query": "/search?least=x"}).status_code == 422
    assert visitor.ask("/exports").json()["exports"] == [] and "Nothing was exported yet" in visitor.get("/exports").text


def test_a_job_whose_process_died_is_shown_as_failed_and_starts_again(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    desk.issue(1)
    visitor, lost = running.visitor("auditor"), new_id()
    desk.desk.owner.run(
        "insert into export_job (id, branch, name, query, state, seen_at) values (%s, '1100B0', 'auditor', '/queues/approved',"
        " 'running', clock_timestamp() - interval '5 minutes')", (lost,))
    assert ended(visitor, str(lost))["state"] == "failed"
    assert "start it again" in visitor.get("/exports").text
    again = visitor.ask(f"/exports/{lost}/again", json={}).json()
    assert again["id"] != str(lost) and ended(visitor, again["id"])["state"] == "done"


def test_cancelling_leaves_no_file(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    visitor, identity = running.visitor("auditor"), new_id()
    desk.desk.owner.run(
        "insert into export_job (id, branch, name, query, state)"
        " values (%s, '1100B0', 'auditor', '/queues/approved', 'running')", (identity,))
    assert visitor.post(f"/exports/{identity}/cancel").status_code == 303
    assert ended(visitor, str(identity))["state"] == "cancelled" and visitor.get(f"/exports/{identity}/file").status_code == 404


def test_twenty_thousand_rows(stored: World) -> None:
    from bench.million import fill

    owner = stored.database()
    fill(owner, 21_000)
    owner.close()
    with site(stored) as running:
        visitor = running.visitor("auditor")
        one = exported(visitor, "/search?received_from=2020-01-01", 120)
        answer = visitor.get(f"/exports/{one['id']}/file")
    book = openpyxl.load_workbook(io.BytesIO(answer.content), read_only=True)
    numbers = [row[6] for row in book.active.iter_rows(min_row=2, values_only=True)]
    assert one["done"] == len(numbers) == len(set(numbers)) > 20_000

"""The second door: what is sent by HTTP goes the way that AMQP goes, and its receipts are the same."""

import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.sampler import FIRMS, Sample
from pipeline.rabbit import drain
from store import registry
from store.accounts import add_key
from tests.desk import clean
from tests.load import Process, register_sampler, start, wait_for
from tests.services import World
from tests.web import Site, Visitor, site

XML = {"Content-Type": "application/xml"}
MINE, OTHER = FIRMS[0].record.no, FIRMS[1].record.no


def firm(console: Site, enterprise: str) -> Visitor:
    """A program with a key of this enterprise."""
    owner = console.world.database()
    add_key(owner, f"key of {enterprise}", "tests", 1, "tests", None, enterprise)
    owner.close()
    return Visitor(console.address, console.client, key=f"key of {enterprise}")


def send(visitor: Visitor, body: bytes, **headers: str) -> Any:
    """POST these bytes as an interchange."""
    return visitor.client.post(
        f"{visitor.address}/api/v1/interchanges", content=body, headers=visitor.headers() | XML | {
            name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def running(world: World, tmp_path: Path) -> Iterator[Process]:
    """A worker with every stage, on a broker."""
    register_sampler(world)
    up = start(world, tmp_path, "up", "--workers", "1", COEDI_CONSOLE_PORT="0")
    yield up
    assert up.stop() == 0


def fetched(visitor: Visitor, since: int = 0, wait: int = 20, until: str = "ISSUED") -> list[dict[str, Any]]:
    """Receipts until one has this code."""
    found: list[dict[str, Any]] = []
    while not any(one["code"] == until for one in found):
        answer = visitor.get(f"/api/v1/receipts?since={since}&wait={wait}&xml=1")
        assert answer.status_code == 200, answer.text
        new = answer.json()
        assert new["receipts"], f"nothing came within {wait} s after {found}"
        found += new["receipts"]
        since = new["next"]
    return found


@pytest.mark.broker
@pytest.mark.database
def test_what_is_sent_by_http_is_issued_and_its_receipts_are_those_of_amqp_byte_for_byte(world: World, running: Process) -> None:
    sample: Sample = clean(0)
    with site(world) as console:
        mine, other = firm(console, MINE), firm(console, OTHER)
        sent = send(mine, sample.body)
        assert sent.status_code == 202, sent.text + running.output()
        assert sent.json()["sha256"] == hashlib.sha256(sample.body).hexdigest()
        assert sent.json()["size"] == len(sample.body)
        receipts = fetched(mine, sent.json()["since"])
        assert [one["feed_no"] for one in receipts] == list(range(1, len(receipts) + 1))
        assert all(one["delivery_sha256"] == sent.json()["sha256"] for one in receipts)

        database = world.database()
        queue = registry.partner(database, MINE).receipt_queue
        database.close()
        by_amqp = {delivery.message_id: delivery.body for delivery in drain(world.settings.amqp_url, queue, 100, 1.0)}
        assert {one["id"]: one["xml"].encode() for one in receipts} == by_amqp
        for one in receipts:
            whole = mine.get(f"/api/v1/receipts/{one['id']}")
            assert whole.content == by_amqp[one["id"]]
            assert whole.headers["content-type"] == "application/xml"
            assert hashlib.sha256(whole.content).hexdigest() == one["body_sha256"]
            assert other.get(f"/api/v1/receipts/{one['id']}").status_code == 404

        name = receipts[-1]["document"]["name"]
        paper = mine.get(f"/api/v1/documents/{name}")
        assert paper.content == (world.settings.documents / name).read_bytes()
        assert other.get(f"/api/v1/documents/{name}").status_code == 404
        assert other.get("/api/v1/receipts").json() == {"enterprise": OTHER, "receipts": [], "next": 0}

        database = world.database()
        assert wait_for(lambda: database.run("select 1 from stage_sample where stage = 'relay'")), "the relay counts"
        database.close()

        again = send(mine, sample.body)  # the same bytes: answered again, nothing done twice
        assert again.status_code == 202
        (world.settings.documents / name).write_bytes(b"not the paper")
        assert mine.get(f"/api/v1/documents/{name}").status_code == 409
        assert wait_for(lambda: drain(world.settings.amqp_url, queue, 100, 0.5))
        assert mine.get(f"/api/v1/receipts?since={receipts[-1]['feed_no']}").json()["receipts"] == []


@pytest.mark.broker
@pytest.mark.database
def test_an_interchange_that_names_another_enterprise_is_refused_with_a_receipt_to_the_sender_alone(
    world: World, running: Process
) -> None:
    with site(world) as console:
        mine, other = firm(console, MINE), firm(console, OTHER)
        assert send(other, clean(0).body).status_code == 202
        receipts = fetched(other, until="IDENTITY_MISMATCH")
        assert receipts[0]["code"] == "IDENTITY_MISMATCH"
        assert mine.get("/api/v1/receipts").json()["receipts"] == []


@pytest.mark.broker
@pytest.mark.database
def test_the_door_refuses_what_is_too_large_of_another_type_compressed_or_of_nobody(world: World) -> None:
    register_sampler(world)
    with site(world) as console:
        mine, reviewer = firm(console, MINE), console.visitor("reviewer")
        assert send(mine, b"x" * 2_097_153).status_code == 413
        assert send(mine, b"<a/>", Content_Type="application/json").status_code == 415
        assert send(mine, b"<a/>", Content_Encoding="gzip").status_code == 415
        assert send(console.stranger(), b"<a/>").status_code == 401
        assert send(Visitor(console.address, console.client, key="unknown"), b"<a/>").status_code == 401
        assert reviewer.ask("/receipts").status_code == 403
        assert mine.get("/api/v1/operations").status_code == 403
        assert mine.get("/api/v1/receipts?wait=21").status_code == 422
        assert mine.get("/api/v1/receipts/unknown").status_code == 404
        assert mine.get("/api/v1/documents/../../etc/passwd").status_code == 404
        assert mine.get("/api/v1/documents/%2e%2e%2f%2e%2e%2fetc%2fpasswd").status_code == 404
        assert mine.get("/api/v1/receipts/%00").status_code == 404


@pytest.mark.broker
@pytest.mark.database
def test_without_a_broker_nothing_is_accepted_and_the_sender_is_told_so(world: World) -> None:
    register_sampler(world)
    gone = replace(world, settings=replace(world.settings, amqp_url="amqp://guest:guest@127.0.0.1:1/%2F"))
    with site(gone) as console:
        answer = send(firm(console, MINE), clean(0).body)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "may be sent again safely" in answer.json()["en"]
        assert "可原样重发" in answer.json()["zh"]


@pytest.mark.database
def test_a_question_that_waits_holds_no_connection_and_is_answered_when_a_receipt_comes(stored: World) -> None:
    register_sampler(stored)
    with site(stored, connections=1) as console:
        mine, operator = firm(console, MINE), console.visitor("operator")
        answers: list[Any] = []
        asking = threading.Thread(target=lambda: answers.append(mine.get("/api/v1/receipts?wait=20")))
        asking.start()
        time.sleep(0.5)
        begin = time.monotonic()
        assert operator.get("/healthz").text == "ok\n"  # the only connection is free
        assert time.monotonic() - begin < 5
        assert not answers
        owner = stored.database()
        owner.run("insert into receipt (id, stream, sequence, enterprise, feed_no, code, body, at) values"
                  " ('r-1', 'message:1', 1, %s, 1, 'X', %s, now())", (MINE, _receipt()))
        owner.close()
        asking.join(10)
        assert [one["id"] for one in answers[0].json()["receipts"]] == ["r-1"]


@pytest.mark.database
def test_a_question_that_waits_in_vain_ends_with_an_empty_answer(stored: World) -> None:
    register_sampler(stored)
    with site(stored) as console:
        begin = time.monotonic()
        answer = firm(console, MINE).get("/api/v1/receipts?since=7&wait=1")
        assert 1 <= time.monotonic() - begin < 10
        assert answer.json() == {"enterprise": MINE, "receipts": [], "next": 7}


def _receipt() -> bytes:
    from datetime import UTC, datetime

    from messages.receipts import Receipt, render

    return render(Receipt(
        id="r-1", stream="message:1", sequence=1, feed_no=1, code="X", answer="technical", enterprise=MINE, at=datetime.now(UTC),
        zh="测试", en="a test"))

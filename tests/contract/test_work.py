"""One suite for every store: the same scenarios, expectations written by hand, on memory and on PostgreSQL."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domain.certificate import Certificate, Decision, Document, Origin
from domain.errors import IllegalTransition
from pipeline.advance import advance
from pipeline.identity import new_id
from store.memory import MemoryStore
from store.postgres import PostgresStore
from store.wanted import Arrival, InboxClaim, InvoiceClaim, Wanted
from store.work import MessageRow
from tests.services import World

NO, BRANCH = "1100A0017", "1100B0"


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.database)])
def store(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A store with the enterprise 1100A0017."""
    if request.param == "memory":
        yield MemoryStore(lambda: datetime.now(UTC), [NO])
        return
    world: World = request.getfixturevalue("stored")
    database = world.database("coedi_worker")
    yield PostgresStore(database)
    database.close()


def welcome(store: Any, body: bytes = b"<x/>") -> tuple[Certificate, Origin]:
    """A received certificate with its archived message."""
    interchange, message, digest = new_id(), new_id(), hashlib.sha256(body).digest()
    origin = Origin(message, f"M-{body!r}", interchange, "I-1", digest.hex())
    certificate = Certificate(message, NO, BRANCH, "CO", f"INV{body!r}", message)
    wanted = Wanted(
        inbox=[InboxClaim(NO, origin.message_id, message, digest)],
        invoices=[InvoiceClaim(NO, certificate.invoice, certificate.id)],
        arrivals=[Arrival(interchange, "in.x", digest, body, NO, BRANCH, "I-1", None, 1)], enterprises=[NO])
    with store.work(wanted) as work:
        assert work.held.inbox and work.held.invoices and work.held.arrivals == {interchange}
        work.messages.append(MessageRow(message, interchange, 1, NO, origin.message_id, digest, "CertificateApplication",
                                        "certificate", certificate.id, None))
        certificate = advance(work, certificate, Decision("receive"), "intake", origin)
    return certificate, origin


def step(store: Any, certificate: Certificate, origin: Origin, decision: Decision, numbered: bool = False) -> Certificate:
    """One transition in a transaction of its own."""
    wanted = Wanted(certificates=[certificate.id], interchanges=[origin.interchange], enterprises=[NO],
                    numbers=[(NO, "C")] if numbered else [])
    with store.work(wanted) as work:
        return advance(work, work.held.certificates[certificate.id], decision, "test", origin)


def steps(store: Any, certificate: Certificate, origin: Origin, *events: str) -> Certificate:
    """Several transitions, one transaction each."""
    for event in events:
        certificate = step(store, certificate, origin, Decision(event), event == "approve")
    return certificate


def test_a_transition_is_state_history_receipt_and_hand_off_at_once(store: Any) -> None:
    certificate, _ = welcome(store)
    kept = store.certificate(certificate.id)
    assert (kept.state, kept.version, kept.revision, kept.number) == ("RECEIVED", 1, 1, None)
    assert kept.head == certificate.head != bytes(32)
    assert set(store.outbox_keys()) == {
        f"enterprise:{certificate.id}-1", f"branch:{certificate.id}-1", f"order:{certificate.id}:1"}


def test_the_whole_way_numbers_versions_and_the_summary_receipt(store: Any) -> None:
    certificate, origin = welcome(store)
    certificate = steps(store, certificate, origin, "check-schema", "pass-rules", "approve")
    assert certificate.number is not None and certificate.number.endswith("C1100A0017/00001")
    keys = set(store.outbox_keys())
    assert f"enterprise:{origin.interchange}-m1" in keys  # the interchange's summary
    document = Document("pdf", "0" * 64, "a.pdf", 1, 1)
    issued = step(store, certificate, origin, Decision("issue", document=document))
    assert (issued.state, issued.version) == ("ISSUED", 5)
    assert not [key for key in store.outbox_keys() if key.startswith("order:")]


def test_all_transitions_in_one_transaction_leave_the_same_as_one_by_one(store: Any) -> None:
    single, origin = welcome(store, b"<one/>")
    single = steps(store, single, origin, "check-schema", "pass-rules")
    batch, other = welcome(store, b"<two/>")
    wanted = Wanted(certificates=[batch.id], interchanges=[other.interchange], enterprises=[NO])
    with store.work(wanted) as work:
        moved = work.held.certificates[batch.id]
        for event in ("check-schema", "pass-rules"):
            moved = advance(work, moved, Decision(event), "test", other)
    assert shape(store, single.id) == shape(store, batch.id)
    assert {k.replace(str(single.id), "X") for k in store.outbox_keys() if str(single.id) in k and k.startswith("order")} == {
        k.replace(str(batch.id), "X") for k in store.outbox_keys() if str(batch.id) in k and k.startswith("order")}


def shape(store: Any, identity: UUID) -> tuple[object, ...]:
    """What must be equal."""
    kept = store.certificate(identity)
    return kept.state, kept.version, kept.revision, kept.number


def test_a_block_that_raises_leaves_nothing(store: Any) -> None:
    certificate, origin = welcome(store)
    before = sorted(store.outbox_keys())
    with pytest.raises(IllegalTransition):
        step(store, certificate, origin, Decision("issue"))
    assert store.certificate(certificate.id).version == 1
    assert sorted(store.outbox_keys()) == before


def test_a_claimed_message_id_and_invoice_are_not_won_again(store: Any) -> None:
    certificate, origin = welcome(store)
    again = Wanted(
        inbox=[InboxClaim(NO, origin.message_id, new_id(), bytes(32))],
        invoices=[InvoiceClaim(NO, certificate.invoice, new_id())], enterprises=[NO])
    with store.work(again) as work:
        assert work.held.inbox == set() == work.held.invoices


def test_a_returned_certificate_frees_its_invoice_and_waits_for_nobody(store: Any) -> None:
    certificate, origin = welcome(store)
    steps(store, certificate, origin, "check-schema", "return")
    assert not [key for key in store.outbox_keys() if key.startswith("order:")]
    with store.work(Wanted(certificates=[certificate.id], enterprises=[NO])):
        assert store.certificate(certificate.id).state == "RETURNED"
    wanted = Wanted(certificates=[certificate.id], enterprises=[NO],
                    invoices=[InvoiceClaim(NO, certificate.invoice, certificate.id)])
    with store.work(wanted) as work:
        assert work.held.invoices == {(NO, certificate.invoice)}
        advance(work, work.held.certificates[certificate.id], Decision("resubmit"), "intake", origin)
    assert store.certificate(certificate.id).state == "RECEIVED"


def test_numbers_are_dense_per_enterprise(store: Any) -> None:
    numbers = []
    for n in range(3):
        certificate, origin = welcome(store, f"<n{n}/>".encode())
        certificate = steps(store, certificate, origin, "check-schema", "pass-rules", "approve")
        numbers.append(certificate.number)
    assert [number[-5:] for number in numbers if number] == ["00001", "00002", "00003"]


def test_the_stores_offer_the_same_methods() -> None:
    public: Callable[[type], set[str]] = lambda kind: {n for n in vars(kind) if not n.startswith("_") and callable(vars(kind)[n])}  # noqa: E731
    assert public(MemoryStore) == public(PostgresStore) == {"work", "certificate", "outbox_keys"}

"""The whole life of a certificate, a filing or a delivery, as JSON-ready data: what `coedi trace` shows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from domain.certificate_lifecycle import CERTIFICATE
from domain.errors import UnknownThing
from domain.filing_lifecycle import LIVES
from domain.lifecycle import Lifecycle
from messages.receipts import read
from store.database import Database, Row

_CERTIFICATE = (
    "id", "number", "enterprise", "name_zh", "name_en", "branch", "type", "invoice", "exporter", "consignee",
    "destination", "state", "version", "revision", "created_at", "approved_at", "changed_at",
    "replaces", "replacing", "replaced_by",
)  # fmt: skip
_MESSAGE = (
    "id", "message_id", "kind", "disposition", "position", "certificate", "of_message", "interchange",
    "interchange_id", "exchange", "sha256", "size", "received_at",
)  # fmt: skip
_TRANSITION = ("version", "revision", "at", "actor", "event", "source", "state", "detail", "hash", "receipt")
_RECEIPT = ("id", "stream", "sequence", "feed_no", "code", "state", "at", "unsent", "refusals")
_DOCUMENT = ("medium", "revision", "sha256", "name", "size", "pages", "at")
_FILING = (
    "id", "kind", "number", "enterprise", "name_zh", "branch", "state", "version", "revision", "certificate_type", "hs6",
    "valid_to", "content", "created_at", "changed_at", "replaces", "replaced_by", "message_ids",
)  # fmt: skip
_ANSWER = ("code", "certificate", "certificate_no", "invoice", "filing", "filing_no")
_LONGEST = 200  # characters of a value that is shown; specimens of seals and signatures are longer
_PARKED = (
    "id", "source", "error", "stage", "version", "tries", "at", "disposition", "disposed_by", "disposed_at",
)  # fmt: skip
_INTERCHANGE = (
    "id", "enterprise", "branch", "exchange", "interchange_id", "sha256", "size", "refusal", "total", "open",
    "accepted", "refused", "repeated", "received_at",
)  # fmt: skip


def certificate_life(database: Database, identity: UUID) -> dict[str, Any]:
    """A certificate with messages, history, receipts, documents, tickets, what it waits for; raises UnknownThing."""
    rows = database.query("life_certificate", id=identity)
    if not rows:
        raise UnknownThing(f"there is no certificate {identity}")
    life = dict(zip(_CERTIFICATE, rows[0], strict=True))
    state = CERTIFICATE.state(life["state"])
    messages = _messages(database, certificate=identity)
    transitions = _named(_TRANSITION, database.query("life_transitions", id=identity))
    return life | {
        "zh": state.zh, "en": state.en,
        "waits_for": _waiting(database, life),
        "messages": messages,
        "transitions": [_told(transition, CERTIFICATE) for transition in transitions],
        "receipts": _receipts(database, [f"certificate:{identity}"], messages),
        "documents": _named(_DOCUMENT, database.query("life_documents", id=identity)),
        "parked": _parked(database, identity, messages),
    }  # fmt: skip


def filing_life(database: Database, identity: UUID) -> dict[str, Any]:
    """A goods filing or registration with content in short, messages, history, receipts, tickets; raises UnknownThing."""
    rows = database.query("life_filing", id=identity)
    if not rows:
        raise UnknownThing(f"there is no filing {identity}")
    life = dict(zip(_FILING, rows[0], strict=True))
    lifecycle = LIVES[life["kind"]]
    state = lifecycle.state(life["state"])
    messages = _messages(database, ids=life.pop("message_ids"))
    transitions = _named(_TRANSITION, database.query("life_filing_transitions", id=identity))
    return life | {
        "content": _short(life["content"]), "zh": state.zh, "en": state.en,
        "waits_for": {"for": state.moved_by, "since": life["changed_at"]},
        "messages": messages,
        "transitions": [_told(transition, lifecycle) for transition in transitions],
        "receipts": _receipts(database, [f"filing:{identity}"], messages),
        "parked": _parked(database, None, messages),
    }  # fmt: skip


def interchange_life(database: Database, identity: UUID) -> dict[str, Any]:
    """A delivery with its messages, receipts and tickets; raises UnknownThing."""
    rows = database.query("life_interchange", id=identity)
    if not rows:
        raise UnknownThing(f"there is no interchange {identity}")
    life = dict(zip(_INTERCHANGE, rows[0], strict=True))
    messages = _messages(database, interchange=identity)
    return life | {
        "messages": messages,
        "receipts": _receipts(database, [f"message:{identity}"], messages),
        "parked": _parked(database, None, [life]),
    }


def _messages(
    database: Database, certificate: UUID | None = None, interchange: UUID | None = None, ids: Sequence[UUID] = ()
) -> list[dict[str, Any]]:
    """Messages, each with what it was answered about when it was done and made no certificate of its own."""
    messages = _named(_MESSAGE, database.query("life_messages", certificate=certificate, interchange=interchange, ids=list(ids)))
    done = [message["id"] for message in messages if message["disposition"] == "done"]
    answers = {row[0]: read(bytes(row[1])) for row in database.query("life_answers", ids=done)}
    for message in messages:
        answer = answers.get(message["id"])
        message["answered"] = {name: getattr(answer, name) for name in _ANSWER} if answer else None
    return messages


def _short(content: dict[str, Any]) -> dict[str, Any]:
    """What was said, without what is empty; of lists how many there are, of long values how long they are."""
    found = {key: len(value) if isinstance(value, list | dict) else value for key, value in content.items() if value}
    return {
        key: f"{len(value)} characters" if isinstance(value, str) and len(value) > _LONGEST else value
        for key, value in found.items()}


def _waiting(database: Database, life: dict[str, Any]) -> dict[str, Any]:
    """Who has to act now, and since when. set_aside: its work order failed three times and waits for an operator."""
    rows = database.query("life_waiting", id=life["id"])
    if not rows:
        return {"for": CERTIFICATE.state(life["state"]).moved_by, "since": life["changed_at"], "set_aside": False}
    stage, resent, parked, deadline, reasons = rows[0]
    waiting = {"for": "reviewer" if stage == "review" else stage, "since": life["changed_at"], "set_aside": parked}
    return waiting | ({"deadline": deadline, "reasons": reasons} if deadline else {"announced_again": resent})


def _told(transition: dict[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
    """A line of history with its state's names, findings and reasons unpacked."""
    detail = transition.pop("detail")
    state = lifecycle.state(transition["state"])
    return transition | {
        "zh": state.zh, "en": state.en, "reasons": detail.get("reasons", []), "findings": detail.get("findings", []),
        "pack": detail.get("pack"),
    }  # fmt: skip


def _receipts(database: Database, streams: list[str], messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of these streams, and of the messages and deliveries beside them; unsent: destinations still in the outbox."""
    wanted = [*streams, *(f"message:{m['id']}" for m in messages), *(f"message:{m['interchange']}" for m in messages)]
    return _named(_RECEIPT, database.query("life_receipts", streams=sorted(set(wanted))))


def _parked(database: Database, certificate: UUID | None, deliveries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    keys = sorted({(delivery["exchange"], bytes.fromhex(delivery["sha256"])) for delivery in deliveries})
    return _named(_PARKED, database.query(
        "life_parked", certificate=certificate, exchanges=[key[0] for key in keys], digests=[key[1] for key in keys]))


def _named(names: tuple[str, ...], rows: list[Row]) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in rows]

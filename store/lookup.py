"""What an operator may call a thing by, and what it is: certificate, filing, message or interchange."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.application import normalised_invoice
from domain.certificate_lifecycle import CERTIFICATE
from domain.errors import Refusal, UnknownThing
from messages.receipts import read
from store.database import Database

_HEX = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True, slots=True)
class Found:
    """A certificate as lookups return it."""

    id: UUID
    number: str | None
    enterprise: str
    name_zh: str
    branch: str
    type: str
    invoice: str
    state: str
    version: int
    revision: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Match:
    """Something that a name may mean. kind: "certificate", "filing" or "interchange"; by: what matched, for the list."""

    kind: str
    id: UUID
    enterprise: str | None
    name_zh: str | None
    by: str
    state: str


def certificates(database: Database, text: str) -> list[Found]:
    """Certificates with this id, number or invoice number (any case, any blanks); an invoice may name several."""
    rows = database.query(
        "find_certificates", id=_uuid(text), number=text.strip().upper(), invoice=normalised_invoice(text))
    return [Found(*row) for row in rows]


def certificate(database: Database, text: str) -> Found:
    """The one certificate that `text` names; raises UnknownThing for none, Refusal naming them all for several."""
    found = certificates(database, text)
    if not found:
        raise UnknownThing(f"there is no certificate with the id, number or invoice number {text}")
    if len(found) > 1:
        several = ", ".join(f"{each.id} ({each.enterprise}, {each.state})" for each in found)
        raise Refusal(f"{text} names {len(found)} certificates; say which: {several}")
    return found[0]


def no_longer_in_force(database: Database, found: Found) -> str | None:
    """A sentence for a certificate that was issued and does not count any more, with what stands in its place; else None."""
    if found.state not in ("SUPERSEDED", "VOID"):
        return None
    state = CERTIFICATE.state(found.state)
    rows = database.query("replacement_of", id=found.id)
    instead = f"; in its place stands {rows[0][0]}" if rows else ""
    return f"certificate {found.number} is no longer in force: {state.code} {state.zh} / {state.en}{instead}"


def matches(database: Database, text: str) -> list[Match]:
    """All that `text` may name: certificates, filings and messages first, deliveries when there are none of them."""
    found = [
        Match("certificate", c.id, c.enterprise, c.name_zh, f"{c.type} {c.invoice}", c.state)
        for c in certificates(database, text)
    ]
    found += _filings(database, [_uuid(text)], text)
    for row in database.query("find_messages", id=_uuid(text), text=text.strip()):
        found.append(_message(row))
    if not found:
        found = [
            Match("interchange", row[0], row[1], row[2], f"interchange {row[3] or '-'}, SHA-256 {row[4][:16]}", "")
            for row in database.query("find_interchanges", id=_uuid(text), text=text.strip(), **_digests(text))
        ]
    return list({match.id: match for match in reversed(found)}.values())[::-1]


def _filings(database: Database, ids: list[UUID | None], number: str) -> list[Match]:
    rows = database.query("find_filings", ids=ids, number=number.strip().upper())
    return [
        Match("filing", row[0], row[1], row[2], " ".join(filter(None, row[3:6])), row[6])
        for row in rows
    ]


def _message(row: Any) -> Match:
    """A message stands for its certificate, else for the filing that it was about, else for its interchange."""
    answer = read(bytes(row[8])) if row[8] and not row[7] else None
    filing = answer.filing if answer else None
    kind, target = ("certificate", row[7]) if row[7] else ("filing", UUID(filing)) if filing else ("interchange", row[6])
    return Match(kind, target, row[1], row[2], f"message {row[3]}", row[5])


def _digests(text: str) -> dict[str, bytes | None]:
    """The range of SHA-256 that begin with these hex digits."""
    digits = text.strip().lower()
    if not _HEX.fullmatch(digits):
        return {"low": None, "high": None}
    return {"low": bytes.fromhex(digits.ljust(64, "0")), "high": bytes.fromhex(digits.ljust(64, "f"))}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None

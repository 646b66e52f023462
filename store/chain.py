"""The hash chain of every certificate's history, recomputed line by line.

It finds a line that was edited, inserted, deleted or reordered. Certificates that vanished as a whole leave no line to
look at: `store.checkpoint` finds those.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from domain.certificate import GENESIS, link
from store.database import Database
from store.snapshot import stream


@dataclass(frozen=True, slots=True)
class Violation:
    """What breaks a promise: subject names the row or certificate, detail says how."""

    subject: str
    detail: str


class Line(NamedTuple):
    """A line of history as stored, and where its certificate stands now (columns of the query `history`)."""

    certificate: UUID
    version: int
    revision: int
    event: str
    state: str
    actor: str
    at: datetime
    detail: Any
    previous_hash: bytes
    hash: bytes
    newest: int | None
    head: bytes | None


def verify_chains(database: Database, step: Callable[[int], None]) -> Iterator[Violation]:
    """Every break of every chain, in the order of the certificates; needs a transaction. step: lines just looked at."""
    before: Line | None = None
    for rows in stream(database, "history"):
        for row in rows:
            line = Line(*row)
            if before and before.certificate != line.certificate:
                yield from _ending(before)
                before = None
            yield from breaks(line, before)
            before = line
        step(len(rows))
    if before:
        yield from _ending(before)
    for certificate, version in database.query("certificates_without_history"):
        yield Violation(str(certificate), f"at version {version}, and its history is gone")


def breaks(line: Line, before: Line | None) -> Iterator[Violation]:
    """What is wrong with one line, given the line before it in the chain."""
    subject = str(line.certificate)
    expected = before.version + 1 if before else 1
    if line.version != expected:
        yield Violation(subject, f"version {line.version} follows where version {expected} should stand")
    if bytes(line.previous_hash) != (bytes(before.hash) if before else GENESIS):
        yield Violation(subject, f"version {line.version} is not chained to the line before it")
    if bytes(line.hash) != recomputed(line):
        yield Violation(subject, f"version {line.version} was changed: its hash is another one")


def recomputed(line: Line) -> bytes:
    """The hash that this line's content gives; the same parts in the same order as `Certificate.move`."""
    return link(
        bytes(line.previous_hash), line.certificate, line.version, line.revision, line.event, line.state, line.actor,
        line.at, line.detail)


def _ending(last: Line) -> Iterator[Violation]:
    if last.newest is None or last.head is None:
        yield Violation(str(last.certificate), "history of a certificate that does not exist")
    elif (last.version, bytes(last.hash)) != (last.newest, bytes(last.head)):
        yield Violation(
            str(last.certificate),
            "the chain ends in another hash than the certificate's" if last.version == last.newest
            else f"the chain ends at version {last.version}, the certificate is at version {last.newest}")


def canonical(data: dict[str, Any]) -> bytes:
    """JSON with sorted keys and no blanks: what is hashed and signed."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

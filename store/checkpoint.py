"""Signed checkpoints, kept outside the database: what was there cannot vanish as a whole unnoticed.

`checkpoints.jsonl` has one JSON line for each branch and time, appended and never rewritten:

    line          1, 2, 3 ... in the file
    at, branch    when (the database's clock), and whose certificates
    feeds         enterprise -> [first, last]: the receipt numbers (feed_no) that this line covers
    receipts, transitions, certificates    how many of each stand there (certificates: those that began)
    head          SHA-256 over the branch's head before and, for each receipt in the order (enterprise, feed_no), a line
                  "enterprise feed_no receipt SHA-256(body) hash-of-its-transition"
    previous      SHA-256 of the line before, "" in the first
    key           fingerprint of the public key
    signature     Ed25519 over the line without its signature, JSON with sorted keys and no blanks

Lines cover receipt numbers, not times: these are gap-free and locked until their commit, so what a line covers was
committed when it was written and can never grow, whatever clocks do; and every transition has its receipt. A line
costs what is new since the last one. The audit notes each line's hash, so that lines cut off the end are missed, too.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from domain.errors import BadDocument, BadSetting
from store.chain import canonical
from store.database import Database
from store.signing import SigningKey
from store.snapshot import stream

FILE = "checkpoints.jsonl"
ACTOR = "checkpoint"
# advisory lock of whoever writes a checkpoint: "coch"
LOCK = 0x636F6368
_log = structlog.get_logger("checkpoint")


@dataclass(slots=True)
class Book:
    """What the lines of the file say together, read from its start.

    heads: branch -> its newest head; ends: enterprise -> last receipt number covered; hashes: of each line, in order.
    """

    heads: dict[str, str] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    hashes: list[str] = field(default_factory=list)
    newest: datetime | None = None

    def add(self, raw: bytes, line: dict[str, Any]) -> None:
        """The next line of the file."""
        self.heads[line["branch"]] = line["head"]
        self.ends.update({enterprise: last for enterprise, (_, last) in line["feeds"].items()})
        self.hashes.append(hashlib.sha256(raw).hexdigest())
        self.newest = datetime.fromisoformat(line["at"])


@dataclass(frozen=True, slots=True)
class Covered:
    """What the database holds of the receipt numbers of one line; gaps: the first few numbers that are missing."""

    head: str
    receipts: int
    transitions: int
    certificates: int
    gaps: tuple[str, ...]


def checkpoint_if_due(database: Database, state_dir: Path, every: float = 3600) -> list[dict[str, Any]]:
    """Write a checkpoint when the newest is older than `every` seconds; the lines written.

    Safe to call from several processes: one writes, the others return [] at once. A folder that cannot be used is
    logged and never stops the caller. Raises DatabaseGone.
    """
    try:
        return write_checkpoint(database, state_dir, timedelta(seconds=every)) or []
    except (BadDocument, BadSetting) as error:
        _log.error("no checkpoint", error=str(error))
        return []


def write_checkpoint(database: Database, state_dir: Path, age: timedelta = timedelta(0)) -> list[dict[str, Any]] | None:
    """One line for each branch with new receipts, on disk when this returns; None when another process is writing one.

    Raises BadDocument or BadSetting when file or key cannot be read or continued.
    """
    with database.transaction(), _in_one_line(state_dir):
        database.run("set transaction isolation level repeatable read")
        if not database.query("try_checkpoint", lock=LOCK)[0][0]:
            return None
        book = read_book(state_dir)
        now = database.run("select now()")[0][0]
        if book.newest and now - book.newest < age:
            return []
        key = SigningKey.of(state_dir, new=not book.hashes)
        lines = list(_new_lines(database, book, key))
        _append(state_dir, [canonical(line) for line in lines])
        for line in lines:
            # after the file: a line that the audit does not know is harmless, one that the file lacks is an alarm
            detail = {"line": line["line"], "hash": hashlib.sha256(canonical(line)).hexdigest()}
            database.query("insert_audit", actor=ACTOR, action="checkpoint", subject=key.fingerprint,
                           detail=json.dumps(detail))
        return lines


@contextlib.contextmanager
def _in_one_line(state_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadSetting(f"{state_dir} (COEDI_STATE_DIR) cannot be used: {error.strerror or error}") from error


def _new_lines(database: Database, book: Book, key: SigningKey) -> Iterator[dict[str, Any]]:
    feeds: dict[str, dict[str, list[int]]] = {}
    at = datetime.now(UTC)
    for branch, enterprise, last, now in database.query("feed_ends"):
        at = now
        if last > book.ends.get(enterprise, 0):
            feeds.setdefault(branch, {})[enterprise] = [book.ends.get(enterprise, 0) + 1, last]
    for branch, covers in feeds.items():
        found = covered(database, covers, book.heads.get(branch, ""))
        line = {
            "line": len(book.hashes) + 1, "at": at.astimezone(UTC).isoformat(), "branch": branch, "feeds": covers,
            "receipts": found.receipts, "transitions": found.transitions, "certificates": found.certificates,
            "head": found.head, "previous": book.hashes[-1] if book.hashes else "", "key": key.fingerprint,
        }
        line["signature"] = key.sign(canonical(line))
        book.add(canonical(line), line)
        yield line


def covered(database: Database, feeds: dict[str, list[int]], head: str) -> Covered:
    """What stands in the database under these receipt numbers, chained to `head`; needs a transaction."""
    digest = hashlib.sha256(head.encode())
    transitions = certificates = receipts = 0
    expected = {enterprise: first for enterprise, (first, _) in feeds.items()}
    gaps: list[str] = []
    for rows in stream(database, "feed_range", enterprises=list(feeds), first=[f for f, _ in feeds.values()],
                       last=[last for _, last in feeds.values()]):
        for enterprise, feed_no, receipt, body, transition, version in rows:
            digest.update(f"{enterprise} {feed_no} {receipt} {body} {transition}\n".encode())
            receipts += 1
            transitions += bool(transition)
            certificates += version == 1
            if feed_no != expected[enterprise]:
                gaps.append(f"{enterprise} {expected[enterprise]}")
            expected[enterprise] = feed_no + 1
    gaps += [f"{each} {expected[each]}" for each, (_, last) in feeds.items() if expected[each] <= last]
    return Covered(digest.hexdigest(), receipts, transitions, certificates, tuple(gaps[:3]))


def raw_lines(state_dir: Path) -> Iterator[bytes]:
    """The finished lines of the file, without their line feeds; none when there is no file. Raises BadDocument."""
    try:
        with (state_dir / FILE).open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):  # else a crash left it unfinished: nobody was told of it
                    yield line[:-1]
    except FileNotFoundError:
        return
    except OSError as error:
        raise BadDocument(f"{state_dir / FILE} cannot be read: {error.strerror}") from error


# what a line must hold, and as what
_TYPES: dict[str, type] = {
    "line": int, "at": str, "branch": str, "feeds": dict, "receipts": int, "transitions": int, "certificates": int,
    "head": str, "previous": str, "key": str, "signature": str,
}


def parsed(raw: bytes) -> dict[str, Any]:
    """A line as data; raises ValueError when it is none of ours."""
    line = json.loads(raw)
    if not isinstance(line, dict) or any(not isinstance(line.get(name), kind) for name, kind in _TYPES.items()):
        raise ValueError("not a checkpoint")
    for first, last in line["feeds"].values():
        if not (isinstance(first, int) and isinstance(last, int) and 0 < first <= last < 2**63):
            raise ValueError("not a range of receipt numbers")
    datetime.fromisoformat(line["at"])
    return line


def read_book(state_dir: Path) -> Book:
    """The file from its start; a last line that a crash left unfinished is taken away first."""
    _drop_torn_end(state_dir)
    book = Book()
    for number, raw in enumerate(raw_lines(state_dir), 1):
        try:
            book.add(raw, parsed(raw))
        except (ValueError, TypeError) as error:
            raise BadDocument(f"{state_dir / FILE}: line {number} cannot be read; run: coedi audit verify") from error
    return book


def _drop_torn_end(state_dir: Path) -> None:
    path = state_dir / FILE
    if not path.exists() or not path.stat().st_size:
        return
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)


def _append(state_dir: Path, lines: Iterable[bytes]) -> None:
    """On disk, flushed, when this returns."""
    body = b"".join(line + b"\n" for line in lines)
    if not body:
        return
    with (state_dir / FILE).open("ab") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())

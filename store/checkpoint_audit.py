"""Verifying checkpoints: the file against its key, against the database, and against what the audit noted of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.errors import BadDocument
from store.chain import Violation, canonical
from store.checkpoint import FILE, Book, covered, parsed, raw_lines
from store.database import Database
from store.signing import fingerprint, public_key, verified


def verify_checkpoints(database: Database, state_dir: Path) -> Iterator[Violation]:
    """Every line that was edited, inserted, deleted or reordered, and whatever a line covers that is no longer there.

    Needs a transaction. A folder without checkpoints is a violation only when the audit knows of some.
    """
    noted = database.query("checkpoints_noted")
    if not (state_dir / FILE).exists():
        if noted:
            yield Violation(FILE, f"not in {state_dir} (COEDI_STATE_DIR), but {len(noted)} lines were written")
        return
    try:
        public = public_key(state_dir)
    except BadDocument as error:
        yield Violation(FILE, str(error))
        return
    book = Book()
    for number, raw in enumerate(raw_lines(state_dir), 1):
        try:
            line = parsed(raw)
        except (ValueError, TypeError):
            yield Violation(f"line {number}", "cannot be read")
            continue
        yield from _against_file(line, number, book, public)
        yield from _against_database(database, line, book)
        book.add(raw, line)
    yield from _against_audit(noted, book, fingerprint(public))


def _against_file(line: dict[str, Any], number: int, book: Book, public: Ed25519PublicKey) -> Iterator[Violation]:
    """Signature, place, link to the line before, and ranges that go on where the last ones ended."""
    subject = f"line {number}"
    unsigned = {name: value for name, value in line.items() if name != "signature"}
    if not verified(public, str(line["signature"]), canonical(unsigned)):
        yield Violation(subject, "was changed, or signed by another key")
    if line["line"] != number:
        yield Violation(subject, f"calls itself line {line['line']}: lines were inserted, deleted or reordered")
    if line["previous"] != (book.hashes[-1] if book.hashes else ""):
        yield Violation(subject, "does not follow the line before it")
    for enterprise, (first, _) in line["feeds"].items():
        if first != book.ends.get(enterprise, 0) + 1:
            due = book.ends.get(enterprise, 0) + 1
            yield Violation(subject, f"covers receipts of {enterprise} from {first}, not from {due}")


def _against_database(database: Database, line: dict[str, Any], book: Book) -> Iterator[Violation]:
    found = covered(database, line["feeds"], book.heads.get(line["branch"], ""))
    if found.head == line["head"]:
        return
    before = [line["certificates"], line["transitions"], line["receipts"]]
    now = [found.certificates, found.transitions, found.receipts]
    gone = "; the first missing receipts: " + ", ".join(found.gaps) if found.gaps else ""
    yield Violation(
        f"branch {line['branch']}, {line['at']}",
        f"certificates, transitions and receipts were {before}, now {now}{gone}" if now != before
        else "as many as before, but history or receipts have other content")


def _against_audit(noted: list[tuple[Any, ...]], book: Book, key: str) -> Iterator[Violation]:
    """Lines of our key that the audit knows must stand where it says; other folders have other keys."""
    for number, digest, signed_by in noted:
        if signed_by != key:
            continue
        if number > len(book.hashes):
            yield Violation(f"line {number}", "is missing from the file")
        elif book.hashes[number - 1] != digest:
            yield Violation(f"line {number}", "is not the one that the audit noted")

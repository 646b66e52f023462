"""Receipts as commands show them: read from the archive of receipts, by an enterprise's feed or by stream."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from domain.certificate import finding_data
from messages.receipts import Receipt, read
from store.database import Database

PAGE = 500  # receipts fetched at once
COLUMNS = ("feed", "time", "code", "状态", "meaning", "invoice", "certificate", "findings")


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt from the archive, and the SHA-256 (hex) of its bytes as they were sent."""

    receipt: Receipt
    sha256: str

    @property
    def data(self) -> dict[str, Any]:
        """As JSON-ready data: the keys that `coedi receipts --json` and `coedi send --json` promise."""
        r = self.receipt
        return {
            "feed_no": r.feed_no, "id": r.id, "stream": r.stream, "sequence": r.sequence,
            "code": r.code, "state": r.state, "zh": r.zh, "en": r.en, "at": r.at,
            "message_id": r.message_id, "invoice": r.invoice, "certificate_no": r.certificate_no,
            "document": asdict(r.document) if r.document else None,
            "findings": [finding_data(finding) for finding in r.findings], "body_sha256": self.sha256,
        }  # fmt: skip


def after(database: Database, enterprise: str, feed_no: int, limit: int | None = None) -> Iterator[Kept]:
    """The enterprise's receipts after `feed_no`, in the order of the feed; all there are, or `limit`."""
    while limit is None or limit > 0:
        count = PAGE if limit is None else min(PAGE, limit)
        rows = database.query("receipt_feed", enterprise=enterprise, since=feed_no, limit=count)
        for row in rows:
            kept = _kept(row[0])
            feed_no = kept.receipt.feed_no
            yield kept
        if len(rows) < count:
            return
        limit = None if limit is None else limit - len(rows)


def of_streams(database: Database, streams: Iterable[str]) -> dict[str, list[Kept]]:
    """Stream -> its receipts in order."""
    found: dict[str, list[Kept]] = {}
    for stream, body in database.query("stream_receipts", streams=sorted(set(streams))):
        found.setdefault(stream, []).append(_kept(body))
    return found


def cells(receipt: Receipt) -> tuple[object, ...]:
    """One line of the table with COLUMNS."""
    from console.terminal import when

    codes = " ".join(finding.code for finding in receipt.findings)
    return (receipt.feed_no, when(receipt.at), receipt.code, receipt.zh, receipt.en, receipt.invoice,
            receipt.certificate_no, codes or None)


def _kept(body: Any) -> Kept:
    return Kept(read(bytes(body)), hashlib.sha256(body).hexdigest())

"""What `coedi send --json` says of a file: the envelope as sent, and what became of each message."""

from typing import Any

from console.following import PARKED, REFUSED, Delivered, Followed
from console.receipt_feed import Kept, of_streams
from console.submission import Submission
from messages.application import extract
from store.database import Database


def as_sent(submission: Submission, confirmed: bool) -> dict[str, Any]:
    """What can be said without waiting: no states, no receipts."""
    envelope = submission.interchange
    return {
        "file": submission.file, "sha256": submission.sha256, "sent": confirmed,
        "interchange_id": envelope.id if envelope else None, "refusal": None, "findings": [],
        "messages": [
            _message(each.message_id, extract(each.element).invoice_key or None) for each in envelope.messages
        ] if envelope else [],
        "receipts": [],
    }  # fmt: skip


def as_followed(database: Database, submission: Submission, confirmed: bool, seen: Delivered | None) -> dict[str, Any]:
    """What the database knows of the file; as sent when it has not arrived."""
    report = as_sent(submission, confirmed)
    if seen is None:
        return report
    receipts = of_streams(database, seen.streams)
    ordered = sorted((kept for each in receipts.values() for kept in each), key=lambda kept: kept.receipt.feed_no)
    report |= {
        "interchange_id": seen.interchange_id or report["interchange_id"], "refusal": seen.refusal,
        "receipts": [kept.data for kept in ordered],
    }  # fmt: skip
    if seen.refusal is not None:
        return report | _refused_whole(report, seen, receipts.get(f"message:{seen.id}", []))
    handled = {message.position for message in seen.messages}
    waiting = [each for position, each in enumerate(report["messages"], 1) if position not in handled]
    return report | {"messages": [_followed(each, receipts) for each in seen.messages] + waiting}


def _message(message_id: str, invoice: str | None, state: str | None = None, **found: Any) -> dict[str, Any]:
    return {"message_id": message_id, "invoice": invoice, "state": state,
            "certificate_no": None, "document": None, "findings": []} | found


def _followed(message: Followed, receipts: dict[str, list[Kept]]) -> dict[str, Any]:
    """A message with the findings of its newest revision, and the document if there is one."""
    data = [kept for stream in message.streams for kept in receipts.get(stream, [])]
    revision = max((kept.receipt.revision or 0 for kept in data), default=0)
    newest = [kept.data for kept in data if (kept.receipt.revision or 0) in (0, revision)]
    documents = [each["document"] for each in newest if each["document"]]
    invoices = [each["invoice"] for each in newest if each["invoice"]]
    return _message(
        message.message_id, message.invoice or next(iter(invoices), None), message.state,
        certificate_no=message.certificate_no, document=documents[-1] if documents else None,
        findings=[finding for each in newest for finding in each["findings"]])


def _refused_whole(report: dict[str, Any], seen: Delivered, own: list[Kept]) -> dict[str, Any]:
    findings = [finding for kept in own for finding in kept.data["findings"]]
    state = PARKED if seen.refusal == PARKED else REFUSED
    messages = [each | {"state": state, "findings": findings} for each in report["messages"]]
    return {"messages": messages, "findings": [] if messages else findings}

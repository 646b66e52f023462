"""Outbox rows as the database returns them."""

from typing import Any

from domain.branch import is_branch
from store.work import OutboxRow


def repeat_row(row: Any) -> OutboxRow:
    """An old receipt to its party again; columns of `newest_receipts`: what it answers, then the receipt's."""
    return OutboxRow(
        key="", kind="receipt", destination="branch" if is_branch(row[4]) else "enterprise", address=row[4], repeat=True,
        receipt=row[1], stream=row[2], sequence=row[3], feed_no=row[5], code=row[6], correlation=row[7], state=row[8],
        body=bytes(row[9]), at=row[10])


def claimed_row(row: Any) -> OutboxRow:
    """A claimed row with what has to be published; columns of `outbox_rows`."""
    return OutboxRow(
        key=row[0], kind=row[1], destination=row[2], address=row[3], repeat=row[4], certificate=row[5], version=row[6],
        stage=row[7], receipt=row[8], stream=row[9], sequence=row[10], feed_no=row[11], code=row[12], correlation=row[13],
        state=row[14], body=bytes(row[15]) if row[15] is not None else b"", at=row[16])

"""What the demo's firms and branches take from their receipt queues."""

from collections.abc import Iterable
from pathlib import Path

from console.demo_pipeline import DemoPipeline
from domain.branch import is_branch
from messages.receipts import Receipt, read
from pipeline.topology import Names


def receipt_queue(names: Names, party: str) -> str:
    """The queue of an enterprise or a branch; those of enterprises can be told by name, unlike real ones."""
    return names.branch_queue(party) if is_branch(party) else f"{names.prefix}receipts.{party}.demo"


class Mail:
    """Receipts as they were taken, each written below `folder`: one file an addressee and number.

    receipts: every delivery, but for the copies that branches get of their enterprises' receipts; newest: SHA-256 of a
    delivery -> the newest receipt about the certificate or filing that came of it, copies included.
    """

    def __init__(self, on: DemoPipeline, names: Names, folder: Path) -> None:
        self._on, self._names, self._folder = on, names, folder
        self.receipts: list[Receipt] = []
        self.newest: dict[str, Receipt] = {}

    def fetch(self, parties: Iterable[str]) -> None:
        """Take what waits in the queues of these enterprises and branches."""
        for party in parties:
            for delivery in self._on.drain(receipt_queue(self._names, party), 100_000, 0.2):
                self._keep(party, delivery.body)

    def _keep(self, party: str, body: bytes) -> None:
        receipt = read(body)
        if receipt.version and receipt.delivery_sha256:
            known = self.newest.get(receipt.delivery_sha256)
            if known is None or (known.version or 0) < receipt.version:
                self.newest[receipt.delivery_sha256] = receipt
        if receipt.enterprise == party:
            folder = self._folder / party
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{receipt.feed_no:06d}-{receipt.code}.xml").write_bytes(body)
            self.receipts.append(receipt)

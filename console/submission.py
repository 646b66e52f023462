"""Files on their way to the inbox: read, hashed, published as an enterprise or a branch, each confirmed by the broker."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from console.broker_accounts import branch_file, enterprise_file
from console.credentials import CredentialFile
from console.settings import Settings
from domain.branch import is_branch
from domain.errors import BrokerGone, QueueGone
from domain.finding import Finding
from messages.interchange import Interchange, read
from messages.parsing import parse
from pipeline.amqp_url import with_credentials
from pipeline.identity import new_id
from pipeline.rabbit import RabbitPublisher, depths
from pipeline.topology import Names
from pipeline.transport import Outgoing

_DEADLINE = 30.0  # seconds for the broker to confirm; a megabyte more gives a second more


@dataclass(frozen=True, slots=True)
class Submission:
    """One file. interchange: what its envelope says; None when it cannot be read, which the gateway will answer."""

    file: str
    body: bytes
    sha256: str
    interchange: Interchange | None

    @property
    def count(self) -> int:
        """How many answers to wait for: its messages, or the one refusal of the whole."""
        return len(self.interchange.messages) if self.interchange else 1


def load(file: Path) -> Submission:
    """The file with its hash and its envelope; raises OSError when it cannot be read."""
    body = file.read_bytes()
    root = parse(body, frozenset({"utf-8", "gb18030"}))
    envelope = None if isinstance(root, Finding) else read(root)
    return Submission(
        str(file), body, hashlib.sha256(body).hexdigest(), envelope if isinstance(envelope, Interchange) else None)


def password_file(settings: Settings, sender: str) -> CredentialFile:
    """Where the password of a sender is kept: a branch by its code of six characters, or an enterprise."""
    return branch_file(settings, sender) if is_branch(sender) else enterprise_file(settings, sender)


def login(settings: Settings, sender: str) -> str:
    """The broker's address with the sender's own account if its password is kept here, else COEDI_AMQP_URL."""
    held = password_file(settings, sender).read()
    return with_credentials(settings.amqp_url, held.user, held.password) if held else settings.amqp_url


def submit(settings: Settings, sender: str, exchange: str, files: Sequence[Submission]) -> list[bool]:
    """Publish the files; whether the broker has each of them for certain.

    Raises BrokerGone when it has none, QueueGone when the exchange or the inbox behind it does not exist.
    """
    publisher = RabbitPublisher(login(settings, sender))
    try:
        deadline = _DEADLINE + sum(len(each.body) for each in files) / 1_000_000
        outcome = publisher.publish([_outgoing(number, exchange, each) for number, each in enumerate(files)], deadline)
    finally:
        publisher.close()
    if not outcome.confirmed:
        raise _why(settings, exchange, refused=bool(outcome.refused))
    return [number in set(outcome.confirmed) for number in range(len(files))]


def _outgoing(key: int, exchange: str, submission: Submission) -> Outgoing:
    return Outgoing(
        key, exchange, "", submission.body, message_id=str(new_id()), type="interchange", timestamp=datetime.now(UTC))


def _why(settings: Settings, exchange: str, refused: bool) -> BrokerGone | QueueGone:
    """Why nothing was confirmed. A returned message has no queue to go to: the inbox is missing, or a binding."""
    inbox = Names(settings.prefix).inbox
    if inbox not in depths(settings.amqp_url, [inbox]):
        return QueueGone(f"nothing was sent: the inbox {inbox} does not exist; run: coedi topology apply")
    if refused:
        return BrokerGone(
            f"nothing was sent: RabbitMQ refused it: the inbox {inbox} is full, exchange {exchange} does not exist "
            "(run: coedi topology apply), or this account may not publish to it")
    return BrokerGone(
        "RabbitMQ did not confirm within the time; the files may or may not have arrived: send them again, "
        "what is there already is answered and not done twice")

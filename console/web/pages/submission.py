"""The second door: an enterprise sends interchanges, and fetches its receipts and documents, by HTTP with its key.

What is sent is published to the enterprise's own exchange, as its AMQP account would do it: from there on the way is the
same, and so are the gates and the receipts. It is accepted when the broker has confirmed it, and not before.
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from console.web.asking import ENTERPRISE, Ask, Done, Field, File, House, Later, Route, View
from domain.certificate import Document
from domain.errors import BadDocument, BrokerGone, Refusal, UnknownThing
from domain.finding import Finding
from messages.gates import MAX_BYTES
from messages.receipts import Receipt, read
from pipeline.identity import new_id
from pipeline.transport import Outgoing, Publisher
from print_worker.folder import Folder
from store.operations import newest_feed, own_document, own_receipt, own_receipts
from store.registry import exchange_of

XML = ("application/xml", "text/xml")
CONFIRM_SECONDS = 5.0  # the broker may take so long to confirm; a request waits with a database connection in hand
AT_ONCE = 4  # ... so only half of them may be waiting
LONGEST_WAIT = 20  # seconds that a question for receipts may be kept open


@dataclass(frozen=True, slots=True)
class Taken:
    """An interchange that the broker has. sha256: hex, of the bytes, named in its receipts; since: the newest receipt number before
    it; receipts: where its answers will be."""

    sha256: str
    size: int
    message: str
    since: int
    receipts: str


@dataclass(frozen=True, slots=True)
class Told:
    """A receipt. xml: the document as sent, "" unless asked for; body_sha256: hex, of its bytes."""

    feed_no: int
    id: str
    stream: str
    sequence: int
    code: str
    state: str | None
    zh: str
    en: str
    at: datetime
    delivery_sha256: str | None
    message_id: str | None
    invoice: str | None
    certificate_no: str | None
    document: Document | None
    findings: tuple[Finding, ...]
    body_sha256: str
    xml: str


@dataclass(frozen=True, slots=True)
class Feed:
    """Receipts in the order of their numbers, which have no gaps. next: what to ask with `since` the next time."""

    enterprise: str
    receipts: tuple[Told, ...]
    next: int


class Door:
    """The one publisher of this process, opened when first needed; it comes back by itself when the broker does."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._publisher: Publisher | None = None

    def send(self, message: Outgoing) -> None:
        """Returns when the broker has it; raises BrokerGone when that is not certain."""
        with self._place():
            publisher = self._opened()
            if not publisher.connected:
                raise _unsure("RabbitMQ is not reachable")
            outcome = publisher.publish([message], CONFIRM_SECONDS)
            if not outcome.confirmed:
                raise _unsure("RabbitMQ refused it" if outcome.refused else "RabbitMQ did not confirm it in time")

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=CONFIRM_SECONDS / 2):
            raise _unsure("too many are sending at this moment")
        try:
            yield
        finally:
            self._places.release()

    def _opened(self) -> Publisher:
        with self._lock:
            if self._publisher is None:
                try:
                    self._publisher = self._house.publisher()
                except BrokerGone as error:
                    structlog.get_logger("console").warning("no broker", error=str(error))
                    raise _unsure("RabbitMQ is not reachable") from error
            return self._publisher


def send(ask: Ask) -> Done:
    """Publish an interchange for the enterprise whose key this is."""
    number, exchange = exchange_of(ask.database, _enterprise(ask))
    since = newest_feed(ask.database, number)
    message = Outgoing(1, exchange, "", ask.body, str(new_id()), "interchange", datetime.now(UTC))
    _door(ask.house).send(message)
    taken = Taken(
        hashlib.sha256(ask.body).hexdigest(), len(ask.body), message.message_id, since, f"/api/v1/receipts?since={since}")
    return Done("", taken, status=202)


def receipts(ask: Ask) -> View | Later:
    """The enterprise's receipts after a number; waits for the first when there is none."""
    since, number = ask.given.get("since", 0), _enterprise(ask)
    bodies = own_receipts(ask.database, number, since, ask.given.get("limit", 100))
    if not bodies and ask.waited < ask.given.get("wait", 0):
        return Later()
    found = tuple(_told(read(body), body, ask.given["xml"]) for body in bodies)
    return View("", Feed(number, found, found[-1].feed_no if found else since))


def receipt(ask: Ask) -> File:
    """One receipt, byte for byte as it was sent."""
    body = own_receipt(ask.database, _enterprise(ask), ask.path["receipt"])
    if body is None:
        raise UnknownThing("there is no such receipt of yours", zh="没有此回执")
    return File(body, XML[0], f"{ask.path['receipt']}.xml")


def document(ask: Ask) -> File:
    """A finished document under the name that its receipt gives, its hash checked."""
    name = ask.path["name"]
    sha256 = own_document(ask.database, _enterprise(ask), name)
    if sha256 is None:
        raise UnknownThing("there is no such document of yours", zh="没有此文件")
    try:
        body = Folder(ask.house.settings.documents).read(name, sha256)
    except BadDocument as error:
        structlog.get_logger("console").error("bad document", error=str(error))
        raise Refusal("the document cannot be given out now; talk to your branch", zh="文件暂不可用，请联系分会") from error
    return File(body, "application/pdf", name.rpartition("/")[2])


def _enterprise(ask: Ask) -> str:
    if ask.person.enterprise is None:
        raise UnknownThing("only an enterprise's key may ask this", zh="仅限企业密钥")
    return ask.person.enterprise


def _door(house: House) -> Door:
    door: Door = house.remembered.setdefault("door", Door(house))  # of two at once one stays, and neither was opened
    return door


def _unsure(why: str) -> BrokerGone:
    """Not confirmed, so nothing is accepted: sending the same bytes again does no harm, whatever became of them."""
    return BrokerGone(
        f"nothing is accepted: {why}; the same bytes may be sent again safely, nothing is done twice",
        zh="未受理：消息服务未确认。可原样重发，不会重复处理")


def _told(r: Receipt, body: bytes, whole: bool) -> Told:
    return Told(
        r.feed_no, r.id, r.stream, r.sequence, r.code, r.state, r.zh, r.en, r.at, r.delivery_sha256, r.message_id, r.invoice,
        r.certificate_no, r.document, r.findings, hashlib.sha256(body).hexdigest(), body.decode() if whole else "")


ROUTES: tuple[Route, ...] = (
    Route("POST", "/interchanges", "interchange", send, ENTERPRISE, "发送报文（2 MiB以内的XML）",
          "Send an interchange, XML of at most 2 MiB", gives=Taken, page=False, raw=MAX_BYTES, takes=XML, status=202),
    Route("GET", "/receipts", "receipts", receipts, ENTERPRISE, "取回执（按编号顺序，可等待）",
          "Receipts in the order of their numbers; waits for the first if asked to", gives=Feed, page=False, fields=(
              Field("since", "integer", least=0, most=99_999_999_999, zh="此编号之后", en="after this number"),
              Field("limit", "integer", least=1, most=500, zh="最多份数", en="at most so many, 100 if not said"),
              Field("wait", "integer", least=0, most=LONGEST_WAIT, zh="无回执时等待秒数", en="seconds to wait when there is none"),
              Field("xml", "flag", zh="附回执原文", en="with the documents as sent"))),
    Route("GET", "/receipts/{receipt}", "receipt", receipt, ENTERPRISE, "回执原文", "A receipt as it was sent", page=False,
          gives_file=XML[0]),
    Route("GET", "/documents/{name:path}", "enterprise-document", document, ENTERPRISE, "证书文件", "A finished document",
          page=False, gives_file="application/pdf"),
)

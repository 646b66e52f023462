"""What certificates say, read again from the archive: by message, each delivery parsed once."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from lxml import etree

from domain.application import Application
from messages.catalog import kind_of
from messages.interchange import Interchange, Message, read
from messages.parsing import parse
from pipeline.cases import ANY_ENCODING
from store.database import Database
from store.desk import Delivered, delivered

LONGEST = 200_000  # characters of a source that a page shows


@dataclass(frozen=True, slots=True)
class Source:
    """A message's XML. text: at most LONGEST characters; cut: there is more, in the file."""

    text: str
    cut: bool


def applications(database: Database, messages: Iterable[UUID | None]) -> dict[UUID, Application]:
    """Message -> what it asks for; None is passed over."""
    found = delivered(database, {message for message in messages if message is not None})
    read_already: dict[UUID, Interchange] = {}
    contents: dict[UUID, Application] = {}
    for one in found:
        message = _message(one, read_already)
        kind = kind_of(message.kind)
        content = kind.extract(message.element) if kind else None
        if isinstance(content, Application):
            contents[one.message] = content
    return contents


def pretty(database: Database, message: UUID) -> Source:
    """The message alone, indented."""
    [one] = delivered(database, [message])
    element = _message(one, {}).element
    etree.indent(element)
    return _source(etree.tostring(element, encoding="unicode", with_tail=False))


def as_sent(database: Database, message: UUID) -> Source:
    """The delivery in which it came, as it was sent; bytes that are no text of its encoding are shown as such."""
    body = body_of(database, message)
    head = body[:200].lower()
    encoding = "gb18030" if b"gb18030" in head or b"gb2312" in head or b"gbk" in head else "utf-8"
    return _source(body.decode(encoding, "backslashreplace").replace("\r\n", "\n"))


def body_of(database: Database, message: UUID) -> bytes:
    """The bytes of the delivery in which a message came."""
    [one] = delivered(database, [message])
    return one.body


def _source(text: str) -> Source:
    return Source(text[:LONGEST], len(text) > LONGEST)


def _message(one: Delivered, known: dict[UUID, Interchange]) -> Message:
    if one.interchange not in known:
        root = parse(one.body, ANY_ENCODING)
        found = read(root) if isinstance(root, etree._Element) else root
        if not isinstance(found, Interchange):
            raise TypeError(f"archived interchange {one.interchange} can no longer be read: {found.code}")
        known[one.interchange] = found
    return known[one.interchange].messages[one.position - 1]

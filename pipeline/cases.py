"""Certificates with the content of their current revision, read again from the archived bytes."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from domain.certificate import Origin, finding_from
from messages.catalog import kind_of
from messages.interchange import Interchange, read
from messages.parsing import parse
from pipeline.stage import Case
from store.database import Database
from store.postgres import certificate_from

# what a partner's profile may allow; what we archived has passed it
ANY_ENCODING = frozenset({"utf-8", "gb18030"})


def cases_of(database: Database, ids: Iterable[UUID]) -> list[Case]:
    """These certificates with content and findings, in one query."""
    names = [str(identity) for identity in ids]
    if not names:
        return []
    return cases_from(database.query("cases", ids=names, with_body=True))


def cases_from(rows: Iterable[Any]) -> list[Case]:
    """Cases from the columns of the query `cases`; what follows these columns is passed over."""
    read_once = _Reader()
    return [_case(row, read_once) for row in rows]


class _Reader:
    """Parses each archived interchange of a batch once."""

    def __init__(self) -> None:
        self._read: dict[Any, Interchange] = {}

    def __call__(self, identity: Any, body: bytes) -> Interchange:
        if identity not in self._read:
            root = parse(body, ANY_ENCODING)
            interchange = read(root)  # type: ignore[arg-type] # it was parsed before it was archived as readable
            if not isinstance(interchange, Interchange):
                raise TypeError(f"archived interchange {identity} can no longer be read: {interchange.code}")
            self._read[identity] = interchange
        return self._read[identity]


def _case(row: Any, reader: _Reader) -> Case:
    """A case from the columns of the query `cases`."""
    message = reader(row[16], bytes(row[20])).messages[row[15] - 1]
    kind = kind_of(message.kind)
    if kind is None:
        raise TypeError(f"archived message {row[5]} is of the unknown kind {message.kind}")
    return Case(
        certificate_from(row[:14]), Origin(row[5], row[14], row[16], row[17], row[18]),
        kind.extract(message.element), message.element, tuple(finding_from(data) for data in row[21]), row[22])

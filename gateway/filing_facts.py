"""The filings 备案 that messages are about: named by number or id, or standing in the way of a new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from domain.certificate import Origin
from domain.filing import Filing
from store.database import Database
from store.postgres import filing_from


@dataclass(frozen=True, slots=True)
class Filed:
    """A filing as committed, and where its content came from."""

    filing: Filing
    origin: Origin


class Name(NamedTuple):
    """How a message names a filing: `text` is its number or our id. owner: only that enterprise's; branch: only that branch's;
    "" restricts nothing."""

    message: UUID
    kind: str
    text: str
    owner: str = ""
    branch: str = ""


class Subject(NamedTuple):
    """What a message files. changes: the filing that it stands for, None when it is new."""

    message: UUID
    kind: str
    enterprise: str
    subject: str
    changes: UUID | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the way of a new filing. live: the filing that has its subject; change: the change of the same filing
    that is under way; newest: the newest filing of the same subject, or of the same change."""

    live: Filing | None = None
    change: Filing | None = None
    newest: Filing | None = None

    @property
    def returned(self) -> Filing | None:
        """The filing that would be revised: back at the enterprise, and never approved."""
        back = self.newest and self.newest.state in ("RETURNED", "WITHDRAWN") and self.newest.number is None
        return self.newest if back else None


def named(database: Database, names: Sequence[Name]) -> dict[UUID, Filed]:
    """message -> the filing that it names, in one query; what is another's does not exist."""
    asked = [name for name in names if name.text]
    if not asked:
        return {}
    rows = database.query(
        "named_filings", message=[str(n.message) for n in asked], kind=[n.kind for n in asked],
        number=[n.text for n in asked], id=[str(identity) if (identity := _uuid(n.text)) else None for n in asked],
        enterprise=[n.owner for n in asked], branch=[n.branch for n in asked])
    return {row[0]: Filed(filing_from(row[1:]), Origin(row[7], row[17], row[18], row[19], row[20])) for row in rows}


def standings(database: Database, subjects: Sequence[Subject]) -> dict[UUID, Standing]:
    """message -> what stands in the way of the filing that it makes, in one query."""
    if not subjects:
        return {}
    rows = database.query(
        "standing_filings", message=[str(s.message) for s in subjects], kind=[s.kind for s in subjects],
        enterprise=[s.enterprise for s in subjects], subject=[s.subject for s in subjects],
        changes=[str(s.changes) if s.changes else None for s in subjects])
    found: dict[UUID, dict[str, Filing]] = {}
    for row in rows:
        found.setdefault(row[0], {})[row[1]] = filing_from(row[2:])
    return {message: Standing(**filings) for message, filings in found.items()}


def filed(database: Database, text: str) -> Filed | None:
    """The filing with this number or id, whoever's; None when there is none."""
    nobody = UUID(int=0)
    found = [named(database, [Name(nobody, kind, text)]).get(nobody) for kind in ("goods", "registration")]
    return next((one for one in found if one), None)


def change_of(filing: UUID) -> str:
    """The subject that a change holds beside its own: one change of a filing at a time."""
    return f"changes {filing}"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

"""Who reviews, and what a reviewer names in a shell: a certificate by id, number or invoice, a filing by number or id."""

from typing import TYPE_CHECKING
from uuid import UUID

from console.operator import actor
from domain.errors import UnknownThing

if TYPE_CHECKING:
    from store.database import Database


def who(reviewer: str | None) -> str:
    """Who decides: a name given, or the login name."""
    return (reviewer or "").strip() or actor().removeprefix("operator:")


def found(database: "Database", name: str) -> UUID:
    """The one certificate or filing; raises UnknownThing, and Refusal for several."""
    from gateway.filing_facts import filed
    from store.lookup import certificate

    filing = filed(database, name.strip())
    return filing.filing.id if filing else certificate(database, name).id


def one_of(database: "Database", name: str, kind: str) -> UUID:
    """The same of one kind: "certificate", "goods" or "registration"."""
    from gateway.filing_facts import filed

    if kind == "certificate":
        return found(database, name)
    filing = filed(database, name.strip())
    if filing is None or filing.filing.kind != kind:
        raise UnknownThing(f"there is no {kind} filing {name}; see: coedi review list --kind {kind}")
    return filing.filing.id

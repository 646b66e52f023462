"""What a page is made of: a Route in a table, a function from an Ask to an answer, and the answers there are.

A page is one file in `console/web/pages/` with a table `ROUTES` and a function for each row:

    def desk(ask: Ask) -> View:
        return View("desk.html", Desk(...))      # the same Desk is the JSON of /api/v1/...

The function is plain synchronous code; it runs in a thread with a database connection that is bound to the person's
branch. It says what is wrong by raising: UnknownThing (404), BadInput (422), Failure (503), every other Refusal (409).
Another branch's certificate is unknown, never forbidden.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from console.settings import Settings
from domain.errors import Refusal
from pipeline.transport import Publisher
from review_worker.policies import Policies, policies_of
from review_worker.policy import Policy
from store.database import Database
from store.people import Person, Session
from store.postgres import PostgresStore

# who may use a route: roles, or one of these
PUBLIC = frozenset({"(anybody)"})  # without signing in
SIGNED_IN = frozenset({"(signed in)"})  # any role
PENDING = frozenset({"(pending)"})  # signed in, also while a password or a second factor has to be set
ENTERPRISE = frozenset({"(enterprise)"})  # a program with an enterprise's key

REVIEWERS = frozenset({"reviewer", "senior-reviewer"})
SENIORS = frozenset({"senior-reviewer"})
REGISTRARS = frozenset({"registrar", "administrator"})
PRINT_CLERKS = frozenset({"print-clerk", "senior-reviewer"})
OPERATORS = frozenset({"operator", "administrator"})
ADMINISTRATORS = frozenset({"administrator"})
READERS = frozenset({"reviewer", "senior-reviewer", "registrar", "print-clerk", "operator", "auditor", "administrator"})


@dataclass(frozen=True, slots=True)
class Field:
    """One value of an address or a form.

    kind: text, lines (text with line breaks), integer, date (yyyy-mm-dd), uuid, flag, choice, texts (repeated), secret, file
    (bytes). longest: characters of text, bytes of a file; zh, en: its name for people.
    """

    name: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    longest: int = 200
    least: int = -(1 << 31)
    most: int = (1 << 31) - 1
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A page: a template and its data, a frozen dataclass (or a mapping), which the template finds as `it`."""

    template: str
    data: Any
    status: int = 200


@dataclass(frozen=True, slots=True)
class Done:
    """Something was done: a person goes on to the page `to` and is told `said` (zh, en); a program gets `data`."""

    to: str
    data: Any = None
    said: tuple[str, str] = ("", "")
    status: int = 200
    cookies: Mapping[str, str | None] = field(default_factory=dict)  # name -> value; None deletes


@dataclass(frozen=True, slots=True)
class File:
    """Bytes, or pieces of them, under a name that we made. keep: browsers may keep it for good: its address changes with it."""

    body: bytes | Iterator[bytes]
    media_type: str
    name: str = ""
    inline: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing to tell yet: the route is asked again in a moment, with `waited` grown, and holds no connection meanwhile."""


Answer = View | Done | File | Later


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the route table.

    path: Starlette's, "/certificates/{certificate:uuid}"; who: roles, or PUBLIC, SIGNED_IN ...; fields: of the query (GET) or the
    form (POST); gives: the dataclass of its data; api: also under /api/v1; raw: most bytes of a body that is taken as it is;
    takes: its media types, none: any; gives_file: the media type of a File; status: of success; repeats: open pages
    ask it again by themselves, which is no sign of a person; also: (status, dataclass) of Views
    with another one; zh, en: what it does.
    """

    method: str
    path: str
    name: str
    answer: "Callable[[Ask], Answer]"
    who: frozenset[str]
    zh: str
    en: str
    fields: tuple[Field, ...] = ()
    gives: type | None = None
    api: bool = True
    page: bool = True
    raw: int = 0
    longest: int = 64 * 1024
    takes: tuple[str, ...] = ()
    gives_file: str = ""
    status: int = 200
    also: tuple[tuple[int, type], ...] = ()
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody asks for. given: the route's fields that were sent, checked and converted; path: parts of the address.

    session: None for a program with a key; partial: htmx asks for a part of the page; body: of a raw route; waited: seconds
    since it was asked first.
    """

    route: Route
    person: Person
    session: Session | None
    path: Mapping[str, Any]
    given: Mapping[str, Any]
    database: Database
    house: "House"
    language: str = "zh"
    address: str = ""
    agent: str = ""
    card: str | None = None
    partial: bool = False
    body: bytes = b""
    query: str = ""
    waited: float = 0.0

    @property
    def store(self) -> PostgresStore:
        """The unit of work on this connection."""
        return PostgresStore(self.database)

    @property
    def policies(self) -> Policies:
        """Which review policy and calendar count for which branch: `.policy_for(branch)`. No statement while nothing changes."""
        return policies_of(self.database, self.house.builtin)

    @property
    def branch(self) -> str:
        """Whose rows are asked for: a branch's code, or "*" for head office. Every query of a page carries it."""
        return self.person.scope

    @property
    def who(self) -> str:
        """The person as claims and history name one: "1100B0/wang"."""
        return self.person.key

    def say(self, zh: str, en: str) -> str:
        """The text in the person's language."""
        return zh if self.language == "zh" else en

    def may(self, roles: frozenset[str]) -> bool:
        """Whether the person has one of these roles."""
        return bool(self.person.roles & roles)


@dataclass(frozen=True, slots=True)
class House:
    """What lasts as long as the process: settings, the key that seals secrets, and how bytes reach the broker.

    builtin: the review policy that counts where no other is activated (`Ask.policies` has them all);
    publisher: a new publisher on RabbitMQ, made when first needed; remembered: values that pages keep between requests, such
    as the broker's health.
    """

    settings: Settings
    keys: Any
    publisher: Callable[[], Publisher]
    builtin: Policy
    remembered: dict[str, Any] = field(default_factory=dict)


class BadInput(Refusal):
    """Something that was sent cannot be used. faults: field name -> (zh, en)."""

    def __init__(self, faults: Mapping[str, tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {en}" for name, (_, en) in faults.items()),
                         zh="；".join(f"{name}：{zh}" for name, (zh, _) in faults.items()))
        self.faults = faults

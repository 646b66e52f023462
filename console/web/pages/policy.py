"""审核策略: the policy that is in force, in words; the versions there are, and since when each is in force where."""

from dataclasses import dataclass
from datetime import datetime

from console.web.asking import READERS, Ask, Field, Route, View
from console.web.pages.policy_words import Section, sections
from domain.errors import UnknownThing
from review_worker.policies import BUILT_IN, Policies, policies
from review_worker.policy import load_policy, policy_text
from store.policies import in_force, stored_policies
from store.register_pages import Branch, branches
from store.rule_packs import read


@dataclass(frozen=True, slots=True)
class Version:
    """A policy that can be named. source: "built-in" or "database"; at, actor: when and by whom it was stored; places: the branches
    in which it is in force, "*" for all without a choice of their own."""

    version: str
    source: str
    at: datetime | None
    actor: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Activation:
    """What was put into force last. branch: "*" for all without one of their own; version: "built-in" for the built-in one."""

    branch: str
    version: str
    reason: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """A policy in words, and as it is written. branch: whose policy in force is shown; chosen: another version is looked at."""

    branch: str
    branches: tuple[Branch, ...]
    version: str
    in_force: str
    chosen: bool
    sections: tuple[Section, ...]
    text: str
    versions: tuple[Version, ...]
    activations: tuple[Activation, ...]


def policy(ask: Ask) -> View:
    """The policy in force in the branch, or one of another version."""
    book, branch = book_of(ask), branch_of(ask)
    current = book.policy_for(branch)
    shown = book.policy(ask.given["version"]) if ask.given.get("version") else current
    stored, forces = stored_policies(ask.database), in_force(ask.database)
    texts = {one.version: one.content for one in stored}
    seen = [one for one in forces if ask.branch == "*" or one.branch in (None, ask.branch)]
    places = {one.branch or "*": one.version or book.builtin.version for one in seen}
    places.setdefault("*", book.builtin.version)
    versions = (
        Version(book.builtin.version, "built-in", None, "", _places(places, book.builtin.version)),
        *(Version(one.version, "database", one.at, one.actor, _places(places, one.version)) for one in reversed(stored)))
    return View("policy.html", PolicyPage(
        branch, tuple(branches(ask.database)) if ask.branch == "*" else (), shown.version, current.version,
        shown.version != current.version, sections(shown), texts.get(shown.version) or policy_text(ask.house.settings.policy),
        versions, tuple(Activation(one.branch or "*", one.version or BUILT_IN, one.reason, one.at, one.actor) for one in seen)))


def book_of(ask: Ask) -> Policies:
    """The policies and calendars as this person may see them now."""
    return policies(read(ask.database), load_policy(ask.house.settings.policy))


def branch_of(ask: Ask) -> str:
    """The branch that is asked about: the person's own, or for head office the one that is named; raises UnknownThing."""
    named = str(ask.given.get("branch") or ask.person.branch).upper()
    if ask.branch not in ("*", named) or named not in {one.code for one in branches(ask.database)}:
        raise UnknownThing(f"there is no branch {named}", zh="没有该分会")
    return named


def _places(places: dict[str, str], version: str) -> tuple[str, ...]:
    return tuple(sorted(branch for branch, chosen in places.items() if chosen == version))


BRANCH = Field("branch", longest=6, zh="分会", en="branch")

ROUTES: tuple[Route, ...] = (
    Route("GET", "/policy", "policy", policy, READERS, "审核策略", "The review policy", (
        BRANCH, Field("version", longest=32, zh="版本", en="version")), PolicyPage),
)

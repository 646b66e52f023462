"""企业注册管理: the branch's enterprises, by number."""

from dataclasses import dataclass

from console.web.asking import REGISTRARS, REVIEWERS, Ask, Field, Route, View
from store.register_pages import EnterpriseRow, registry_page

ROWS = 50
READ_REGISTRY = REVIEWERS | REGISTRARS | frozenset({"auditor"})
_STATES = {"": None, "active": True, "off": False}


@dataclass(frozen=True, slots=True)
class RegistryPage:
    """A page of enterprises. starts: the beginning of a number, credit code or name; state: "active", "off", "" for both; next:
    `after` of the next page, "" on the last."""

    starts: str
    state: str
    rows: tuple[EnterpriseRow, ...]
    next: str
    everywhere: bool


def registry(ask: Ask) -> View:
    """Enterprises of the branch."""
    starts, state = ask.given.get("starts", ""), ask.given.get("state", "")
    rows = registry_page(ask.database, ask.branch, starts, _STATES[state], ask.given.get("after", ""), ROWS + 1)
    shown = tuple(rows[:ROWS])
    return View("registry.html", RegistryPage(starts, state, shown, shown[-1].no if len(rows) > ROWS else "", ask.branch == "*"))


ROUTES: tuple[Route, ...] = (
    Route("GET", "/registry", "registry", registry, READ_REGISTRY, "企业注册管理", "The enterprises on file", (
        Field("starts", longest=100, zh="注册号、信用代码或名称开头", en="beginning of a number, credit code or name"),
        Field("state", "choice", choices=("active", "off"), zh="启用", en="switched on"),
        Field("after", longest=18, zh="从何处起", en="where the page begins")), RegistryPage),
)

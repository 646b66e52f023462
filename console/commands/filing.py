"""`coedi filing` and `coedi registration`: what waits for a decision of the branch, and the decision, from the shell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from console import settings as configuration
from console import wiring
from console.commands.review_names import who
from console.operator import actor
from console.terminal import echo_json, table, when
from domain.errors import UnknownThing

if TYPE_CHECKING:
    from domain.filing import Filing
    from messages.filing_decision import FilingDecision

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_FILING = click.argument("name", metavar="FILING")
_VERSION = click.option("--version", type=int, required=True, help="The version you looked at, from list or show.")
_TOKEN = click.option("--token", type=int, help="Of the claim under which you looked at it, from `review claim --kind`.")
_REVIEWER = click.option("--as-reviewer", "reviewer", metavar="NAME", help="Who decides; default: the login name.")
_REASON = click.option("--reason", required=True, help="What the enterprise has to change; it reads this.")
_STATE = click.option("--state", default="", help="Only in this state: PENDING_REVIEW, APPROVED and so on.")
_BRANCH = click.option("--branch", default="", help="Only this branch's.")
_ENTERPRISE = click.option("--enterprise", default="", help="Only this enterprise's: registration number.")
_LIMIT = click.option("--limit", default=200, show_default=True, type=click.IntRange(1))
_CODE = click.option("--reason-code", default="", metavar="CODE", help="One of `coedi review reasons`.")
_HIDDEN = ("signature", "seal")  # specimens: bytes, not for a screen


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, under which claim, and with which reason code."""

    reviewer: str | None
    token: int | None
    code: str


@click.group()
def filing() -> None:
    """Goods filings 商品备案."""


@filing.command("list")
@_BRANCH
@_ENTERPRISE
@_STATE
@_LIMIT
@_JSON
def filing_list(branch: str, enterprise: str, state: str, limit: int, as_json: bool) -> None:
    """Goods filings, the longest unmoved first."""
    _list("goods", branch, enterprise, state, limit, as_json)


@filing.command("show")
@_FILING
@_JSON
def filing_show(name: str, as_json: bool) -> None:
    """Content and history of FILING (number or id)."""
    _show("goods", name, as_json)


@filing.command("approve")
@_FILING
@_VERSION
@click.option("--valid-to", default="", metavar="DATE", help="Last day, yyyy-mm-dd; default: the day wanted.")
@click.option("--note", default="", help="A remark for the history; the enterprise reads it.")
@_TOKEN
@_CODE
@_REVIEWER
@_JSON
def filing_approve(  # noqa: PLR0913 # an option each
    *, name: str, version: int, valid_to: str, note: str, token: int | None, reason_code: str, reviewer: str | None, as_json: bool
) -> None:
    """Approve FILING: it takes its number, and certificates may name it."""
    by = By(reviewer, token, reason_code)
    _decide("goods", _decision(name, version, "APPROVE", note, valid_to=valid_to), by, as_json)


@filing.command("return")
@_FILING
@_VERSION
@_REASON
@_TOKEN
@_CODE
@_REVIEWER
@_JSON
def filing_return(
    name: str, version: int, reason: str, token: int | None, reason_code: str, reviewer: str | None, as_json: bool
) -> None:
    """Return FILING to the enterprise."""
    _decide("goods", _decision(name, version, "RETURN", reason), By(reviewer, token, reason_code), as_json)


@click.group()
def registration() -> None:
    """Registrations 企业注册 and their changes."""


@registration.command("list")
@_BRANCH
@_ENTERPRISE
@_STATE
@_LIMIT
@_JSON
def registration_list(branch: str, enterprise: str, state: str, limit: int, as_json: bool) -> None:
    """Registrations, the longest unmoved first."""
    _list("registration", branch, enterprise, state, limit, as_json)


@registration.command("show")
@_FILING
@_JSON
def registration_show(name: str, as_json: bool) -> None:
    """Content and history of registration FILING (id); specimens are told by their size."""
    _show("registration", name, as_json)


@registration.command("approve")
@_FILING
@_VERSION
@click.option("--customs-code", "approved", multiple=True, metavar="CODE", help="Approve this customs code; may be repeated.")
@click.option("--refuse-customs-code", "refused", multiple=True, metavar="CODE", help="Refuse this one; may be repeated.")
@click.option("--note", default="", help="A remark for the history; the enterprise reads it.")
@_TOKEN
@_CODE
@_REVIEWER
@_JSON
def registration_approve(  # noqa: PLR0913 # as above
    *, name: str, version: int, approved: tuple[str, ...], refused: tuple[str, ...], note: str, token: int | None, reason_code: str,
    reviewer: str | None, as_json: bool,
) -> None:
    """Approve registration FILING: what it says stands in the register. Customs codes that are not named stay pending."""
    by = By(reviewer, token, reason_code)
    _decide("registration", _decision(name, version, "APPROVE", note, approved=approved, refused=refused), by, as_json)


@registration.command("return")
@_FILING
@_VERSION
@_REASON
@_TOKEN
@_CODE
@_REVIEWER
@_JSON
def registration_return(
    name: str, version: int, reason: str, token: int | None, reason_code: str, reviewer: str | None, as_json: bool
) -> None:
    """Return registration FILING to the enterprise."""
    _decide("registration", _decision(name, version, "RETURN", reason), By(reviewer, token, reason_code), as_json)


COMMANDS: dict[str, click.Command] = {"filing": filing, "registration": registration}


def _decision(
    name: str, version: int, what: str, reason: str, *, valid_to: str = "", approved: Sequence[str] = (),
    refused: Sequence[str] = (),
) -> "FilingDecision":
    from messages.filing_decision import FilingDecision

    if what == "RETURN" and not reason.strip():
        raise click.UsageError("--reason must not be empty")
    return FilingDecision(
        name.strip(), str(version), what, reason=reason, valid_to=valid_to, approved=tuple(approved), refused=tuple(refused))


def _list(kind: str, branch: str, enterprise: str, state: str, limit: int, as_json: bool) -> None:
    from dataclasses import asdict

    from store.filings import listed

    database = wiring.database(configuration.load(), name="coedi filing")
    rows = listed(database, kind, branch, enterprise, state, limit)
    database.close()
    if as_json:
        echo_json({"filings": [asdict(row) for row in rows]})
    elif rows:
        columns = ("filing", "version", "number", "enterprise", "branch", "state", "goods", "valid to", "since")
        table("goods filings 商品备案" if kind == "goods" else "registrations 企业注册", columns, [
            (row.id, row.version, row.number, f"{row.enterprise} {row.name_zh}", row.branch, row.state,
             f"{row.certificate_type} {row.hs6} {row.goods}" if kind == "goods" else None, row.valid_to, when(row.changed_at))
            for row in rows])
    else:
        click.echo("there are none")


def _show(kind: str, name: str, as_json: bool) -> None:
    from gateway.filing_facts import filed

    database = wiring.database(configuration.load(), name="coedi filing")
    found = filed(database, name.strip())
    if found is None or found.filing.kind != kind:
        raise UnknownThing(f"there is no such filing: {name}; see: coedi {'filing' if kind == 'goods' else 'registration'} list")
    names = ("version", "revision", "event", "state", "actor", "at", "detail")
    history = [dict(zip(names, row, strict=True)) for row in database.query("filing_history", id=found.filing.id)]
    database.close()
    data = _data(found.filing) | {"content": _readable(found.filing.content), "history": history}
    if as_json:
        echo_json(data)
        return
    content, _ = data.pop("content"), data.pop("history")
    table(f"filing {found.filing.id}", ("", ""), list(data.items()))
    table("content 内容", ("", ""), [(key, _words(value)) for key, value in content.items() if value])
    table("history 历史", ("version", "state", "by", "at", "why"), [
        (line["version"], line["state"], line["actor"], when(line["at"]), "\n".join(_why(line["detail"]))) for line in history])


def _why(detail: dict[str, Any]) -> list[str]:
    """Reasons and findings of a line of history, in words."""
    found = [f"{one['code']}: {one['zh']} / {one['en']}" for one in detail.get("findings", ())]
    return [*detail.get("reasons", ()), *found]


def _decide(kind: str, value: "FilingDecision", by: By, as_json: bool) -> None:
    from gateway.filing_decisions import Person, decide_by_person
    from review_worker.reasons import reason
    from store.postgres import PostgresStore

    event = "return" if value.decision == "RETURN" else "approve"
    coded = (str(reason(event, kind, by.code)),) if by.code else ()
    named = f"reviewer:{by.reviewer}" if by.reviewer else actor()
    database = wiring.database(configuration.load(), name="coedi filing")
    moved = decide_by_person(PostgresStore(database), kind, value, Person(named, who(by.reviewer), by.token, coded))
    database.close()
    if as_json:
        echo_json(_data(moved))
        return
    state = moved.lifecycle_state
    number = f", number {moved.number}" if moved.number else ""
    click.echo(f"{moved.id} of {moved.enterprise}: now {state.code} {state.zh} / {state.en}{number}, version {moved.version}")


def _data(filing: "Filing") -> dict[str, Any]:
    return {
        "id": filing.id, "kind": filing.kind, "number": filing.number, "enterprise": filing.enterprise, "branch": filing.branch,
        "state": filing.state, "version": filing.version, "revision": filing.revision,
        "certificate_type": filing.certificate_type, "hs6": filing.hs6, "valid_to": filing.valid_to, "replaces": filing.replaces,
    }


def _readable(value: Any) -> Any:
    """Content without the bytes of specimens: how many characters of base64 there are instead."""
    if isinstance(value, dict):
        return {key: f"{len(part)} base64 characters" if key in _HIDDEN and part else _readable(part)
                for key, part in value.items()}
    return [_readable(part) for part in value] if isinstance(value, list) else value


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(_words(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items() if part not in ("", None))
    return str(value)

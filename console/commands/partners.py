"""`coedi branch` and `coedi enterprise`: the register of partners, and their accounts on the broker."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from console import partner_arguments as arguments
from console import settings as configuration
from console import terminal
from domain.branch import Branch
from domain.registry import EnterpriseRecord

if TYPE_CHECKING:
    from console.broker_accounts import BrokerAccount
    from console.credentials import Credentials
    from store.database import Database
    from store.registry import Partner

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_ROTATE = click.option("--rotate", is_flag=True, help="Make a new password first; the old one stops working.")

# lists of `enterprise show` -> their headings
_LISTS = {
    "signatories": "Signatories 手签员", "operators": "Operators 制单员", "customs_codes": "Customs codes 海关编码",
    "numbers": "Certificate numbers 证书号", "goods_filings": "Goods filings 商品备案",
}  # fmt: skip


@click.group()
def branch() -> None:
    """Branches of the issuing body 贸促会分会."""


@branch.command("add")
@click.argument("code", callback=arguments.branch_code)
@click.option("--name-zh", required=True, help="Chinese name.")
@click.option("--name-en", required=True, help="English name.")
@click.option("--place", required=True, help='What box 12 prints as the place, "BEIJING, CHINA".')
@click.option("--contact", default="", help="What box 12 prints as address and telephone.")
def branch_add(code: str, name_zh: str, name_en: str, place: str, contact: str) -> None:
    """Add branch CODE with its exchange, queue and broker account, or change its texts."""
    from console.provisioning import add_branch

    with _Registry() as (settings, database):
        made = add_branch(settings, database, Branch(code, name_zh, name_en, place, contact))
    click.echo(f"branch {code} {name_zh} / {name_en} is on file")
    _say_where(f"coedi branch credentials {code}", made)


@branch.command("list")
@_JSON
def branch_list(as_json: bool) -> None:
    """All branches."""
    from store.registry import branches

    with _Registry() as (_, database):
        rows = branches(database)
    if as_json:
        terminal.echo_json({"branches": [asdict(each) for each in rows]})
    else:
        terminal.table("Branches 分会", ("code", "名称", "name", "place", "contact"),
                       [(b.code, b.name_zh, b.name_en, b.place, b.contact) for b in rows])


@branch.command("credentials")
@click.argument("code", callback=arguments.branch_code)
@_JSON
@_ROTATE
def branch_credentials(code: str, as_json: bool, rotate: bool) -> None:
    """How the systems of branch CODE log in, where they send and where their receipts are."""
    from console.broker_accounts import of_branch
    from console.operator import record
    from console.provisioning import has_branch
    from domain.errors import UnknownThing
    from pipeline.topology import Names

    with _Registry() as (settings, database):
        if not has_branch(database, code):
            raise UnknownThing(f"there is no branch {code}; see: coedi branch list")
        account = of_branch(settings, code)
        held = account.rotate() if rotate else _held(account, f"coedi branch credentials {code}")
        if rotate:
            record(database, "branch.rotate", code, user=account.user)
    exchange = Names(settings.prefix).branch_exchange(code)
    _show_login({"amqp_url": account.url(held), "exchange": exchange, "receipt_queue": account.queue}, as_json)


@click.group()
def enterprise() -> None:
    """Enterprises 企业: partners that send messages and read their receipts."""


@enterprise.command("add")
@click.argument("no", callback=arguments.enterprise_number)
@click.option("--branch", "branch_code", required=True, callback=arguments.branch_code, help="Its branch.")
@click.option("--name-zh", required=True, help="Registered Chinese name.")
@click.option("--name-en", required=True, help="Registered English name.")
@click.option("--customs-code", default="", help="Customs code 海关编码.", callback=arguments.customs_code)
@click.option("--credit-code", default="", help="Unified social credit code 统一社会信用代码.",
              callback=arguments.credit_code)
@click.option("--signatory", "signatories", multiple=True, callback=arguments.signatories, metavar="CODE=NAME",
              help="A signatory 手签员, 01=李文博; may be repeated.")
@click.option("--print-seal", is_flag=True, help="Seal and signature images are on file.")
@click.option("--local-print", is_flag=True, help="Authorised to print by itself 自主打印.")
def enterprise_add(no: str, branch_code: str, credit_code: str, print_seal: bool, **fields: Any) -> None:
    """Add enterprise NO with exchange, receipt queue and broker account; or change what is on file, or re-admit it."""
    from console.provisioning import add_enterprise

    record = EnterpriseRecord(no, branch_code, print_seal_ready=print_seal, **fields)
    with _Registry() as (settings, database):
        made = add_enterprise(settings, database, record, credit_code)
    click.echo(f"enterprise {no} {record.name_zh} / {record.name_en} is on file")
    _say_where(f"coedi enterprise credentials {no}", made)


@enterprise.command("list")
@_JSON
def enterprise_list(as_json: bool) -> None:
    """All enterprises."""
    from store.registry import partners

    with _Registry() as (_, database):
        rows = partners(database)
    if as_json:
        terminal.echo_json({"enterprises": [_partner_data(each) for each in rows]})
    else:
        terminal.table("Enterprises 企业", ("number", "branch", "名称", "name", "active"),
                       [(p.no, p.branch, p.name_zh, p.name_en, "yes" if p.active else "no") for p in rows])


@enterprise.command("show")
@click.argument("no", callback=arguments.enterprise_number)
@_JSON
def enterprise_show(no: str, as_json: bool) -> None:
    """What is on file about enterprise NO: its whole registration, number counters and goods filings."""
    from store.registry import partner, registration

    with _Registry() as (_, database):
        found = partner(database, no)
        data = _partner_data(found) | registration(database, found.no)
    if as_json:
        terminal.echo_json(data)
        return
    lists = {key: data.pop(key) for key in _LISTS}
    active = {} if data["registered_at"] else {"registered_at": "not activated: no registration was approved"}
    terminal.table(f"{data['no']} {data['name_zh']}", ("", ""), [(key, _shown(value)) for key, value in (data | active).items()])
    for key, rows in lists.items():
        if rows:
            terminal.table(f"\n{_LISTS[key]}", tuple(rows[0]), [tuple(map(_shown, row.values())) for row in rows])


@enterprise.command("credentials")
@click.argument("no", callback=arguments.enterprise_number)
@_JSON
@_ROTATE
def enterprise_credentials(no: str, as_json: bool, rotate: bool) -> None:
    """How enterprise NO logs in, where it sends and where its receipts are."""
    from console.broker_accounts import of_enterprise
    from console.operator import record
    from domain.errors import NotAllowed
    from store.registry import partner

    with _Registry() as (settings, database):
        found = partner(database, no)
        if not found.active:
            raise NotAllowed(f"enterprise {found.no} is revoked; to re-admit it: coedi enterprise add {found.no} ...")
        account = of_enterprise(settings, found)
        held = account.rotate() if rotate else _held(account, f"coedi enterprise credentials {found.no}")
        if rotate:
            record(database, "enterprise.rotate", found.no, user=account.user)
    _show_login(
        {"amqp_url": account.url(held), "exchange": found.exchange, "receipt_queue": found.receipt_queue}, as_json)


@enterprise.command("revoke")
@click.argument("no", callback=arguments.enterprise_number)
def enterprise_revoke(no: str) -> None:
    """Switch enterprise NO off: its messages are refused, its broker account is deleted, its data stays."""
    from console.provisioning import revoke_enterprise
    from store.registry import partner

    with _Registry() as (settings, database):
        found = partner(database, no)
        revoke_enterprise(settings, database, found)
    click.echo(f"enterprise {found.no} {found.name_zh} is revoked; its certificates and receipts stay")


@enterprise.command("number")
@click.argument("no", callback=arguments.enterprise_number)
@click.option("--next", "first", required=True, type=click.IntRange(1, 99_999), help="Serial of the next certificate.")
@click.option("--letter", default="C", show_default=True, help="Type letter of the numbers.")
@click.option("--year", type=click.IntRange(2000, 2999), help="Four digits; this year if not given.")
def enterprise_number(no: str, first: int, letter: str, year: int | None) -> None:
    """Let the certificate numbers of enterprise NO go on from a replaced system's; refused once one was taken here."""
    from console.operator import record
    from store.registry import partner, set_first_number

    with _Registry() as (_, database):
        found = partner(database, no)
        year = set_first_number(database, found.no, letter.upper(), year, first)
        record(database, "enterprise.number", found.no, letter=letter.upper(), year=year, first=first)
    click.echo(f"the next certificate of {found.no} in {year} takes serial {first}")


COMMANDS: dict[str, click.Command] = {"branch": branch, "enterprise": enterprise}


class _Registry:
    """Settings and a connected database, closed at the end."""

    def __enter__(self) -> "tuple[configuration.Settings, Database]":
        from console.wiring import database

        settings = configuration.load()
        self._database = database(settings)
        return settings, self._database

    def __exit__(self, *_: object) -> None:
        self._database.close()


def _held(account: "BrokerAccount", command: str) -> "Credentials":
    from domain.errors import UnknownThing

    held = account.file.read()
    if held is None:
        raise UnknownThing(f"no password of {account.user} is kept here; to make a new one: {command} --rotate")
    return held


def _say_where(command: str, made: bool) -> None:
    if made:
        click.echo(f"its credentials: {command} --json")
    else:
        click.echo(f"its broker account stays as it is; for a new password: {command} --rotate --json")


def _show_login(data: dict[str, str], as_json: bool) -> None:
    if as_json:
        terminal.echo_json(data)
    else:
        terminal.table("", ("", ""), list(data.items()))


def _shown(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return terminal.when(value)
    return " ".join(value) if isinstance(value, list) else value


def _partner_data(partner: "Partner") -> dict[str, Any]:
    return {
        "no": partner.no, "credit_code": partner.credit_code or None, "branch": partner.branch,
        "name_zh": partner.name_zh, "name_en": partner.name_en, "customs_code": partner.customs_code or None,
        "active": partner.active, "exchange": partner.exchange, "receipt_queue": partner.receipt_queue,
    }  # fmt: skip

"""`coedi rules`: the rules of a pack, the packs and what sets them apart; trials, activation and grades stand in `rule_changes`."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console import settings as configuration
from console import wiring
from console.commands import rule_changes
from console.terminal import echo_json, table

if TYPE_CHECKING:
    from store.database import Database
    from validators.rule_pack import Pack
    from validators.rulebook import Rulebook

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_SHIPPED = click.option("--shipped", "only_shipped", is_flag=True, help="Only those that come with coedi; needs no database.")


class Rules(click.Group):
    """A group whose first word may be left out: `rules --json` is `rules list --json`."""

    left_out = "list"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the word where it was left out."""
        if not args or (args[0].startswith("-") and args[0] not in ("-h", "--help")):
            args = [self.left_out, *args]
        return super().parse_args(ctx, args)


@click.group("rules", cls=Rules)
def rules() -> None:
    """The validation rules, the packs they come in, and what branches set otherwise."""


@rules.command("list")
@click.option("--pack", "version", metavar="VERSION", help="Of this pack; default: the newest that is shipped.")
@click.option("--branch", metavar="CODE", help="With the severities that this branch applies.")
@_JSON
@click.option("--markdown", "as_markdown", is_flag=True, help="The page of the documentation.")
def list_(version: str | None, branch: str | None, as_json: bool, as_markdown: bool) -> None:
    """The validation rules: code, severity, field, what they find."""
    _list(_chosen(version, branch), branch, as_json, as_markdown)


@rules.command("packs")
@_SHIPPED
@_JSON
def packs(only_shipped: bool, as_json: bool) -> None:
    """The rule packs, and from which document date each decides."""
    from validators.rulebook import rulebook

    book = rulebook() if only_shipped else _book(_database())
    rows = [_pack_data(pack) for pack in book.packs.values()]
    schedule = _schedule(book)
    if as_json:
        echo_json({"packs": rows, "schedule": schedule, "shadow": book.shadow.version if book.shadow else None})
        return
    table("rule packs", ("version", "from", "rules", "types", "replaces", "SHA-256"), [
        (row["version"], row["source"], row["rules"], " ".join(row["types"] or ["all"]), row["replaces"], row["sha256"][:16])
        for row in rows])
    table("by document date", ("from", "to", "pack"), [tuple(row.values()) for row in schedule])
    if book.shadow:
        click.echo(f"on trial: {book.shadow.version}")


@rules.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@_JSON
def diff(old: str, new: str, as_json: bool) -> None:
    """What pack B changes against A; each a version or a file."""
    from validators.pack_diff import difference

    data = difference(_named(old), _named(new))
    if as_json:
        echo_json(data)
        return
    lines = [f"added    {code}" for code in data["added"]] + [f"removed  {code}" for code in data["removed"]]
    lines += [f"severity {one['code']}  {one['from']} -> {one['to']}" for one in data["severities"]]
    lines += [f"param    {one['name']}  {_short(one['from'])} -> {_short(one['to'])}" for one in data["parameters"]]
    lines += [f"text     {one['code']}.{one['field']}  {one['from']} -> {one['to']}" for one in data["texts"]]
    if data["types"]["from"] != data["types"]["to"]:
        before, after = (" ".join(data["types"][end] or ["all"]) for end in ("from", "to"))
        lines.append(f"types    {before} -> {after}")
    click.echo("\n".join(lines) or f"{data['from']} and {data['to']} decide alike")


for _command in rule_changes.SUBCOMMANDS:
    rules.add_command(_command)
COMMANDS: dict[str, click.Command] = {"rules": rules}


def _chosen(version: str | None, branch: str | None) -> "Pack":
    """The pack to list, as the branch applies it; the database is asked only for what is not shipped."""
    from validators.pack import current_pack

    if branch is None:
        return _named(version) if version else current_pack()
    database = _database()
    rule_changes.must_exist(database, branch)
    book = _book(database)
    in_force = book.pack_for(database.query("today")[0][0])
    pack = book.pack(version) if version else in_force
    return book.for_branch(pack, branch)


def _named(name: str) -> "Pack":
    """A pack by version, or one in a file."""
    from validators.pack import shipped

    if name.endswith(".toml") and Path(name).is_file():
        return rule_changes.pack_in(Path(name))[0]
    found = next((pack for pack in shipped() if pack.version == name), None)
    return found or _book(_database()).pack(name)


def _list(pack: "Pack", branch: str | None, as_json: bool, as_markdown: bool) -> None:
    from validators.catalogue import markdown, rows
    from validators.pack import text_of

    listed = [row | {"original": str(text_of(row["code"]).severity) if row["code"] in pack.graded else None} for row in rows(pack)]
    if as_json:
        click.echo(json.dumps({"pack": pack.version, "branch": branch, "rules": listed}, ensure_ascii=False, indent=2))
    elif as_markdown:
        click.echo(markdown(pack), nl=False)
    else:
        for row in listed:
            changed = f"  (was {row['original']})" if row["original"] else ""
            click.echo(f"{row['code']}  {row['severity']:<6}  {row['field'] or '-':<12}  {row['zh']} / {row['en']}{changed}")


def _pack_data(pack: "Pack") -> dict[str, Any]:
    from validators.pack import shipped
    from validators.shipping import pack_digest

    return {
        "version": pack.version, "source": "shipped" if pack in shipped() else "database", "rules": len(pack.rules),
        "types": sorted(pack.types) if pack.types else None, "replaces": pack.replaces, "sha256": pack_digest(pack),
    }  # fmt: skip


def _schedule(book: "Rulebook") -> list[dict[str, date | str | None]]:
    """From when to when each pack decides, by document date."""
    begins = [*(begin for begin, _ in book.schedule[1:]), None]
    return [
        {"valid_from": begin, "valid_to": later - timedelta(days=1) if later else None, "version": version}
        for (begin, version), later in zip(book.schedule, begins, strict=True)]


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _database() -> "Database":
    return wiring.database(configuration.load(), name="coedi rules")


def _book(database: "Database") -> "Rulebook":
    from store.rule_packs import read
    from validators.rulebook import rulebook

    return rulebook(read(database))

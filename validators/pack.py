"""Which rules there are, and which rule packs are shipped: one file each under `packs/`, each in force from a day to a day."""

from datetime import date
from functools import cache
from importlib.resources import files

from domain.application import Application
from domain.errors import UnknownThing
from validators.pack_file import read
from validators.reading import day
from validators.rule import Rule
from validators.rule_pack import Pack
from validators.rules import (
    amendments,
    amounts,
    characters,
    criteria,
    endings,
    endorsements,
    filings,
    goods,
    identity,
    intake,
    invoices,
    items,
    marks,
    members,
    packages,
    parties,
    pictures,
    printing,
    producers,
    quantities,
    routes,
    submission,
    transport,
)

__all__ = ["Pack", "all_rules", "current_pack", "document_day", "pack", "pack_for", "shipped", "text_of"]


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule that there is, by id, in the order of their ids."""
    topics = (
        intake, identity, characters, amounts, parties, members, producers, transport, routes, marks, goods, items, packages,
        endings, quantities, criteria, filings, invoices, endorsements, amendments, pictures, submission, printing,
    )  # fmt: skip
    rules = [rule for topic in topics for rule in topic.RULES]
    return {rule.id: rule for rule in sorted(rules, key=lambda rule: rule.id)}


@cache
def shipped() -> tuple[Pack, ...]:
    """The packs that come with coedi, the oldest first."""
    folder = files("validators").joinpath("packs")
    packs = [
        read(file.read_text(encoding="utf-8"), all_rules(), file.name)
        for file in folder.iterdir() if file.name.endswith(".toml") and file.name != "shipped.toml"]
    return tuple(sorted(packs, key=lambda pack: pack.valid_from or date.min))


def pack_for(on: date) -> Pack:
    """The shipped pack in force on this day, a document's date: the oldest for a day before all of them."""
    return next((pack for pack in reversed(shipped()) if pack.valid_from and pack.valid_from <= on), shipped()[0])


def document_day(application: Application, today: date) -> date:
    """The day whose pack decides: the application date if it is a date, else today."""
    return day(application.application_date) or today


def pack(version: str) -> Pack:
    """The shipped pack of this version; raises UnknownThing."""
    for one in shipped():
        if one.version == version:
            return one
    raise UnknownThing(f"there is no rule pack {version}; shipped: {', '.join(one.version for one in shipped())}")


def current_pack() -> Pack:
    """The newest shipped pack."""
    return shipped()[-1]


def text_of(code: str) -> Rule:
    """The catalogue row of a rule: its texts, severity and remedy; KeyError for an unknown id."""
    return all_rules()[code]

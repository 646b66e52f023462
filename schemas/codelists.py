"""The code lists as one frozen, versioned snapshot: what a code or a printed word means.

Data and their sources stand in `schemas/codes/` (SOURCES.md); nothing is read before `code_lists` is first called.
"""

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import iso4217
import pycountry

VERSION = "2026-11-01"

_FOLDER = Path(__file__).with_name("codes")
# ISO 4217 codes that name no money: testing, "no currency", bond-market units, metals
_NOT_MONEY = frozenset({"XTS", "XXX", "XBA", "XBB", "XBC", "XBD", "XAU", "XAG", "XPD", "XPT", "XSU", "XUA", "XDR"})
# two letters at the end of a place are a state ("LOS ANGELES, CA"), not a country, but for these
_SHORT_NAMES = frozenset({"US", "UK"})


@dataclass(frozen=True, slots=True)
class RuleParameters:
    """What the rules compare with (`rule-parameters.toml`): word lists in upper case, tolerances in days or money.

    goods_chapters: last word of a goods name -> the HS chapters in which goods so called may lie.
    """

    version: str
    general_words: frozenset[str]
    filler_words: frozenset[str]
    forbidden_marks: tuple[str, ...]
    transport_modes: frozenset[str]
    attention_destinations: frozenset[str]
    sensitive_goods: tuple[tuple[str, ...], ...]
    sensitive_first_words: frozenset[str]
    intermediary_words: tuple[str, ...]
    to_order_phrases: tuple[str, ...]
    second_company_types: frozenset[str]
    middleman_places: frozenset[str]
    producer_confidential_words: tuple[str, ...]
    producer_same_words: tuple[str, ...]
    producer_unknown_words: frozenset[str]
    trader_words: frozenset[str]
    open_vehicles: frozenset[str]
    no_vehicle_words: frozenset[str]
    graphic_words: frozenset[str]
    note_quantity_words: tuple[str, ...]
    note_phrases: tuple[str, ...]
    goods_chapters: Mapping[str, frozenset[str]]
    future_days: int
    back_dating_days: int
    invoice_age_days: int
    fob_tolerance: Decimal
    value_margin: Decimal
    public_holidays: frozenset[str]
    diacritics: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, eq=False)
class CodeLists:
    """All code lists of one version, keys in upper case. Compared by identity, so that a snapshot can key a cache.

    countries: ISO 3166-1 alpha-2 code -> printed English name; country_words: code or printed name -> code;
    country_zh: code -> Chinese name where we have one; currencies: ISO 4217 codes; units: Recommendation 20 code or
    printed word -> code; weight_units: the codes that are weights; packages: Recommendation 21 code or printed word
    -> code; hs: headings and six-digit codes of HS 2022; ports: place -> country code; parameters: see above.
    """

    version: str
    countries: Mapping[str, str]
    country_words: Mapping[str, str]
    country_zh: Mapping[str, str]
    currencies: frozenset[str]
    units: Mapping[str, str]
    weight_units: frozenset[str]
    packages: Mapping[str, str]
    hs: frozenset[str]
    ports: Mapping[str, str]
    parameters: RuleParameters

    def country_of(self, text: str) -> str | None:
        """The alpha-2 code that `text` (a code or a printed name) stands for, None when unknown."""
        words = self.country_words
        if code := words.get(text) or words.get(plain := " ".join(text.upper().split()).strip(" .,")):
            return code
        return words.get(", ".join(map(str.strip, plain.split(",")))) if "," in plain else None

    def country_in_place(self, place: str) -> str | None:
        """The country of a printed place ("HAMBURG, GERMANY", "HAMBURG"), None when it cannot be told."""
        text = " ".join(place.upper().split()).strip(" .,")
        parts = [part.strip(" .") for part in text.split(",")]
        # "TAIPEI, TAIWAN, CHINA" and "HONG KONG, CHINA" name a region: look at the last two parts before the last one
        for tail in (text, ", ".join(parts[-2:]), parts[-1]):
            if (len(tail) > 2 or tail in _SHORT_NAMES) and (code := self.country_words.get(tail)):
                return code
        return self.ports.get(parts[0]) or _country_at_end(parts[-1], self.country_words)


def _country_at_end(text: str, words: Mapping[str, str]) -> str | None:
    tokens = text.split()
    for start in range(max(len(tokens) - 5, 0), len(tokens)):
        name = " ".join(tokens[start:])
        if name in words and (len(name) > 2 or name in _SHORT_NAMES):
            return words[name]
    return None


@cache
def code_lists() -> CodeLists:
    """The snapshot, read once per process."""
    countries, words, chinese = _countries()
    units = list(_rows("units.csv"))
    return CodeLists(
        version=VERSION,
        countries=MappingProxyType(countries),
        country_words=MappingProxyType(words),
        country_zh=MappingProxyType(chinese),
        currencies=frozenset(currency.code for currency in iso4217.Currency) - _NOT_MONEY,
        units=MappingProxyType(_words(units)),
        weight_units=frozenset(row["code"] for row in units if row["measure"] == "weight"),
        packages=MappingProxyType(_words(_rows("packages.csv"))),
        hs=frozenset(row["code"] for row in _rows("hs2022.csv")),
        ports=MappingProxyType({row["name"]: row["country"] for row in _rows("ports.csv")}),
        parameters=rule_parameters(),
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _words(rows: Iterable[dict[str, str]]) -> dict[str, str]:
    words: dict[str, str] = {}
    for row in rows:
        for word in (row["code"], *row["printed"].split("|")):
            words[word] = row["code"]
    return words


def _countries() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Codes and names of pycountry, overlaid with our printed names."""
    names = {country.alpha_2: country.name.upper() for country in pycountry.countries}
    words = {name: code for code, name in names.items()} | {code: code for code in names}
    words |= {country.alpha_3: country.alpha_2 for country in pycountry.countries}
    chinese = {}
    for row in _rows("country-names.csv"):
        code = row["code"]
        names[code], chinese[code] = row["name"], row["zh"]
        words |= dict.fromkeys((row["name"], *filter(None, row["printed"].split("|"))), code)
        words |= {name.rstrip("."): code for name in row["printed"].split("|") if name}
    return names, words, chinese


@cache
def parameter_data() -> Mapping[str, Any]:
    """The parameters as `rule-parameters.toml` has them, by name."""
    return MappingProxyType(tomllib.loads((_FOLDER / "rule-parameters.toml").read_text(encoding="utf-8")))


def rule_parameters(changed: Mapping[str, Any] = MappingProxyType({})) -> RuleParameters:
    """The parameters as values; changed: those that a rule pack sets otherwise, as the file would have them."""
    data = {**parameter_data(), **changed}
    sensitive = tuple(tuple(phrase.replace("-", " ").split()) for phrase in data["sensitive_goods"])
    return RuleParameters(
        version=data["version"],
        general_words=frozenset(data["general_words"]),
        filler_words=frozenset(data["filler_words"]),
        forbidden_marks=tuple(data["forbidden_marks"]),
        transport_modes=frozenset(data["transport_modes"]),
        attention_destinations=frozenset(data["attention_destinations"]),
        sensitive_goods=sensitive,
        sensitive_first_words=frozenset(phrase[0] for phrase in sensitive),
        intermediary_words=tuple(data["intermediary_words"]),
        to_order_phrases=tuple(data["to_order_phrases"]),
        second_company_types=frozenset(data["second_company_types"]),
        middleman_places=frozenset(data["middleman_places"]),
        producer_confidential_words=tuple(data["producer_confidential_words"]),
        producer_same_words=tuple(data["producer_same_words"]),
        producer_unknown_words=frozenset(data["producer_unknown_words"]),
        trader_words=frozenset(data["trader_words"]),
        open_vehicles=frozenset(data["open_vehicles"]),
        no_vehicle_words=frozenset(data["no_vehicle_words"]),
        graphic_words=frozenset(data["graphic_words"]),
        note_quantity_words=tuple(data["note_quantity_words"]),
        note_phrases=tuple(data["note_phrases"]),
        goods_chapters=MappingProxyType({
            word: frozenset(row["chapters"]) for row in data["goods_chapters"] for word in row["words"]
        }),
        future_days=data["future_days"],
        back_dating_days=data["back_dating_days"],
        invoice_age_days=data["invoice_age_days"],
        fob_tolerance=Decimal(data["fob_tolerance"]),
        value_margin=Decimal(data["value_margin"]),
        public_holidays=frozenset(data["public_holidays"]),
        diacritics=MappingProxyType({one.partition(" ")[0]: frozenset(one.partition(" ")[2]) for one in data["diacritics"]}),
    )

"""A rule pack as a file: read, with everything that is wrong in it found at once, each with its line.

    version = "2027.1"                 # [0-9A-Za-z._-], at most 32
    valid_from = 2027-01-01            # of shipped packs; others get their day when they are activated
    valid_to = 2027-12-31              # optional, inclusive
    replaces = "2026.2"                # optional
    types = ["CO"]                     # optional: the only types that may be applied for
    rules = ["A05", "A06"]             # or: all_but = ["B13"]
    [severities]                       # optional: where they differ from the rule's own row
    G05 = "warn"
    [parameters]                       # optional: where they differ from schemas/codes/rule-parameters.toml
    future_days = 2
    [texts.G05]                        # optional: zh, en, remedy where they differ
    zh = "..."
"""

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from domain.errors import BadSetting
from domain.finding import Severity
from schemas.certificate_types import all_types
from schemas.codelists import parameter_data, rule_parameters
from validators.rule import Rule
from validators.rule_pack import Pack

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}", re.ASCII)
_TEXTS = ("zh", "en", "remedy")
# no policy: the version of the parameter file, and the calendar, which is continued from year to year
_NOT_OF_PACKS = frozenset({"version", "public_holidays"})
# code -> (中文, English, remedy)
FAULTS: dict[str, tuple[str, str, str]] = {
    "PACK_NOT_TOML": ("文件不是有效的TOML", "The file is no valid TOML", "请按所示位置修改 / Correct the place shown"),
    "PACK_FIELD_UNKNOWN": (
        "没有这个字段", "There is no such field",
        "请删除，或核对docs/how-to/rule-packs.md / Remove it, or see docs/how-to/rule-packs.md"),
    "PACK_FIELD_MISSING": ("缺少字段", "A field is missing", "请补上 / Add it"),
    "PACK_VALUE_WRONG": ("字段的值不可用", "The value cannot be used", "请按该字段的格式填写 / Write it as the field asks"),
    "PACK_RULE_UNKNOWN": (
        "没有这条规则", "There is no such rule", "请核对编号（coedi rules可列出） / Check the id (coedi rules lists them)"),
    "PACK_RULE_NOT_IN_PACK": (
        "该规则不在本规则包内", "The rule is not in this pack", "请加入rules，或删除此行 / Add it to rules, or remove this line"),
    "PACK_SEVERITY_FIXED": (
        "该规则由系统其他部分决定，等级不可更改", "Another part decides this rule: its severity cannot be changed",
        "请删除此行 / Remove this line"),
    "PACK_SEVERITY_UNKNOWN": ("没有这个等级", "There is no such severity", "可用reject、manual、warn / Use reject, manual or warn"),
    "PACK_PARAMETER_UNKNOWN": (
        "没有这个参数，或规则包不能更改它", "There is no such parameter, or packs cannot set it",
        "请核对schemas/codes/rule-parameters.toml / See schemas/codes/rule-parameters.toml"),
    "PACK_PARAMETER_WRONG": (
        "参数值类型不对", "The parameter has another type of value", "请按原参数的类型填写 / Write a value of the same type"),
    "PACK_TYPE_UNKNOWN": (
        "没有这个证书类型", "There is no such certificate type", "请核对（coedi types可列出） / Check it (coedi types lists them)"),
}


@dataclass(frozen=True, slots=True)
class PackFault:
    """One thing wrong in a pack file. line: 1-based; place: "severities.G05"; found: the value seen."""

    code: str
    line: int
    place: str
    found: str = ""

    def __str__(self) -> str:
        zh, en, remedy = FAULTS[self.code]
        found = f" {self.found!r}" if self.found else ""
        return f"line {self.line}: {self.code} {self.place}{found}: {zh} / {en}; {remedy}"


class BadPack(BadSetting):
    """A rule pack cannot be used."""

    def __init__(self, name: str, faults: list[PackFault]) -> None:
        super().__init__("\n".join(f"{name}, {fault}" for fault in faults))
        self.faults = faults


def read(text: str, catalogue: Mapping[str, Rule], name: str, kept: Collection[str] | None = None) -> Pack:
    """The pack in `text`.

    catalogue: every rule there is, by id; name: of the file, for messages; kept: the ids that were in it when it was stored, so
    that `all_but` does not grow with coedi. Raises BadPack.
    """
    data = _parsed(text, name)
    faults = sorted(_Reader(text, data, catalogue).faults(), key=lambda fault: fault.line)
    if faults:
        raise BadPack(name, faults)
    severities = {code: Severity(value) for code, value in data.get("severities", {}).items()}
    texts = data.get("texts", {})
    members = _members(data, catalogue) & (set(catalogue) if kept is None else set(kept))
    rules = tuple(
        replace(rule, severity=severities.get(code, rule.severity), **texts.get(code, {}))
        for code, rule in catalogue.items() if code in members)
    return Pack(
        data["version"], rules, data.get("valid_from"), data.get("valid_to"), data.get("replaces"),
        frozenset(data["types"]) if "types" in data else None, MappingProxyType(data.get("parameters", {})),
        frozenset(severities))


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        raise BadPack(name, [PackFault("PACK_NOT_TOML", line, "", str(error))]) from error


def _members(data: Mapping[str, Any], catalogue: Mapping[str, Rule]) -> set[str]:
    return set(data["rules"]) if "rules" in data else set(catalogue) - set(data["all_but"])


class _Reader:
    """Looks for everything that is wrong in one file."""

    def __init__(self, text: str, data: dict[str, Any], catalogue: Mapping[str, Rule]) -> None:
        self.lines = text.splitlines()
        self.data, self.catalogue = data, catalogue

    def faults(self) -> Iterator[PackFault]:
        shaped = True
        for fault in self._shape():
            shaped = False
            yield fault
        if not shaped:
            return
        yield from self._rules()
        yield from self._severities()
        yield from self._parameters()
        yield from self._texts()
        known = {kind.code for kind in all_types()}
        for code in self.data.get("types", ()):
            if code not in known:
                yield self._fault("PACK_TYPE_UNKNOWN", "types", code, code)

    def _shape(self) -> Iterator[PackFault]:
        """Fields that are there, and are what they should be."""
        for name, value in self.data.items():
            if name not in _SHAPES:
                yield self._fault("PACK_FIELD_UNKNOWN", name, name)
            elif not _SHAPES[name](value):
                yield self._fault("PACK_VALUE_WRONG", name, name, str(value)[:80])
        if "version" not in self.data:
            yield PackFault("PACK_FIELD_MISSING", 1, "version")
        if ("rules" in self.data) == ("all_but" in self.data):
            yield PackFault("PACK_FIELD_MISSING", 1, "rules | all_but")

    def _rules(self) -> Iterator[PackFault]:
        field = "rules" if "rules" in self.data else "all_but"
        for code in self.data[field]:
            if code not in self.catalogue:
                yield self._fault("PACK_RULE_UNKNOWN", field, code, code)

    def _severities(self) -> Iterator[PackFault]:
        for code, value in self.data.get("severities", {}).items():
            place = f"severities.{code}"
            if fault := self._membership(code):
                yield self._fault(fault, place, code, code)
            elif self.catalogue[code].check is None:
                yield self._fault("PACK_SEVERITY_FIXED", place, code, code)
            elif value not in set(Severity):
                yield self._fault("PACK_SEVERITY_UNKNOWN", place, code, str(value))

    def _parameters(self) -> Iterator[PackFault]:
        known = parameter_data()
        for name, value in self.data.get("parameters", {}).items():
            place = f"parameters.{name}"
            if name not in known or name in _NOT_OF_PACKS:
                yield self._fault("PACK_PARAMETER_UNKNOWN", place, name, name)
            elif not _fits(name, known[name], value):
                yield self._fault("PACK_PARAMETER_WRONG", place, name, str(value)[:80])

    def _texts(self) -> Iterator[PackFault]:
        for code, texts in self.data.get("texts", {}).items():
            place = f"texts.{code}"
            if fault := self._membership(code):
                yield self._fault(fault, place, code, code)
            elif not isinstance(texts, dict) or not set(texts) <= set(_TEXTS) or not all(
                    isinstance(text, str) and text for text in texts.values()):
                yield self._fault("PACK_VALUE_WRONG", place, code, str(texts)[:80])

    def _membership(self, code: str) -> str | None:
        if code not in self.catalogue:
            return "PACK_RULE_UNKNOWN"
        return None if code in _members(self.data, self.catalogue) else "PACK_RULE_NOT_IN_PACK"

    def _fault(self, code: str, place: str, word: str, found: str = "") -> PackFault:
        """The fault, at the first line with `word` in the section that `place` names."""
        section = place.partition(".")[0]
        begin = next((n for n, line in enumerate(self.lines) if re.match(rf"\s*\[?\s*{re.escape(section)}\b", line)), 0)
        whole = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        line = next((n for n in range(begin, len(self.lines)) if whole.search(self.lines[n])), begin)
        return PackFault(code, line + 1, place, found)


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


# field -> whether its value has the right form
_SHAPES: dict[str, Callable[[Any], bool]] = {
    "version": lambda value: isinstance(value, str) and bool(_VERSION.fullmatch(value)),
    "valid_from": lambda value: type(value) is date,
    "valid_to": lambda value: type(value) is date,
    "replaces": lambda value: isinstance(value, str),
    "types": _strings,
    "rules": _strings,
    "all_but": _strings,
    "severities": lambda value: isinstance(value, dict),
    "parameters": lambda value: isinstance(value, dict),
    "texts": lambda value: isinstance(value, dict),
}


def _fits(name: str, known: Any, value: Any) -> bool:
    """Whether `value` has the form of the value it stands for: amounts are text, and nothing is below zero or empty."""
    if type(known) is not type(value) or value in ("", [], {}):
        return False
    if isinstance(value, int):
        return value >= 0
    if _strings(known) and not _strings(value):
        return False
    try:
        made = getattr(rule_parameters({name: value}), name)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False
    return not isinstance(made, Decimal) or (made.is_finite() and made >= 0)

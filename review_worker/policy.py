"""The review policy: data with a version, read once. What its keys mean stands in policy.toml."""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from domain.errors import BadSetting
from pipeline.facts import ISSUED_CAP
from schemas.certificate_types import type_of

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
_LONGEST = 100 * 8 * 60  # minutes: a hundred days in the office


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when any one of what it names does; an empty one never does. Words are in upper case.

    new_exporter_first: of an enterprise with fewer certificates than this; 0: none.
    """

    branches: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    hs_prefixes: tuple[str, ...] = ()
    invoice_amount_above: Decimal = Decimal(0)
    new_exporter_first: int = 0
    small_enterprises: bool = False
    origin_amendments: bool = False


@dataclass(frozen=True, slots=True)
class Shorter:
    """A deadline of so many minutes of office time where the condition holds and nothing shorter is set."""

    minutes: int
    when: Condition


@dataclass(frozen=True, slots=True)
class Policy:
    """What sends a certificate to a person, and on what terms a person decides.

    deadlines: (certificate type, minutes of office time); void_eyes: persons that have to agree to void, 1 or 2;
    batch_codes: reasons that may be approved many at a time.
    """

    version: str
    refer_severities: tuple[str, ...] = ("manual",)
    sample_one_in: int = 0
    refer: Condition = Condition()
    four_eyes: Condition = Condition()
    senior: Condition = Condition()
    deadline_minutes: int = 8 * 60
    deadlines: tuple[tuple[str, int], ...] = ()
    shorter: tuple[Shorter, ...] = ()
    void_eyes: int = 1
    batch_codes: tuple[str, ...] = ()

    def minutes_for(self, kind: str) -> int:
        """The deadline of a certificate type, before anything makes it shorter."""
        return dict(self.deadlines).get(kind, self.deadline_minutes)

    def allows_batch(self, reasons: Collection[str]) -> bool:
        """Whether a certificate that came for these reasons ("CODE: 中文 / English") may be approved together with others."""
        return bool(reasons) and all(code_of(reason) in self.batch_codes for reason in reasons)


def code_of(reason: str) -> str:
    """The code of a reason, "CODE: 中文 / English"."""
    return reason.partition(":")[0]


def load_policy(path: str = "") -> Policy:
    """The policy in this file, the built-in one for ""; raises BadSetting with every fault."""
    return policy_in(policy_text(path), f"COEDI_POLICY: {path}" if path else "built-in policy")


def policy_text(path: str = "") -> str:
    """The text of this file, of the built-in policy for ""; raises BadSetting."""
    if not path:
        return files("review_worker").joinpath("policy.toml").read_text("utf-8")
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise BadSetting(f"COEDI_POLICY: cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadSetting(f"COEDI_POLICY: {path} is no UTF-8 text: {error.reason}") from error


def policy_in(text: str, name: str) -> Policy:
    """The policy in a text; name: where it came from, for messages. Raises BadSetting with every fault."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadSetting(f"{name}: {error}") from error
    faults: list[str] = []
    policy = _policy(data, faults)
    if faults or policy is None:
        raise BadSetting("\n".join(f"{name}: {fault}" for fault in faults))
    return policy


def _policy(data: Mapping[str, Any], faults: list[str]) -> Policy | None:
    own = _read({key: value for key, value in data.items() if key not in _OF_CONDITIONS}, _OF_POLICIES, "", faults)
    refer = _condition({key: value for key, value in data.items() if key in _OF_CONDITIONS}, "", faults)
    own |= {key: _condition(own[key], f"{key}.", faults) for key in ("four_eyes", "senior") if key in own}
    if "shorter" in own:
        own["shorter"] = tuple(_shorter(one, f"shorter[{n}].", faults) for n, one in enumerate(own["shorter"], 1))
    if "version" not in data:
        faults.append("version is missing")
    return None if faults else Policy(refer=refer, **own)


def _condition(data: Mapping[str, Any], place: str, faults: list[str]) -> Condition:
    return Condition(**_read(data, _OF_CONDITIONS, place, faults))


def _shorter(data: Mapping[str, Any], place: str, faults: list[str]) -> Shorter:
    found = _read({"minutes": data.get("minutes")}, {"minutes": _minutes}, place, faults)
    condition = _condition({key: value for key, value in data.items() if key != "minutes"}, place, faults)
    return Shorter(found.get("minutes", 0), condition)


def _read(
    data: Mapping[str, Any], readers: "Mapping[str, Callable[[Any], Any]]", place: str, faults: list[str]
) -> dict[str, Any]:
    """The values by key; what is unknown or wrong becomes a fault."""
    found = {}
    for key, value in data.items():
        if key not in readers:
            faults.append(f"unknown key {place}{key}; known are {', '.join(sorted(readers))}")
            continue
        try:
            found[key] = readers[key](value)
        except (TypeError, ValueError, ArithmeticError) as error:
            faults.append(f"{place}{key}: {error}")
    return found


def _whole(value: Any, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"a whole number from {low} to {high} is needed")
    return value


_minutes = partial(_whole, low=0, high=_LONGEST)


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("true or false is needed")
    return value


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
        raise ValueError('a list of words is needed, ["A", "B"]')
    return tuple(word.strip().upper() for word in value)


def _checked(value: Any, allowed: Callable[[str], Any], wanted: str) -> tuple[str, ...]:
    words = _words(value)
    if wrong := [word for word in words if not allowed(word)]:
        raise ValueError(f"{wrong[0]!r} is not {wanted}")
    return words


def _severities(value: Any) -> tuple[str, ...]:
    return tuple(word.lower() for word in _checked(value, {"MANUAL", "WARN"}.__contains__, "manual or warn"))


def _amount(value: Any) -> Decimal:
    amount = Decimal(str(value)) if type(value) in (int, float, str) else Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise ValueError("an amount of 0 or more is needed")
    return amount


def _version(value: Any) -> str:
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        raise ValueError("at most 32 letters, digits, dots and hyphens are needed")
    return value


def _by_type(value: Any) -> tuple[tuple[str, int], ...]:
    if not isinstance(value, dict):
        raise TypeError("a table is needed: TYPE = minutes")
    return tuple(zip(_types(list(value)), map(_minutes, value.values()), strict=True))


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("a table is needed")
    return value


def _tables(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise TypeError("tables are needed, [[shorter]]")
    return [_table(one) for one in value]


_types = partial(_checked, allowed=type_of, wanted="a certificate type; see: coedi types")

# key -> how its value is read; raises TypeError or ValueError with what is needed
_OF_CONDITIONS: dict[str, Callable[[Any], Any]] = {
    "branches": _words,
    "types": _types,
    "destinations": _words,
    "hs_prefixes": partial(_checked, allowed=re.compile(r"[0-9]{1,10}").fullmatch, wanted="the first digits of an HS code"),
    "invoice_amount_above": _amount,
    "new_exporter_first": partial(_whole, low=0, high=ISSUED_CAP),  # more are not counted
    "small_enterprises": _flag,
    "origin_amendments": _flag,
}
_OF_POLICIES: dict[str, Callable[[Any], Any]] = {
    "version": _version,
    "refer_severities": _severities,
    "sample_one_in": partial(_whole, low=0, high=10**9),
    "four_eyes": _table,
    "senior": _table,
    "deadline_minutes": _minutes,
    "deadlines": _by_type,
    "shorter": _tables,
    "void_eyes": partial(_whole, low=1, high=2),
    "batch_codes": partial(_checked, allowed=_CODE.fullmatch, wanted="a reason code"),
}

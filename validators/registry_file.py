"""A register in a file, for offline checks: branches, enterprises and goods filings as TOML or JSON.

    [branches]
    1100B0 = "BEIJING"

    [[enterprises]]
    no = "1100A0017"
    branch = "1100B0"
    name_zh = "..."
    name_en = "..."
    customs_code = "1101234567"       # optional, like active, print_seal_ready and local_print
    signatories = [{ code = "01", name_zh = "..." }]

    [[filings]]                        # goods filings 商品备案, the newest last; without any, no goods count as filed
    number = "GF2026000001"
    enterprise = "1100A0017"
    certificate_type = "RCEP"
    hs_code = "841370"
    criterion = "PE"                   # optional, like all that follows
    value_content = 45                 # percent
    psr_basis = "RVC"
    producer = "..."
    valid_to = 2027-12-31              # inclusive
    state = "APPROVED"                 # or PENDING_REVIEW, RETURNED, EXPIRED, WITHDRAWN, REPLACED
    name_zh = "..."
    name_en = "..."
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from domain.errors import BadSetting
from domain.filing import GoodsFiling
from domain.filing_lifecycle import GOODS_FILING
from domain.registry import EnterpriseRecord, Signatory

Filings = Mapping[str, tuple[GoodsFiling, ...]]

_NONE: Filings = MappingProxyType({})
_STATES = frozenset({"EXPIRED", *(state.code for state in GOODS_FILING.states)})


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """branches: code -> place; enterprises: registration number -> what is on file; filings: by registration number and
    certificate type, and there by six-digit HS code, newest first."""

    branches: Mapping[str, str]
    enterprises: Mapping[str, EnterpriseRecord]
    filings: Mapping[tuple[str, str], Filings] = field(default_factory=dict)

    def filings_of(self, no: str, certificate_type: str) -> Filings:
        """The goods filings of an enterprise for a type, as `Facts.filings` wants them."""
        return self.filings.get((no, certificate_type), _NONE)


def load(path: Path) -> RegistryFile:
    """The register in `path`, JSON if its name ends so, else TOML; raises BadSetting when it cannot be used."""
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        return registry_from(data)
    except OSError as error:
        raise BadSetting(f"cannot read the register {path}: {error.strerror}") from error
    except KeyError as error:
        raise BadSetting(f"the register {path} lacks {error}") from error
    except (ValueError, TypeError, AttributeError, InvalidOperation) as error:
        raise BadSetting(f"the register {path} cannot be understood: {error}") from error


def registry_from(data: dict[str, Any]) -> RegistryFile:
    """The register from plain data; KeyError, TypeError, ValueError or AttributeError when it has another shape."""
    listed = data["branches"]
    branches = dict(listed) if isinstance(listed, dict) else {one["code"]: one.get("place", "") for one in listed}
    enterprises = {one["no"]: _enterprise(one) for one in data["enterprises"]}
    return RegistryFile(branches, enterprises, _grouped(_filing(one) for one in data.get("filings", ())))


def _grouped(filings: Iterable[GoodsFiling]) -> Mapping[tuple[str, str], Filings]:
    """The filings by enterprise and type, by six digits, the last of the file first."""
    grouped: dict[tuple[str, str], dict[str, tuple[GoodsFiling, ...]]] = {}
    for filing in filings:
        of_type = grouped.setdefault((filing.enterprise, filing.certificate_type), {})
        six = filing.hs_code[:6]
        of_type[six] = (filing, *of_type.get(six, ()))
    return grouped


def _filing(data: dict[str, Any]) -> GoodsFiling:
    state, until, share = data.get("state", "APPROVED"), data.get("valid_to"), data.get("value_content")
    if state not in _STATES:
        raise ValueError(f"a goods filing has no state {state!r}; it has one of {', '.join(sorted(_STATES))}")
    hs_code = str(data["hs_code"]).replace(".", "")
    if len(hs_code) < 6 or not hs_code.isdecimal():
        raise ValueError(f"hs_code of a goods filing must have six digits or more, not {data['hs_code']!r}")
    number = str(data["number"])
    return GoodsFiling(
        id=uuid5(NAMESPACE_URL, number), number=number, enterprise=data["enterprise"],
        certificate_type=data["certificate_type"], hs_code=hs_code, state=state,
        name_zh=str(data.get("name_zh", "")), name_en=str(data.get("name_en", "")), criterion=str(data.get("criterion", "")),
        value_content=None if share is None else Decimal(str(share)), psr_basis=str(data.get("psr_basis", "")),
        producer=str(data.get("producer", "")), valid_to=None if until is None else date.fromisoformat(str(until)),
    )  # fmt: skip


def _enterprise(data: dict[str, Any]) -> EnterpriseRecord:
    signatories = tuple(
        Signatory(str(one["code"]), str(one["name_zh"]), _flag(one, "active", True))
        for one in data.get("signatories", ())
    )
    return EnterpriseRecord(
        no=data["no"], branch=data["branch"], name_zh=data["name_zh"], name_en=data["name_en"],
        active=_flag(data, "active", True), customs_code=str(data.get("customs_code", "")), signatories=signatories,
        print_seal_ready=_flag(data, "print_seal_ready", False), local_print=_flag(data, "local_print", False),
    )  # fmt: skip


def _flag(data: dict[str, Any], name: str, default: bool) -> bool:
    value = data.get(name, default)
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false, not {value!r}")
    return value

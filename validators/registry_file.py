"""A register in a file, for offline checks: branches and enterprises as TOML or JSON.

    [branches]
    1100B0 = "BEIJING"

    [[enterprises]]
    no = "1100A0017"
    branch = "1100B0"
    name_zh = "..."
    name_en = "..."
    customs_code = "1101234567"       # optional, like active, print_seal_ready and local_print
    signatories = [{ code = "01", name_zh = "..." }]
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import BadSetting
from domain.registry import EnterpriseRecord, Signatory


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """branches: code -> place; enterprises: registration number -> what is on file."""

    branches: Mapping[str, str]
    enterprises: Mapping[str, EnterpriseRecord]


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
    except (ValueError, TypeError, AttributeError) as error:
        raise BadSetting(f"the register {path} cannot be understood: {error}") from error


def registry_from(data: dict[str, Any]) -> RegistryFile:
    """The register from plain data; KeyError, TypeError, ValueError or AttributeError when it has another shape."""
    listed = data["branches"]
    branches = dict(listed) if isinstance(listed, dict) else {one["code"]: one.get("place", "") for one in listed}
    return RegistryFile(branches, {one["no"]: _enterprise(one) for one in data["enterprises"]})


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

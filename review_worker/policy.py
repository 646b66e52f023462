"""The review policy: data with a version, read once."""

import tomllib
from dataclasses import dataclass, fields
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from domain.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Policy:
    """What sends a certificate to a person; meanings stand in policy.toml."""

    version: str
    refer_severities: tuple[str, ...] = ("manual",)
    new_exporter_first: int = 0
    sample_one_in: int = 0
    destinations: tuple[str, ...] = ()
    hs_prefixes: tuple[str, ...] = ()
    invoice_amount_above: Decimal = Decimal(0)


def load_policy(path: str = "") -> Policy:
    """The policy in this file, the built-in one for ""; raises BadSetting with the reason."""
    try:
        text = Path(path).read_text(encoding="utf-8") if path else files("review_worker").joinpath("policy.toml").read_text("utf-8")
        return policy_from(tomllib.loads(text))
    except OSError as error:
        raise BadSetting(f"COEDI_POLICY: cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, TypeError, ValueError, ArithmeticError) as error:
        raise BadSetting(f"COEDI_POLICY: {path or 'built-in policy'}: {error}") from error


def policy_from(data: dict[str, Any]) -> Policy:
    """A policy from TOML data; raises ValueError for a key it does not know."""
    known = {field.name for field in fields(Policy)}
    if unknown := sorted(set(data) - known):
        raise ValueError(f"unknown key {unknown[0]}; known are {', '.join(sorted(known))}")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    values["invoice_amount_above"] = Decimal(str(values.get("invoice_amount_above", 0)))
    return Policy(**values)

"""What a rule pack changes against another: rules, severities, parameters, texts, types."""

from typing import Any

from schemas.codelists import parameter_data
from validators.rule_pack import Pack

_TEXTS = ("zh", "en", "remedy")


def difference(old: Pack, new: Pack) -> dict[str, Any]:
    """JSON-ready: from, to; added, removed: ids; severities, texts: each code, (field,) from, to; parameters: each name, from,
    to; types: from and to, None for all."""
    before, after = ({rule.id: rule for rule in pack.rules} for pack in (old, new))
    both = [code for code in after if code in before]
    return {
        "from": old.version, "to": new.version,
        "added": [code for code in after if code not in before], "removed": [code for code in before if code not in after],
        "severities": [
            {"code": code, "from": str(before[code].severity), "to": str(after[code].severity)}
            for code in both if before[code].severity != after[code].severity],
        "parameters": _parameters(old, new),
        "texts": [
            {"code": code, "field": field, "from": getattr(before[code], field), "to": getattr(after[code], field)}
            for code in both for field in _TEXTS if getattr(before[code], field) != getattr(after[code], field)],
        "types": {"from": _types(old), "to": _types(new)},
    }


def _parameters(old: Pack, new: Pack) -> list[dict[str, Any]]:
    before, after = ({**parameter_data(), **pack.parameters} for pack in (old, new))
    return [{"name": name, "from": before[name], "to": value} for name, value in after.items() if before[name] != value]


def _types(pack: Pack) -> list[str] | None:
    return None if pack.types is None else sorted(pack.types)

"""Shipped rule packs never change: what each holds is on record in `packs/shipped.toml`, and a test compares.

`python -m validators.shipping VERSION` puts the newest pack on record; from then on a change needs a new version. A pack in
preparation may say `all_but` and grow with the catalogue; going on record it is written out with its ids.
"""

import hashlib
import json
import re
import sys
import textwrap
import tomllib
from pathlib import Path
from typing import Any

from domain.errors import Refusal
from schemas.certificate_types import all_types
from schemas.codelists import parameter_data
from validators.pack import pack, shipped
from validators.rule_pack import Pack

FOLDER = Path(__file__).with_name("packs")
RECORD = FOLDER / "shipped.toml"
# no policy: the version of the file, and calendars that are continued from year to year
_NO_POLICY = frozenset({"version", "public_holidays"})


def digest(value: Any) -> str:
    """SHA-256 (hex) of JSON-ready data, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def content_of(pack: Pack) -> dict[str, Any]:
    """What decides under a pack: for each type the rules that are asked and their severities; and the parameters."""
    kinds = {kind.code: kind for kind in all_types() if pack.types is None or kind.code in pack.types}
    return {
        "rules": {
            code: {rule.id: str(rule.severity) for rule in pack.rules if rule.covers(kind)} for code, kind in kinds.items()},
        "parameters": {
            name: value for name, value in {**parameter_data(), **pack.parameters}.items() if name not in _NO_POLICY},
    }


def pack_digest(pack: Pack) -> str:
    """SHA-256 (hex) of what a pack says: ids, severities, texts, types, and the parameters that it sets."""
    return digest({
        "rules": {rule.id: [str(rule.severity), rule.zh, rule.en, rule.remedy] for rule in pack.rules},
        "types": sorted(pack.types) if pack.types is not None else None, "parameters": dict(pack.parameters)})


def recorded() -> dict[str, Any]:
    """version -> file (SHA-256 of its text), rules (type -> digest), parameters (name -> digest)."""
    return tomllib.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}


def record_of(pack: Pack) -> dict[str, Any]:
    """The line of the record for this pack as it is now."""
    content = content_of(pack)
    return {"file": hashlib.sha256(_lasting(_file(pack).read_text(encoding="utf-8"))).hexdigest()} | {
        part: {name: digest(value)[:16] for name, value in content[part].items()} for part in ("rules", "parameters")}


def changes() -> list[str]:
    """What differs from the record, in words: what was shipped must be as it was; what came later may be added to it."""
    found = []
    for version, then in recorded().items():
        now = record_of(pack(version))
        if now["file"] != then["file"]:
            found.append(f"the file of rule pack {version} was changed: give the change a new version")
        for part in ("rules", "parameters"):
            found += [
                f"rule pack {version} decides otherwise than when it was shipped: {part} of {name}"
                for name, value in then[part].items() if now[part].get(name) != value]
    return found


def unrecorded() -> list[str]:
    """Versions that are not on record: at most the newest, in preparation."""
    return [pack.version for pack in shipped() if pack.version not in recorded()]


def put_on_record(version: str) -> None:
    """Ship a pack: write it out with its ids, and add it to the record; raises UnknownThing, Refusal when it is there already."""
    if version in recorded():
        raise Refusal(f"rule pack {version} is on record already; give a change a new version")
    one = pack(version)
    file = _file(one)
    ids = textwrap.fill(", ".join(f'"{rule.id}"' for rule in one.rules) + ",", 120, initial_indent="  ", subsequent_indent="  ")
    text = re.sub(r"^all_but = \[[^\]]*\]$", f"rules = [\n{ids}\n]", file.read_text(encoding="utf-8"), flags=re.M)
    file.write_text(text, encoding="utf-8")
    line = record_of(one)
    rows = [f'["{version}"]', f'file = "{line["file"]}"']
    for part in ("rules", "parameters"):
        rows += ["", f'["{version}".{part}]', *(f'{name} = "{value}"' for name, value in sorted(line[part].items()))]
    with RECORD.open("a", encoding="utf-8") as record:
        record.write("\n".join([*([""] if RECORD.exists() and RECORD.stat().st_size else []), *rows, ""]))


def _lasting(text: str) -> bytes:
    """A pack's text without its last day: that is written when a successor comes, and stands in the successor's first day."""
    return re.sub(r"^valid_to = .*\n", "", text, flags=re.M).encode()


def _file(pack: Pack) -> Path:
    return FOLDER / f"{pack.version}.toml"


if __name__ == "__main__":
    put_on_record(sys.argv[1])

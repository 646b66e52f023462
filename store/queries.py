"""Named queries: every statement lives in store/sql/*.sql under `-- name: ...`, with a line that says what it does."""

import re
from functools import cache
from importlib.resources import files

_HEAD = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def queries() -> dict[str, str]:
    """name -> SQL text with psycopg2 placeholders, of all files under store/sql."""
    found: dict[str, str] = {}
    for file in sorted(files("store").joinpath("sql").iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".sql"):
            continue
        parts = _HEAD.split(file.read_text(encoding="utf-8"))[1:]
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            if name in found:
                raise ValueError(f"two queries are named {name}")
            found[name] = text.strip().rstrip(";")
    return found

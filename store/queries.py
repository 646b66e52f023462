"""Named queries: every statement lives in store/sql/*.sql under `-- name: ...`, with a line that says what it does."""

import re
from functools import cache
from importlib.resources import files

_HEAD = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_COMMENT = re.compile(r"--.*$", re.MULTILINE)
_PARAMETER = re.compile(r"%\((\w+)\)s((?:::[a-z]+(?:\[\])?)?)")


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


@cache
def as_prepared(name: str) -> tuple[str, str]:
    """A named query as PREPARE and as EXECUTE with psycopg2 placeholders, each parameter with its type where the query says it."""
    text = queries()[name]
    types: dict[str, str] = {}
    for parameter, written in _PARAMETER.findall(text):
        types[parameter] = types.get(parameter) or written
    at = {parameter: f"${number}" for number, parameter in enumerate(types, 1)}
    plain = _PARAMETER.sub(lambda found: at[found[1]] + found[2], _COMMENT.sub("", text)).replace("%%", "%")
    given = ", ".join(f"%({parameter})s{written}" for parameter, written in types.items())
    return f"prepare {name} as {plain}", f"execute {name}" + (f" ({given})" if given else "")

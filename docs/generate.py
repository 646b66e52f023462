"""The generated pages of docs/reference: written, or with --check compared, so that they say what the code says.

    python docs/generate.py            writes them
    python docs/generate.py --check    names those that differ and ends with 1

One function a page; PAGES is the list. What a page says comes from the table that the program itself runs on.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, its own folder would be all it finds

from console.commands.catalogue import TABLES, lifecycle_markdown
from console.settings import NAMES, Settings
from console.web import open_api
from console.web.routes import routes
from docs import type_pages
from domain.certificate_lifecycle import CERTIFICATE
from domain.filing_lifecycle import LIVES
from gateway.opening import REMEDIES
from messages.gates import GATES, NOTICES
from pipeline.answers import CODES, filing_code
from store.invariants import CHAINS, CHECKPOINTS, CHECKS, DOCUMENT_FILES, NOTES
from validators.catalogue import markdown as rules_page

REFERENCE = Path(__file__).parent / "reference"
_MADE = "Made by `make docs` from `{source}`; to change it, change that."


def lifecycle_page() -> str:
    """States and moves of certificates and filings, drawn and as tables."""
    return "\n".join(lifecycle_markdown(table) for table in TABLES.values())


def invariants_page() -> str:
    """What `coedi doctor` checks."""
    checks = sorted((*CHECKS, CHAINS, CHECKPOINTS, DOCUMENT_FILES), key=lambda check: int(check.id[1:]))
    return _page(
        "Invariants",
        "store/invariants.py",
        "What must always be true, whatever was killed in between. `coedi doctor` asks all of them on the live system and"
        " names what breaks one; `coedi audit verify` asks those of the history.",
        _table(("check", "id", "中文", "English"), [(f"`{c.name}`", c.id, c.zh, c.en) for c in checks]),
        "Beside them it counts what an operator wants to know:",
        _table(("note", "中文", "English"), [(f"`{name}`", zh, en) for name, zh, en in NOTES]),
    )


def settings_page() -> str:
    """Every environment variable, what it is and its default."""
    defaults = {field.name: field.default for field in fields(Settings)}
    rows = [
        (f"`{name}`", meaning, f"`{defaults[setting]}`" if str(defaults[setting]) else "(empty)")
        for setting, (name, meaning) in NAMES.items()
    ]
    return _page(
        "Settings",
        "console/settings.py",
        "All settings come from the environment, read once when a command starts. For each of them `<NAME>_FILE` may"
        " name a file that holds the value instead: put secrets there, readable by their owner only (mode 0600), or coedi"
        " refuses the file. When `COEDI_STATE_DIR` is set and `COEDI_DOCUMENTS` is not, documents go to the folder"
        " `documents` inside it.",
        _table(("variable", "what it is", "default"), rows),
    )


def receipt_codes_page() -> str:
    """Every code a receipt can carry: states, answers to messages, gates."""
    states = [(f"`{state.code}`", state.zh, state.en, state.meaning) for state in CERTIFICATE.states]
    filings = [(f"`{filing_code(kind, state.code)}`", state.zh, state.en, state.meaning)
               for kind, life in LIVES.items() for state in life.states]
    answers = [(f"`{code}`", answer, zh, en, REMEDIES.get(code, "").replace(" / ", "<br>", 1))
               for code, (answer, zh, en) in CODES.items()]
    notices = [(f"`{code}`", zh, en, remedy.replace(" / ", "<br>", 1)) for code, (zh, en, remedy) in NOTICES.items()]
    gates = [(f"`{code}`", zh, en, remedy.replace(" / ", "<br>", 1)) for code, (zh, en, remedy) in GATES.items()]
    return _page(
        "Receipt codes 回执代码",
        "domain/certificate_lifecycle.py, domain/filing_lifecycle.py, pipeline/answers.py, gateway/opening.py, messages/gates.py",
        "The element `Code` of a receipt, also its AMQP `type`. What the other elements mean stands in"
        " [messages](messages.md), what to do about them in [how to send](../how-to/send.md).",
        "## A certificate reached a state",
        "On the stream `certificate:<id>`, one receipt for each transition. *technical* for `RECEIVED`, *validation*"
        " for the verdict of schema and rules, else *business*.",
        _table(("code", "中文", "English", "it means"), states),
        "## A filing reached a state",
        "On the stream `filing:<id>`, one receipt for each transition of a goods filing 商品备案 or a registration 企业注册.",
        _table(("code", "中文", "English", "it means"), filings),
        "## A message was answered",
        "On the stream `message:<id>`: about a delivery or one message of it, without a change of state.",
        _table(("code", "answer", "中文", "English", "remedy"), answers),
        "## A gate refused the delivery",
        "Also on `message:<id>`, always *technical*: nothing inside was read, but for `MESSAGE_KIND_UNKNOWN`, which"
        " refuses one message of it. The gates stand in this order.",
        _table(("code", "中文", "English", "remedy"), gates),
        "## Findings beside the rules'",
        "Codes of findings that no rule and no gate gives; the rules' own ids stand in [rules](rules.md).",
        _table(("code", "中文", "English", "remedy"), notices),
    )


def http_page() -> str:
    """Every address of the HTTP interface: who may use it, what it does, what it takes."""
    rows = [
        (f"`{route.method} {open_api.address(route)}`", route.zh, route.en, open_api.who_words(route)[1],
         " ".join(f"`{field.name}`{'*' if field.required else ''}" for field in route.fields) or " ".join(route.takes))
        for route in sorted(open_api.offered(routes()), key=lambda route: (open_api.address(route), route.method))
    ]
    return _page(
        "HTTP interface",
        "console/web/routes.py",
        "What programs can ask for, by address; types, lengths and answers stand in the OpenAPI document that the console gives at"
        " `/api/v1/openapi.json`, and on its page `/api`. How to use it: [how to](../how-to/http.md). What is needed carries a *.",
        _table(("address", "中文", "English", "who", "takes"), rows),
    )


PAGES: dict[str, Callable[[], str]] = {
    "http.md": http_page,
    "invariants.md": invariants_page,
    "lifecycle.md": lifecycle_page,
    "receipt-codes.md": receipt_codes_page,
    "rules.md": rules_page,
    "settings.md": settings_page,
    "types.md": type_pages.index,
    **{name: partial(type_pages.page, kind) for name, kind in type_pages.names().items()},
}


def write(folder: Path) -> None:
    """Write every page into `folder`."""
    for name, page in PAGES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(page(), encoding="utf-8")


def stale(folder: Path) -> list[str]:
    """Names of the pages in `folder` that are missing or say something else than the code."""
    return [name for name, page in PAGES.items() if _text(folder / name) != page()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check; the exit code."""
    parser = argparse.ArgumentParser(description="Write the generated pages of docs/reference.")
    parser.add_argument("--check", action="store_true", help="change nothing; end with 1 when a page has drifted")
    if not parser.parse_args(arguments).check:
        write(REFERENCE)
        return 0
    drifted = stale(REFERENCE)
    for name in drifted:
        sys.stderr.write(f"docs/reference/{name} differs from the code; run: make docs\n")
    return 1 if drifted else 0


def _page(title: str, source: str, *parts: str) -> str:
    return "\n\n".join((f"# {title}", _MADE.format(source=source.replace(", ", "`, `")), *parts)) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())

"""The reference says what the code says: generated pages are fresh, and every name in the code's tables is on its page."""

import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import pytest

from console.commands.catalogue import TABLES
from console.settings import NAMES
from domain.certificate_lifecycle import CERTIFICATE
from domain.filing_lifecycle import LIVES
from messages.gates import GATES, NOTICES
from pipeline.answers import CODES, filing_code
from schemas.certificate_types import all_types
from store.invariants import CHAINS, CHECKPOINTS, CHECKS, DOCUMENT_FILES
from tests.unit.docs.shown_commands import PAGES, ROOT
from validators.pack import current_pack

REFERENCE = ROOT / "docs" / "reference"
# variables of tests and of test runs, beside the settings of the program
OTHER_VARIABLES = {
    "COEDI_TEST_DATABASE_URL", "COEDI_TEST_AMQP_URL", "COEDI_TEST_BROKER_ADMIN_URL", "COEDI_TEST_PRIVATE", "COEDI_FAILPOINTS",
}


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    """The script docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def missing_rows(page: str, names: Iterable[str]) -> list[str]:
    """Names that do not stand first in a table row of the page, with or without code marks."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    first = set(re.findall(r"^\| \[?`?([^`|]+?)`?(?:\]\([^)]*\))? \|", text, re.M))
    return [name for name in names if name not in first]


def test_the_generated_pages_are_fresh(generate: ModuleType) -> None:
    assert generate.stale(REFERENCE) == []


def test_a_page_that_drifted_or_is_missing_is_named(generate: ModuleType, tmp_path: Path) -> None:
    generate.write(tmp_path)
    drawn = tmp_path / "lifecycle.md"
    drawn.write_text(drawn.read_text(encoding="utf-8").replace("PENDING_REVIEW --> APPROVED", "RETURNED --> APPROVED"))
    (tmp_path / "types.md").unlink()
    assert generate.stale(tmp_path) == ["lifecycle.md", "types.md"]


def test_every_setting_is_documented() -> None:
    assert missing_rows("settings.md", [name for name, _ in NAMES.values()]) == []


def test_every_rule_is_documented() -> None:
    assert missing_rows("rules.md", [rule.id for rule in current_pack().rules]) == []


def test_every_receipt_code_is_documented() -> None:
    filings = [filing_code(kind, state.code) for kind, life in LIVES.items() for state in life.states]
    codes = [*CODES, *GATES, *NOTICES, *(state.code for state in CERTIFICATE.states), *filings]
    assert missing_rows("receipt-codes.md", codes) == []


def test_every_state_and_move_is_documented_and_drawn() -> None:
    tables = TABLES.values()
    assert missing_rows("lifecycle.md", [state.code for table in tables for state in table.states]) == []
    page = (REFERENCE / "lifecycle.md").read_text(encoding="utf-8")
    drawn = re.findall(r"^    (\S+) --> (\S+): (\S+)$", page, re.M)
    assert drawn == [(move.source or "[*]", move.target, move.event) for table in tables for move in table.moves]


def test_every_certificate_type_is_documented() -> None:
    assert missing_rows("types.md", [kind.code for kind in all_types()]) == []


def test_every_invariant_is_documented() -> None:
    assert missing_rows("invariants.md", [check.name for check in (*CHECKS, CHAINS, CHECKPOINTS, DOCUMENT_FILES)]) == []


def test_a_name_that_is_not_in_the_tables_is_noticed() -> None:
    assert missing_rows("rules.md", ["C07", "Z99"]) == ["Z99"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_environment_variable_that_is_named_exists(page: Path) -> None:
    known = {name for name, _ in NAMES.values()} | OTHER_VARIABLES
    named = set(re.findall(r"\bCOEDI_[A-Z_]+", page.read_text(encoding="utf-8")))
    assert {name.removesuffix("_FILE") for name in named} <= known

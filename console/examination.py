"""What `coedi doctor` and `coedi audit verify` look at, with a progress bar; all of it in one consistent snapshot."""

from typing import Any

from console.settings import Settings
from console.terminal import progress, table
from domain.certificate_lifecycle import CERTIFICATE
from print_worker.folder import Folder
from print_worker.stocktaking import missing_or_changed
from store.chain import verify_chains
from store.checkpoint_audit import verify_checkpoints
from store.database import Database
from store.invariants import CHAINS, CHECKPOINTS, CHECKS, DOCUMENT_FILES, Result, collect, parameters, run


def promises(database: Database) -> list[Result]:
    """Every promise that the server can check by itself; needs a transaction."""
    given = parameters(CERTIFICATE)
    results = []
    with progress(len(CHECKS), "invariants") as bar:
        for check in CHECKS:
            bar.note(check.name)
            results.append(run(database, check, given))
            bar.advance()
    return results


def history(database: Database, settings: Settings) -> list[Result]:
    """Hash chains and signed checkpoints; needs a transaction."""
    with progress(database.query("count_history")[0][0], "history") as bar:
        chains = collect(CHAINS, verify_chains(database, bar.advance))
    with progress(None, "checkpoints"):
        return [chains, collect(CHECKPOINTS, verify_checkpoints(database, settings.state_dir))]


def files(database: Database, settings: Settings) -> Result:
    """Every finished document's file; needs a transaction."""
    with progress(database.query("count_documents")[0][0], "documents") as bar:
        return collect(DOCUMENT_FILES, missing_or_changed(database, Folder(settings.documents), bar.advance))


def as_data(results: list[Result]) -> list[dict[str, Any]]:
    """Results as the `checks` of the JSON document."""
    return [
        {
            "id": result.check.id, "name": result.check.name, "zh": result.check.zh, "en": result.check.en,
            "violations": result.count,
            "first": [{"subject": each.subject, "detail": each.detail} for each in result.first],
        }
        for result in results
    ]  # fmt: skip


def show(title: str, results: list[Result]) -> None:
    """The table of promises, then what breaks them."""
    table(title, ("id", "state", "violations", "promise"), [
        (r.check.id, "failed" if r.count else "ok", r.count, f"{r.check.zh}\n{r.check.en}") for r in results])
    for result in results:
        if result.count:
            table(f"{result.check.id} {result.check.name}: {result.count} violations"
                  + (f", the first {len(result.first)}" if result.count > len(result.first) else ""),
                  ("where", "what"), [(each.subject, each.detail) for each in result.first])

"""Exports 导出Excel: a list is written to a file in the background, in a thread of this process with a connection of its own.

How far it is stands in the database, so every process shows it. Nobody goes on with a job whose process died: it is shown as
failed after a minute, and can be started again. Files live below the state folder for a day.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

import structlog

from console.web.asking import Ask
from console.web.excel import CERTIFICATES, WAITING, write
from console.web.listing import rows_of
from console.web.pool import ROLE
from domain.errors import CoediError, Refusal, UnknownThing
from pipeline.identity import new_id
from store import people
from store.database import Database
from store.lists import Waiting
from store.search import Row

MOST_ROWS = 100_000
BATCH = 2000
AT_A_TIME = 2  # exports that a person may have running
PATIENCE = 60  # seconds without a sign of life after which a job counts as dead
KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Export:
    """A person's export. state: running, done, failed or cancelled; total, done: rows; query: the list's address."""

    id: UUID
    query: str
    state: str
    total: int
    done: int
    ready: bool
    error: str
    at: datetime

    @property
    def cut(self) -> bool:
        """Whether the list had more rows than a file may have."""
        return self.state == "done" and self.done >= MOST_ROWS


@dataclass(frozen=True, slots=True)
class _Job:
    id: UUID
    query: str
    url: str
    branch: str
    who: str
    language: str
    path: Path


def start(ask: Ask, query: str) -> UUID:
    """Begin to write the list that an address names; raises BadInput, UnknownThing for a bad address, Refusal when too many run."""
    next(iter(rows_of(ask.database, ask.branch, ask.who, query, 1)), None)  # a bad address is told now, not by a failed job
    identity = new_id()
    me = {"branch": ask.person.branch, "name": ask.person.name}
    with ask.database.transaction():
        ask.database.query("hold_exports_of", **me)
        rows = ask.database.query("start_export", id=identity, **me, query=query, patience=PATIENCE, most=AT_A_TIME)
    if not rows:
        raise Refusal(f"{AT_A_TIME} exports are running already; wait for one, or cancel it", zh="已有两个导出在进行，请等待或取消")
    people.audit(ask.database, ask.who, "export", ask.person.branch, str(identity), query=query)
    folder = _folder(ask)
    _sweep(folder)
    job = _Job(identity, query, ask.house.settings.database_url, ask.branch, ask.who, ask.language, folder / f"{identity}.xlsx")
    threading.Thread(target=_run, args=(job,), name=f"export {identity}", daemon=True).start()
    return identity


def exports(ask: Ask, identity: UUID | None = None) -> tuple[Export, ...]:
    """The person's exports of the last day, the newest first, or one of them."""
    rows = ask.database.query("exports", branch=ask.person.branch, name=ask.person.name, id=identity, patience=PATIENCE)
    return tuple(_export(ask, *row) for row in rows)


def export(ask: Ask, identity: UUID) -> Export:
    """One of the person's own; raises UnknownThing."""
    found = exports(ask, identity)
    if not found:
        raise UnknownThing(f"you have no export {identity}", zh="没有这样的导出")
    return found[0]


def cancel(ask: Ask, identity: UUID) -> None:
    """Stop it; what was written is deleted by the thread that writes it."""
    export(ask, identity)
    ask.database.query("end_export", id=identity, state="cancelled", file=None, error=None)


def pieces(ask: Ask, identity: UUID) -> Iterator[bytes]:
    """The file of a finished export, piece by piece; raises UnknownThing when it is not there (any more)."""
    path = _folder(ask) / f"{export(ask, identity).id}.xlsx"
    if not path.is_file():
        raise UnknownThing("the file is gone; export the list again", zh="文件已删除，请重新导出")
    return _read(path)


def _export(ask: Ask, *row: object) -> Export:
    identity, query, state, total, done, file, error, at, lost = row
    if lost:
        state, error = "failed", "the program that wrote it ended; start it again"
    ready = state == "done" and bool(file) and (_folder(ask) / str(file)).is_file()
    return Export(identity, query, state, total, done, ready, error or "", at)  # type: ignore[arg-type] # the columns in their order


def _run(job: _Job) -> None:
    database = Database(job.url, ROLE, "coedi export")
    try:
        database.query("bind_branch", branch=job.branch)
        _write(database, job)
    except Exception as error:  # noqa: BLE001 # the last resort of this thread: on record, and shown to who waits for it
        structlog.get_logger("console").exception("export failed", export=str(job.id))
        job.path.unlink(missing_ok=True)
        said = str(error)[:300] if isinstance(error, CoediError) else "something went wrong and is on record"
        with suppress(Exception):  # the database is gone, too: the job is shown as failed for want of a sign of life
            database.query("end_export", id=job.id, state="failed", file=None, error=said)
    finally:
        database.close()


def _write(database: Database, job: _Job) -> None:
    job.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    job.path.touch(mode=0o600)  # before anything is in it
    going = True

    def told(count: int) -> bool:
        nonlocal going
        if count % BATCH == 0:
            going = bool(database.query("export_progress", id=job.id, done=count, total=min(count + BATCH, MOST_ROWS)))
        return going

    columns = WAITING if job.query.partition("?")[0] == "/queues/review" else CERTIFICATES
    rows = islice(_rows(database, job), MOST_ROWS)
    count = write(job.path, columns, rows, job.language, told)
    database.query("export_progress", id=job.id, done=count, total=count)
    if not (going and database.query("end_export", id=job.id, state="done", file=job.path.name, error=None)):
        job.path.unlink(missing_ok=True)  # it was cancelled


def _rows(database: Database, job: _Job) -> Iterator[Row | Waiting]:
    for batch in rows_of(database, job.branch, job.who, job.query, BATCH):
        yield from batch


def _folder(ask: Ask) -> Path:
    return ask.house.settings.state_dir / "exports"


def _sweep(folder: Path) -> None:
    """Files of yesterday are gone."""
    for path in folder.glob("*.xlsx"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink()


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 16):
            yield piece

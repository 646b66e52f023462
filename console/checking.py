"""Checking many files: which they are, in which processes they are checked, and their reports in the order of the files."""

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import click

from domain.application import Application
from domain.errors import CoediError
from messages.gates import MAX_BYTES, NOTICES
from schemas.certificate_types import all_types
from schemas.codelists import code_lists
from schemas.documents import message_schema
from validators.check import FactsFor, check_bytes
from validators.facts import Facts
from validators.registry_file import load

Report = dict[str, Any]  # what check_bytes gives; verdict "unreadable" for a file that is none

SMALL_RUN = 50  # below, other processes would start longer than they work
_CHUNK = 8  # files handed to a process at once
_AHEAD = 4  # chunks a process, waiting or done: what bounds memory, and how long Ctrl-C takes


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every file: against which register (a file, None without one), on which business date."""

    registry: Path | None
    today: date


@lru_cache(maxsize=2)
def facts_of(question: Question) -> FactsFor:
    """What the rules may know of an application, once a process; raises BadSetting for a register that cannot be used."""
    today, codes = question.today, code_lists()
    types = frozenset(kind.code for kind in all_types() if kind.available_on(today))
    if question.registry is None:
        return lambda application: Facts(today, codes, types=types)
    known = load(question.registry)
    branches = frozenset(known.branches)

    def facts(application: Application) -> Facts:
        no = application.applicant.registration_no
        filings = known.filings_of(no, application.certificate_type)
        return Facts(today, codes, known.enterprises.get(no), branches, types, registry_known=True, filings=filings)

    return facts


def files_below(paths: Iterable[Path]) -> list[Path]:
    """The files among `paths`, and all .xml files below the folders among them, by name.

    A folder that has none, or that cannot be read, stands for itself: its report says so.
    """
    files: list[Path] = []
    for path in paths:
        files += _in_folder(path) if path.is_dir() else [path]
    return files


def _in_folder(folder: Path) -> list[Path]:
    closed: list[Path] = []
    found: list[Path] = []
    for at, _, names in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        found += [Path(at, name) for name in names if name.lower().endswith(".xml")]
    return sorted(found + closed) or [folder]


def report_on(file: Path, facts: FactsFor) -> Report:
    """The report on one file; a file that cannot be read has the verdict "unreadable" and one finding."""
    name = click.format_filename(file)
    try:
        with file.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            body = opened.read(min(size or MAX_BYTES, MAX_BYTES) + 1)  # asking for more costs more, whatever there is
    except OSError as error:
        empty = file.is_dir() and os.access(file, os.R_OK | os.X_OK)
        return _unreadable(name, "no .xml file in this folder" if empty else error.strerror or str(error))
    report = check_bytes(name, body, facts, None)
    if len(body) > MAX_BYTES:  # only its beginning was read
        report["findings"][0]["found"] = f"{max(size, len(body))} bytes"
    return report


def _unreadable(name: str, reason: str) -> Report:
    zh, en, remedy = NOTICES["FILE_UNREADABLE"]
    finding = {
        "code": "FILE_UNREADABLE", "severity": "reject", "box": None, "path": None, "line": None, "found": reason,
        "zh": zh, "en": en, "remedy": remedy}
    return {"file": name, "verdict": "unreadable", "findings": [finding], "not_checked": []}


@contextmanager
def checked(files: Sequence[Path], question: Question, jobs: int) -> Iterator[Iterator[Report]]:
    """The reports on `files`, in their order, while the block runs; from `jobs` processes when it is worth starting them.

    The block may end early, by Ctrl-C too: no process is left. Memory does not grow with the number of files.
    """
    facts = facts_of(question)
    if jobs == 1 or len(files) < SMALL_RUN:
        yield (report_on(file, facts) for file in files)
        return
    message_schema()  # made before the processes are, so that they share it
    before = signal.signal(signal.SIGTERM, _terminated)
    pool = ProcessPoolExecutor(
        jobs, multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn"),
        initializer=_ignore_signals)
    try:
        chunks = (files[at : at + _CHUNK] for at in range(0, len(files), _CHUNK))
        handed = (pool.submit(_reports_on, chunk, question) for chunk in chunks)
        yield _in_order(deque(islice(handed, jobs * _AHEAD)), handed)
    except BrokenProcessPool as error:
        raise CoediError("a process that checked files has died; --jobs 1 shows at which file") from error
    finally:
        pool.shutdown(cancel_futures=True)
        signal.signal(signal.SIGTERM, before)


def _in_order(ahead: deque[Future[list[Report]]], handed: Iterator[Future[list[Report]]]) -> Iterator[Report]:
    """The reports of the futures in `ahead`; each one taken out is followed by the next of `handed`."""
    while ahead:
        reports = ahead.popleft().result()
        ahead.extend(islice(handed, 1))
        yield from reports


def _reports_on(files: Sequence[Path], question: Question) -> list[Report]:
    facts = facts_of(question)
    return [report_on(file, facts) for file in files]


def _ignore_signals() -> None:
    """In a worker: Ctrl-C reaches the whole group, and the command itself ends its processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminated(number: int, frame: object) -> None:
    """Leave through the finally blocks, as on Ctrl-C."""
    raise SystemExit(128 + number)


def processors() -> int:
    """How many processors this process may use."""
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1

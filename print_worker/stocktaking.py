"""Stocktaking: every finished document on record against the file in the folder."""

from collections.abc import Callable, Iterator

from domain.errors import BadDocument
from print_worker.folder import Folder
from store.chain import Violation
from store.database import Database
from store.snapshot import stream


def missing_or_changed(database: Database, folder: Folder, step: Callable[[int], None]) -> Iterator[Violation]:
    """Documents whose file is gone or has another hash; reads every file in a transaction. step: files read."""
    for rows in stream(database, "all_documents"):
        for name, sha256, certificate in rows:
            try:
                folder.read(name, sha256)
            except BadDocument as error:
                yield Violation(str(certificate), str(error))
            step(1)

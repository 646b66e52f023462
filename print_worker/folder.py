"""Finished documents as files: written and flushed to disk before the database knows of them, checked when read."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from domain.certificate import Document
from domain.errors import BadDocument


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder that all hosts share; names in the database and in receipts are relative to it."""

    root: Path

    def keep(self, name: str, body: bytes, medium: str, pages: int) -> Document:
        """Write `body` under the relative `name`, durable when this returns. The same name always gets the same bytes."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fdatasync(file.fileno())
        part.replace(path)
        _flush_folder(path.parent)
        return Document(medium, hashlib.sha256(body).hexdigest(), name, len(body), pages)

    def read(self, name: str, sha256: str) -> bytes:
        """The document's bytes; raises BadDocument when the file is missing or its hash is another."""
        try:
            body = (self.root / name).read_bytes()
        except OSError as error:
            raise BadDocument(f"document {name} cannot be read under {self.root}: {error.strerror}") from error
        if hashlib.sha256(body).hexdigest() != sha256:
            raise BadDocument(f"document {name} was changed: its SHA-256 is not the one on record")
        return body


def _flush_folder(folder: Path) -> None:
    """A renamed file survives a crash only when its folder is flushed too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

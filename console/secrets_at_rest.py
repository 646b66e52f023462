"""Secrets that the console has to read back (second factors) lie in the database sealed; the key lies in the state folder.

AES-256-GCM. The sealed bytes are a format byte, a nonce of 12 bytes and the ciphertext; whom the secret belongs to is
authenticated with it, so that a row copied to another user does not open.
"""

import base64
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import BadSetting

FILE = "console.key"
_FORMAT, _NONCE = b"\x01", 12


@dataclass(frozen=True, slots=True)
class Keys:
    """What seals and opens; made by `keys_of`."""

    secret: bytes = field(repr=False)

    def seal(self, plain: bytes, owner: str) -> bytes:
        """Sealed for this owner ("1100B0/wang")."""
        nonce = secrets.token_bytes(_NONCE)
        return _FORMAT + nonce + AESGCM(self.secret).encrypt(nonce, plain, owner.encode())

    def open(self, sealed: bytes, owner: str) -> bytes | None:
        """What was sealed; None when it was sealed with another key or for another owner."""
        if sealed[:1] != _FORMAT:
            return None
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return AESGCM(self.secret).decrypt(nonce, body, owner.encode())
        except (InvalidTag, ValueError):
            return None


def keys_of(state_dir: Path) -> Keys:
    """The key of this folder, made at first use; raises BadSetting when others can read it or it is no key."""
    path = state_dir / FILE
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise BadSetting(f"{path} can be read by others; run: chmod 600 {path}")
        secret = base64.b64decode(path.read_bytes().strip(), validate=True)
    except OSError as error:
        raise BadSetting(f"cannot read or make {path}: {error.strerror}") from error
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise BadSetting(f"{path} is not a key of the console; restore it from a backup")
    return Keys(secret)


def _make(path: Path) -> None:
    """Whole or not at all; the first of two processes wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(32)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(part)  # unlike a rename it fails when the file exists
    except FileExistsError:
        return
    finally:
        part.unlink()

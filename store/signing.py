"""The key that signs checkpoints: Ed25519, made on first use, for its owner only; the public half lies beside it."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from domain.errors import BadDocument, BadSetting

PRIVATE, PUBLIC = "checkpoint-key.pem", "checkpoint-key.pub.pem"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private key of a state folder. fingerprint: the first 16 hex digits of the public key's SHA-256."""

    private: Ed25519PrivateKey
    fingerprint: str

    @classmethod
    def of(cls, state_dir: Path, new: bool) -> "SigningKey":
        """The key of this folder, made when there is none and `new` allows it; raises BadSetting, OSError."""
        path = state_dir / PRIVATE
        if not path.exists():
            if not new:
                raise BadSetting(f"{path} is gone, but lines signed with it are there; restore it, or move them aside")
            _make(state_dir)
        if path.stat().st_mode & 0o077:
            raise BadSetting(f"{path} can be read by others; run: chmod 600 {path}")
        try:
            private = load_pem_private_key(path.read_bytes(), password=None)
        except ValueError as error:
            raise BadSetting(f"{path} is not a key that can be used: {error}") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise BadSetting(f"{path} is not an Ed25519 key")
        return cls(private, fingerprint(private.public_key()))

    def sign(self, data: bytes) -> str:
        """The signature, hex."""
        return self.private.sign(data).hex()


def public_key(state_dir: Path) -> Ed25519PublicKey:
    """The public key of this folder; raises BadDocument when it is missing or no Ed25519 key."""
    path = state_dir / PUBLIC
    try:
        public = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadDocument(f"the public key of the checkpoints cannot be read: {path}") from error
    if not isinstance(public, Ed25519PublicKey):
        raise BadDocument(f"{path} is not an Ed25519 key")
    return public


def verified(public: Ed25519PublicKey, signature: str, data: bytes) -> bool:
    """Whether `signature` (hex) over `data` is by this key."""
    try:
        public.verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public: Ed25519PublicKey) -> str:
    """The first 16 hex digits of the SHA-256 of the raw public key."""
    return hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _make(state_dir: Path) -> None:
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    _write(state_dir / PUBLIC, public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)
    _write(state_dir / PRIVATE, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)


def _write(path: Path, body: bytes, mode: int) -> None:
    """Whole or not at all: a crash never leaves half a key."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)

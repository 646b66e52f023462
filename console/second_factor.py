"""The second factor 动态口令: six digits every 30 seconds (RFC 6238), each good for once and for a step of clock drift."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

import pyotp

from console.secrets_at_rest import Keys

STEP, WINDOW = 30, 1
_ISSUER = "coedi"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A QR code to be drawn as SVG without styles: a square of `size` modules, its dark ones as one path."""

    size: int
    path: str


def new_secret() -> str:
    """160 random bits, base32: what the telephone keeps."""
    return pyotp.random_base32()


def sealed(keys: Keys, secret: str, owner: str) -> bytes:
    """As it lies in the database; owner: "1100B0/wang"."""
    return keys.seal(secret.encode(), owner)


def opened(keys: Keys, totp: bytes, owner: str) -> str | None:
    """The secret again; None when the key is another one, or the row was another user's."""
    plain = keys.open(totp, owner)
    return None if plain is None else plain.decode()


def address_of(secret: str, owner: str) -> str:
    """What a telephone reads: otpauth://totp/coedi:wang%401100B0?..."""
    branch, _, name = owner.partition("/")
    return pyotp.TOTP(secret).provisioning_uri(name=f"{name}@{branch}", issuer_name=_ISSUER)


def step_of(secret: str, code: str, now: int) -> int | None:
    """The time step that this code belongs to, of those that count now; None when it is none of them. now: seconds since 1970."""
    digits = "".join(code.split())
    if len(digits) != 6 or not digits.isascii() or not digits.isdigit():
        return None
    made = pyotp.TOTP(secret)
    found = [step for step in _steps(now) if hmac.compare_digest(made.at(step * STEP), digits)]
    return found[-1] if found else None


def drawn(text: str) -> Drawing:
    """A QR code of this text for a page."""
    import segno

    modules = [tuple(row) for row in segno.make(text, error="m").matrix_iter(border=4)]
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(modules) for x, dark in enumerate(row) if dark)
    return Drawing(len(modules), path)


def _steps(now: int) -> Iterator[int]:
    middle = now // STEP
    yield from range(middle - WINDOW, middle + WINDOW + 1)

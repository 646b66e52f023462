"""Passwords: which are good enough, how they are hashed, and those made for one use.

Length counts, composition does not: at least 8 characters, 15 are better, everything typed counts (up to 256). Hashes are
Argon2id; at most two are computed at a time, so that a flood of sign-ins cannot take the memory of the machine.
"""

import secrets
import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from console.common_passwords import is_common

SHORTEST, ADVISED, LONGEST = 8, 15, 256
ONE_TIME_HOURS = 24
HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)  # 32 MiB, some 60 ms
# a password that nobody has: what unknown users' passwords are compared with, so that they take as long as others
NOBODY = "$argon2id$v=19$m=32768,t=3,p=1$Y4Io/WaDFGGsqRKL+9W9aA$6E+qJ4Mjdus+D5up6U3Z1S/U8IbqhW4/hXQ4GdU/EE0"
_AT_ONCE = BoundedSemaphore(2)
_UNMISTAKABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # without i l o 0 1

# why a password is not accepted -> what the user is told, Chinese and English
FAULTS: dict[str, tuple[str, str]] = {
    "short": ("密码至少8个字符，建议15个以上", "at least 8 characters, better 15"),
    "long": ("密码最多256个字符", "at most 256 characters"),
    "name": ("密码不得包含用户名", "it contains the user name"),
    "common": ("密码过于常见，容易被猜中；请用几个不相关的词",
               "anybody would guess it; take several words that do not belong together"),
    "same": ("新密码与原密码相同", "it is the password you have"),
    "unreadable": ("密码含有无法识别的字符", "it has characters that cannot be read"),
}


def fault(password: str, branch: str, name: str) -> str | None:
    """Why a new password of this user is not accepted, a key of FAULTS; None when it is."""
    text = _same_way(password)
    if text is None:
        return "unreadable"
    if len(text) < SHORTEST:
        return "short"
    if len(text) > LONGEST:
        return "long"
    if name.lower() in text.lower():
        return "name"
    return "common" if is_common(text, (branch, branch[:4], name)) else None


def hash_of(password: str) -> str:
    """The Argon2id hash of a password that `fault` accepts."""
    with _AT_ONCE:
        return HASHER.hash(_same_way(password) or "")


def matches(stored: str | None, password: str) -> bool:
    """Whether this is the password; takes as long when there is none to compare with."""
    text = _same_way(password[: LONGEST + 1])
    right = stored is not None and text is not None and len(text) <= LONGEST
    with _AT_ONCE:
        return _verified(stored or NOBODY, text or "") and right


def one_time() -> str:
    """A password of 79 random bits that can be read out: "k7fq-2mzp-9xwd-hr4t"."""
    return "-".join("".join(secrets.choice(_UNMISTAKABLE) for _ in range(4)) for _ in range(4))


def _verified(stored: str, text: str) -> bool:
    try:
        return HASHER.verify(stored, text)
    except (VerificationError, InvalidHashError):
        return False


def _same_way(password: str) -> str | None:
    """The password as every keyboard's form of it becomes (NFKC); None when it is no text."""
    text = unicodedata.normalize("NFKC", password)
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    return text

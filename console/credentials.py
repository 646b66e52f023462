"""Passwords of broker accounts, one file each: readable by their owner only, and never shown except when asked for.

`<state_dir>/credentials/<who>.json` holds the password in force. A rotation writes `<who>.json.next` before the broker
is told, and renames it when the broker has it: whatever fails in between, no password that counts is lost.
"""

import json
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import BadSetting, NotAllowed

_PASSWORD_BYTES = 24  # 32 characters: letters, digits, "-" and "_", so that no shell or URL misreads them


@dataclass(frozen=True, slots=True)
class Credentials:
    """A broker user and its password."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CredentialFile:
    """The file of one account. `name`: "enterprise-<number>" or "branch-<code>", with the installation's prefix."""

    folder: Path
    name: str

    @property
    def path(self) -> Path:
        """The password in force."""
        return self.folder / f"{self.name}.json"

    @property
    def pending(self) -> Path:
        """A new password that the broker may not know yet."""
        return self.folder / f"{self.name}.json.next"

    def read(self) -> Credentials | None:
        """The credentials in force, None when there are none here; raises NotAllowed when others can read the file."""
        return _read(self.path)

    def keep_or_make(self, user: str) -> Credentials:
        """The credentials in force; new ones when there are none. The first of two writers wins."""
        return self.read() or self._new(self.path, user)

    def next(self, user: str) -> Credentials:
        """New credentials, to be put in force by `promote`; those of an unfinished rotation are taken up again."""
        return _read(self.pending) or self._new(self.pending, user)

    def promote(self) -> None:
        """The broker has the new password: it is in force from now on."""
        self.pending.replace(self.path)

    def remove(self) -> None:
        """Forget the account's passwords."""
        self.path.unlink(missing_ok=True)
        self.pending.unlink(missing_ok=True)

    def _new(self, path: Path, user: str) -> Credentials:
        made = Credentials(user, secrets.token_urlsafe(_PASSWORD_BYTES))
        return made if _write_new(path, made) else self._existing(path)

    def _existing(self, path: Path) -> Credentials:
        found = _read(path)
        if found is None:
            raise BadSetting(f"{path} was there and is gone: another command works on this account; try again")
        return found


def _read(path: Path) -> Credentials | None:
    try:
        with path.open(encoding="utf-8") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise NotAllowed(
                    f"{path} can be read by others; run: chmod 600 {path}, then make a new password (--rotate)")
            data = json.load(file)
        return Credentials(data["user"], data["password"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadSetting(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        raise BadSetting(f"{path} is not a file of credentials; remove it and make new ones with --rotate") from None


def _write_new(path: Path, made: Credentials) -> bool:
    """Write a new file, all of it or nothing; False when there is one already."""
    text = json.dumps({"user": made.user, "password": made.password})
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(temporary)  # unlike a rename it fails when the file exists
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
    except OSError as error:
        raise BadSetting(f"cannot write {path} (COEDI_STATE_DIR): {error.strerror}") from error
    return True

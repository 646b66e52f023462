"""A service process that outlives the command that started it: started, found again by its record, ended.

The record is a JSON file: the process id alone would not do, the system gives ids away again. Together with the time
the process began, in clock ticks since boot (field 22 of /proc/PID/stat, see proc(5)), it names one process for ever.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Failure

# a killed process stays in the table until its parent, here mostly process 1, collects it: seen to take two seconds
_COLLECTED_WITHIN = 10.0
# processes that this very process started: it has to collect them when they end
_CHILDREN: dict[int, "subprocess.Popen[bytes]"] = {}


class ServiceFailed(Failure):
    """A private service did not start, or did not end."""


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged account of this machine that a service runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Record:
    """The process that a file names; `path` is that file."""

    path: Path

    def pid(self) -> int | None:
        """The process, None when it does not run (any more)."""
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        pid = int(kept["pid"])
        return pid if _began(pid) == kept["began"] else None

    def keep(self, pid: int) -> None:
        """Remember this process."""
        self.path.write_text(json.dumps({"pid": pid, "began": _began(pid)}), encoding="utf-8")

    def forget(self) -> None:
        """Remember none."""
        self.path.unlink(missing_ok=True)


def start(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path, account: Account | None = None
) -> int:
    """Start `command` in a session of its own, as `account` if given; its process id. Output is added to `log`."""
    rights = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    with log.open("ab") as output:
        child = subprocess.Popen(  # type: ignore[call-overload] # rights: three keywords that Popen has
            command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, **rights)
    _CHILDREN[child.pid] = child
    return int(child.pid)


def end(pid: int, number: signal.Signals, within: float) -> None:
    """Send a signal and wait until the process is gone; raises ServiceFailed when it is not, `within` seconds."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
    deadline = time.monotonic() + within
    while _began(pid) is not None:
        if time.monotonic() > deadline:
            raise ServiceFailed(f"process {pid} does not end; look at it, then: kill -9 {pid}")
        time.sleep(0.02)


def collected(pid: int) -> None:
    """Wait until nothing is left of a process that has ended: until then others take its lock file for a living one's."""
    deadline = time.monotonic() + _COLLECTED_WITHIN
    while Path(f"/proc/{pid}").exists() and _began(pid) is None and time.monotonic() < deadline:
        time.sleep(0.02)


def free_ports(kept: Path, names: Sequence[str]) -> dict[str, int]:
    """name -> TCP port on 127.0.0.1: those in the file `kept` as long as they are free, else others, kept from now on."""
    try:
        before: dict[str, int] = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        before = {}
    with contextlib.ExitStack() as held:  # all are held until all are found: no port is given out twice
        chosen = {name: _bind(held, before.get(name, 0)) for name in names}
    kept.write_text(json.dumps(chosen), encoding="utf-8")
    return chosen


def kept_ports(kept: Path) -> dict[str, int]:
    """The ports in the file, {} without it."""
    try:
        return dict(json.loads(kept.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def tail(log: Path, lines: int = 5) -> str:
    """The last lines of a log, joined with "; "."""
    try:
        return "; ".join(log.read_text(encoding="utf-8", errors="replace").split("\n")[-lines - 1:]).strip("; ")
    except OSError:
        return ""


def _bind(held: contextlib.ExitStack, wanted: int) -> int:
    for port in (wanted, 0):
        probe = held.enter_context(socket.socket())
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of a killed service may linger
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise ServiceFailed("there is no free TCP port on 127.0.0.1")


def _began(pid: int) -> int | None:
    """When a running process began, None for one that has ended, collected or not."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    if fields[0] not in "ZX":
        return int(fields[19])
    if child := _CHILDREN.pop(pid, None):
        child.wait()
    return None

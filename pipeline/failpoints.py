"""Places at which a test can make this process fail; they do nothing unless COEDI_FAILPOINTS is "on".

FAILPOINT=name:nth:action[,...] with action kill (SIGKILL to itself), raise, or sleep; nth counts passes from 1.
"""

import os
import signal
import time

# every place that calls `reach`, so that a test can ask for each
NAMES = ("before-commit", "after-commit", "before-publish", "after-publish", "before-ack", "after-ack", "between-t1-and-t2")

_passes: dict[str, int] = {}


class Injected(RuntimeError):
    """A failure that a test asked for."""


def reach(name: str) -> None:
    """Pass the failpoint `name`."""
    if os.environ.get("COEDI_FAILPOINTS") != "on":
        return
    _passes[name] = _passes.get(name, 0) + 1
    for wish in os.environ.get("FAILPOINT", "").split(","):
        parts = wish.split(":")
        if len(parts) == 3 and parts[0] == name and int(parts[1]) == _passes[name]:
            _act(parts[2], name)


def _act(action: str, name: str) -> None:
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "sleep":
        time.sleep(5)
    elif action == "raise":
        raise Injected(name)

"""The command as people run it: a process, its exit code, what it prints; and a running system to run it against."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from console.broker_accounts import broker_user
from console.provisioning import everything
from pipeline.broker_admin import AskAdministrator, admin_for
from pipeline.rabbit import delete, depths
from store import registry
from tests import services


def coedi(world: services.World, *words: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run `coedi WORDS` in this world, with `environment` on top."""
    return subprocess.run(
        [sys.executable, "-m", "console", *map(str, words)], env=world.environment | environment, text=True,
        capture_output=True, timeout=120, check=False)


def answer(done: "subprocess.CompletedProcess[str]", code: int = 0) -> Any:
    """The one JSON document it printed, after a look at its exit code."""
    assert done.returncode == code, done.stderr + done.stdout
    return json.loads(done.stdout)


@contextmanager
def working(world: services.World) -> Iterator[None]:
    """`coedi up` with one worker, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "console", "up", "--workers", "1"], env=world.environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while depths(world.settings.amqp_url, [world.names.inbox])[world.names.inbox][1] == 0:
            assert time.monotonic() < deadline and process.poll() is None, "the worker did not start"
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def can_administer() -> bool:
    """Whether accounts can be made on the broker under test."""
    return not isinstance(admin_for("", services.AMQP_URL), AskAdministrator)


def remove_partners(world: services.World) -> None:
    """Delete the accounts and broker objects of everyone on file."""
    database, admin = world.database(), admin_for("", world.settings.amqp_url)
    delete(world.settings.amqp_url, everything(world.settings, database))
    if any((world.settings.state_dir / "credentials").glob("*.json*")):
        numbers = [each.no for each in registry.partners(database)]
        numbers += [each.code for each in registry.branches(database)]
        for identity in numbers:
            if any((world.settings.state_dir / "credentials").glob(f"*{identity}*")):
                admin.delete_user(broker_user(world.settings.prefix, identity))
    database.close()

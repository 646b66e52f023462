"""Services: migrate, work, relay and up."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

import click

from console import settings as configuration
from console import wiring
from console.logs import set_up

# prctl(PR_SET_PDEATHSIG): the kernel ends our children when we are killed
_DEATH_SIGNAL = 1
# a child that dies is started again at once; one that keeps dying young, later each time: every death counts as a
# delivery of all it had been handed, and the broker gives up on a message after 50
RESTART_SECONDS, RESTART_LONGEST, YOUNG = 0.2, 2.0, 1.0


def _stopping() -> Callable[[], bool]:
    """A flag that SIGTERM and SIGINT raise: the batch at hand is finished, then the process ends."""
    flag = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: flag.set())
    return flag.is_set


@click.command()
def migrate() -> None:
    """Create or update the database schema."""
    from store.database import Database
    from store.migrate import migrate as apply

    database = Database(configuration.load().database_url)
    applied = apply(database)
    for name in applied:
        click.echo(f"applied {name}")
    click.echo("the database is up to date" if not applied else f"{len(applied)} migration(s) applied")


@click.command()
@click.argument("stages", nargs=-1, required=True, type=click.Choice(wiring.WORK))
def work(stages: tuple[str, ...]) -> None:
    """Run one worker process that hosts STAGES, until SIGTERM."""
    set_up()
    worker = wiring.worker(configuration.load(), stages, _stopping())
    try:
        worker.run()
    finally:
        worker.consumer.close()
        worker.publisher.close()
        worker.session.database.close()


@click.command()
@click.option("--shard", default="0/1", show_default=True, help="This relay's share of the outbox, I/N.")
def relay(shard: str) -> None:
    """Send what no worker owns: rows of the console and the command line, of dead workers, and lost work orders."""
    set_up()
    try:
        index, count = (int(part) for part in shard.split("/"))
    except ValueError:
        raise click.BadParameter("write it as I/N, for example 0/2", param_hint="--shard") from None
    if not 0 <= index < count:
        raise click.BadParameter("I must be below N", param_hint="--shard")
    made, chores = wiring.relay(configuration.load(), index, count)
    try:
        made.run(_stopping(), chores)
    finally:
        made.publisher.close()


@click.command()
@click.option("--workers", default=2, show_default=True, help="Worker processes; each hosts every stage.")
@click.option("--relays", default=1, show_default=True, help="Relay processes; they share the outbox.")
@click.option("--consoles", default=1, show_default=True, help="Processes of the web console; none when COEDI_CONSOLE_PORT is 0.")
def up(workers: int, relays: int, consoles: int) -> None:
    """Run everything: workers, relays and the console, restarted when one dies; they end with this process."""
    set_up()
    stopping = _stopping()
    settings = configuration.load()
    wiring.database(settings).close()  # say now, in one line, what is missing; later it is waited for
    wiring.look_at_broker(settings)
    Supervisor([
        *([["work", *wiring.WORK]] * workers),
        *[["relay", "--shard", f"{i}/{relays}"] for i in range(relays)],
        *([["console", "--processes", str(consoles)]] if consoles and settings.console_port != "0" else []),
    ], stopping).run()


class Supervisor:
    """Keeps child processes of our own command running."""

    def __init__(self, commands: Sequence[list[str]], stopping: Callable[[], bool]) -> None:
        self.commands, self.stopping = commands, stopping
        self.children: list[subprocess.Popen[bytes]] = []
        self._started: list[float] = []
        self._delays = [RESTART_SECONDS] * len(commands)

    def run(self) -> None:
        """Start all, restart what dies, end all when asked to; exits 2 when a child says that a setting is wrong."""
        import structlog

        log = structlog.get_logger("up")
        self.children = [self._start(command) for command in self.commands]
        self._started = [time.monotonic()] * len(self.children)
        log.info("up", workers=[child.pid for child in self.children])
        try:
            while not self.stopping():
                time.sleep(0.05)
                for index, child in enumerate(self.children):
                    if child.poll() is not None:
                        self._replace(index, child, log)
        finally:
            self._end()

    def _replace(self, index: int, child: "subprocess.Popen[bytes]", log: object) -> None:
        import structlog

        lived = time.monotonic() - self._started[index]
        structlog.get_logger("up").warning(
            "child died", command=" ".join(self.commands[index]), pid=child.pid, exit=child.returncode, seconds=round(lived, 1))
        if child.returncode == 2 and lived < YOUNG:
            sys.exit(2)  # it said why in one line: a setting is wrong, and will be next time
        delay = self._delays[index]
        self._delays[index] = min(delay * 2, RESTART_LONGEST) if lived < YOUNG else RESTART_SECONDS
        time.sleep(delay)
        self.children[index] = self._start(self.commands[index])
        self._started[index] = time.monotonic()

    def _start(self, command: list[str]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", "console", *command], preexec_fn=_die_with_parent)  # noqa: PLW1509 # no threads yet

    def _end(self) -> None:
        for child in self.children:
            if child.poll() is None:
                child.terminate()
        for child in self.children:
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _die_with_parent() -> None:
    """In the child, before exec: SIGTERM when the supervisor is gone, and our own group so that Ctrl-C reaches it once."""
    import ctypes

    parent = os.getppid()
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGTERM)
    os.setpgid(0, 0)
    if parent == 1:
        os._exit(1)


COMMANDS = {"migrate": migrate, "work": work, "relay": relay, "up": up}

"""Which services the tests use, and why: named ones, those on the standard ports, else private ones for this run alone."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from console import local_services
from console.settings import Settings

DATABASE, BROKER = "COEDI_TEST_DATABASE_URL", "COEDI_TEST_AMQP_URL"


def choose() -> list[str]:
    """Start what is missing and can be started; a line for each service. COEDI_TEST_PRIVATE=1: private ones in any case.

    The processes of a run with several inherit the environment, so only the first one starts anything.
    """
    settings = Settings(state_dir=Path(tempfile.gettempdir()) / f"coedi-test-{os.getpid()}")
    return [
        _choose("PostgreSQL", DATABASE, local_services.standard_database_answers, lambda: _postgres(settings), settings),
        _choose("RabbitMQ", BROKER, local_services.standard_broker_answers, lambda: _rabbitmq(settings), settings),
    ]


def _choose(
    service: str, name: str, standard_answers: Callable[[], bool], start: Callable[[], str | None], settings: Settings
) -> str:
    if os.environ.get(name):
        return f"{service}: {name} is set"
    if not os.environ.get("COEDI_TEST_PRIVATE") and standard_answers():
        return f"{service}: the standard local port answers"
    url = start()
    if url is None:
        return f"{service}: none answers and its programs are not installed; tests that need it skip (with CI set they fail)"
    os.environ[name] = url
    atexit.register(_end, settings, os.getpid())
    return f"{service}: none answers, a private one was started for this run"


def _postgres(settings: Settings) -> str | None:
    service = local_services.private_postgres(settings)
    if service is None:
        return None
    service.start()
    return urlunsplit(urlsplit(service.url())._replace(path="/postgres"))


def _rabbitmq(settings: Settings) -> str | None:
    service = local_services.private_rabbitmq(settings)
    if service is None:
        return None
    service.start()
    return service.url


def _end(settings: Settings, owner: int) -> None:
    """In the process that started them: end the private services and delete what they kept."""
    if os.getpid() == owner:
        local_services.stop(settings)
        local_services.remove(settings)
        shutil.rmtree(settings.state_dir, ignore_errors=True)

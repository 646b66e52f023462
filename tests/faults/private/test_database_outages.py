"""A PostgreSQL that is restarted in order, stopped at once, or killed, in the middle of the work."""

import os
import signal

import pytest

from console.local_postgres import LocalPostgres
from tests.faults.private.outage import Outage
from tests.load import wait_for

pytestmark = [pytest.mark.broker, pytest.mark.database]
WITHIN = 25.0  # seconds; below the 30 after which the relay takes what an owner kept: a loaded machine needs more than a quiet one


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT, signal.SIGKILL], ids=["orderly", "immediate", "kill -9"])
def test_a_restarted_database_loses_nothing_and_work_goes_on_by_itself(
    outage: Outage, postgres: LocalPostgres, number: signal.Signals
) -> None:
    outage.begin()
    before = outage.sent
    assert postgres.pid
    if number == signal.SIGKILL:
        os.kill(postgres.pid, number)
        assert wait_for(lambda: postgres.pid is None)
    else:
        postgres.stop(number)
    outage.send(30)
    postgres.start()
    outage.goes_on_within(WITHIN, before)
    outage.leaves_nothing_behind()

"""A RabbitMQ that is restarted, killed, or short of memory or disk, in the middle of the work."""

import os
import signal

import pytest

from console.local_rabbitmq import LocalRabbitMQ
from tests.faults.private.outage import Outage
from tests.load import wait_for

pytestmark = [pytest.mark.broker, pytest.mark.database]
WITHIN = 25.0  # seconds; below the 30 after which the relay takes what an owner kept: a loaded machine needs more than a quiet one


@pytest.mark.parametrize("how", ["orderly", "kill -9"])
def test_a_restarted_broker_loses_nothing_and_work_goes_on_by_itself(outage: Outage, broker: LocalRabbitMQ, how: str) -> None:
    outage.begin(settled=True)
    if how == "orderly":
        broker.stop()
    else:
        assert broker.pid
        os.kill(broker.pid, signal.SIGKILL)
    assert wait_for(lambda: broker.pid is None)
    broker.start()
    before = outage.issued()
    outage.send(1)
    outage.goes_on_within(WITHIN, before)
    outage.send(30)
    outage.leaves_nothing_behind()


@pytest.mark.parametrize(("short", "plenty"), [
    (("set_vm_memory_high_watermark", "absolute", "1MB"), ("set_vm_memory_high_watermark", "absolute", "1GB")),
    (("set_disk_free_limit", "900000GB"), ("set_disk_free_limit", "50MB")),
], ids=["memory", "disk"])
def test_a_broker_short_of_memory_or_disk_delays_and_loses_nothing(
    outage: Outage, broker: LocalRabbitMQ, short: tuple[str, ...], plenty: tuple[str, ...]
) -> None:
    outage.prepare()
    outage.send(60)
    broker.control(*short)
    try:
        assert wait_for(lambda: _alarm(broker), 15)
        outage.launch()
        outage.send_meanwhile(30)
        # publishers wait, consumers do not: what had arrived is taken in, what follows from it stays in the outbox
        assert wait_for(lambda: outage.received() == 60), outage.log()
        assert outage.outbox() > 0
    finally:
        broker.control(*plenty)
    assert wait_for(lambda: not _alarm(broker), 15)
    outage.goes_on_within(WITHIN, 89)
    outage.leaves_nothing_behind()


def _alarm(broker: LocalRabbitMQ) -> bool:
    """Whether the node has a resource alarm in effect."""
    return "resource_limit" in broker.control("eval", "rabbit_alarm:get_alarms().")

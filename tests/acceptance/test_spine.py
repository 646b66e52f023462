"""XML in on RabbitMQ, certificates and receipts out: the main job with real services."""

from datetime import date
from pathlib import Path

import pytest

from console.sampler import FAULTS, sample
from tests.load import publish, receipts_of, register_sampler, start, states, wait_for
from tests.services import World

pytestmark = [pytest.mark.broker, pytest.mark.database]


def test_a_mixed_load_is_issued_returned_and_referred_with_every_receipt(world: World, tmp_path: Path) -> None:
    world = register_sampler(world)
    today = date.today()
    samples = [sample(n, today) for n in range(40)] + [
        sample(100 + n, today, fault=fault) for n, fault in enumerate(FAULTS)]
    up = start(world, tmp_path, "up", "--workers", "2")
    try:
        assert len(publish(world, samples)) == len(samples)
        assert wait_for(lambda: sum(states(world).get(s, 0) for s in ("ISSUED", "RETURNED", "PENDING_REVIEW")) == len(samples)), (
            states(world), up.output())
        assert states(world) == {"ISSUED": 40, "RETURNED": 4, "PENDING_REVIEW": 1}
        database = world.database()
        assert wait_for(lambda: database.run("select count(*) from outbox")[0][0] == 0), up.output()
    finally:
        assert up.stop() == 0
    got = receipts_of(world)
    for enterprise, receipts in got.items():
        feed = [receipt.feed_no for receipt in receipts]
        expected = database.run("select last from feed_counter where enterprise = %s", (enterprise,))[0][0]
        assert sorted(set(feed)) == list(range(1, expected + 1))
    issued = [r for receipts in got.values() for r in receipts if r.code == "ISSUED"]
    assert len({r.certificate_no for r in issued}) == 40
    assert all((world.settings.documents / r.document.name).is_file() for r in issued if r.document)
    database.close()

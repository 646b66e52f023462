"""What the doctor promises about filings: a world with some is clean, and a planted violation is found."""

import pytest

from console.sampler import FIRMS
from gateway.intake import Intake
from tests.desk import Desk, another_session
from tests.filing_messages import goods, registration
from tests.integration.operators.filing_violations import FILINGS
from tests.integration.operators.test_doctor import broken, plant
from tests.services import World

pytestmark = pytest.mark.database


@pytest.fixture
def filed(lived: World) -> World:
    """A world with a registration under review, and goods that came back."""
    firm, owner = FIRMS[0].record, lived.database()
    session = another_session(lived)
    desk = Desk(lived, session, Intake(session), owner)
    exchange = lived.names.enterprise_exchange(firm.no)
    desk.deliver(registration("R-1", firm.no, no=firm.no, branch=firm.branch, zh=firm.name_zh, en=firm.name_en), exchange=exchange)
    desk.deliver(goods("G-1", firm.no, firm.branch, HSCode="1"), exchange=exchange)
    assert desk.query("select kind, state from filing order by kind") == [("goods", "RETURNED"), ("registration", "PENDING_REVIEW")]
    owner.run("update outbox set claimed_at = clock_timestamp()")
    session.database.close()
    owner.close()
    return lived


def test_a_world_with_filings_is_clean(filed: World) -> None:
    assert broken(filed) == set()


@pytest.mark.parametrize(("name", "sql"), FILINGS, ids=[f"{name}-{n}" for n, (name, _) in enumerate(FILINGS)])
def test_a_planted_violation_is_found(filed: World, name: str, sql: str) -> None:
    plant(filed, sql)
    assert name in broken(filed)

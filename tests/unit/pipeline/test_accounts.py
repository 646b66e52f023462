"""What an account may reach."""

import re

import pytest

from domain.errors import NotAllowed
from pipeline.accounts import branch_account, enterprise_account
from pipeline.topology import Names

NAMES = Names("a.b-")
QUEUE = "a.b-receipts.ENT0001.Ab-_9"


def test_an_enterprise_reaches_its_exchange_and_its_queue_and_nothing_else() -> None:
    allowed = enterprise_account(NAMES, "co", "ENT0001", QUEUE).permissions
    assert re.search(allowed.write, "a.b-in.ENT0001")
    assert re.search(allowed.read, QUEUE)
    for other in (
        "a.b-in.ENT0002",
        "aXb-in.ENT0001",
        "a.b-in.ENT00012",
        "xa.b-in.ENT0001",
        "a.b-co.in",
        "",
        "amq.topic",
    ):
        assert not re.search(allowed.write, other) or other == ""
    for other in ("a.b-receipts.ENT0001.", "a.b-receipts.ENT0002.Ab-_9", "a.b-co.inbox", QUEUE + "x"):
        assert not re.search(allowed.read, other)
    assert allowed.configure == "^$"


def test_the_default_exchange_stays_closed() -> None:
    # the broker checks the default exchange under the name amq.default
    assert not re.search(enterprise_account(NAMES, "co", "ENT0001", QUEUE).permissions.write, "amq.default")


def test_a_branch_reads_its_queue_and_writes_to_its_exchange_only() -> None:
    allowed = branch_account(NAMES, "co", "1100B0", "branch1100").permissions
    assert re.search(allowed.read, "a.b-branch.1100B0")
    assert re.search(allowed.write, "a.b-in.branch.1100B0")
    assert allowed.configure == "^$"
    for other in ("a.b-in.branch.1100B1", "a.b-in.1100A0017", "a.b-inXbranch.1100B0", "a.b-co.in", "amq.default", ""):
        assert not re.search(allowed.write, other)


@pytest.mark.parametrize("user", ["abc", "a.bcd", "x" * 21, "büro", "a bcd"])
def test_user_names_that_mean_more_than_themselves_in_a_pattern_are_refused(user: str) -> None:
    with pytest.raises(NotAllowed):
        branch_account(NAMES, "co", "1100", user)


def test_a_password_is_not_shown_with_its_account() -> None:
    assert "hush" not in repr(enterprise_account(NAMES, "co", "ENT0001", QUEUE, "hush-hush"))

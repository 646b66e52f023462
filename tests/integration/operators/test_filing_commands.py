"""`coedi filing` and `coedi registration`: what a person of the branch sees and decides in a shell."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gateway import goods_checks
from tests.desk import Desk, make_desk
from tests.filing_messages import FIRM, base64_of, form_e, goods, png, registration
from tests.integration.operators.command import coedi
from tests.services import World

pytestmark = pytest.mark.database
CODES = "<CustomsCodes><CustomsCode><Code>1101960099</Code></CustomsCode>" \
        "<CustomsCode><Code>1101960100</Code></CustomsCode></CustomsCodes>"


@pytest.fixture
def place(stored: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    known, kind = goods_checks.type_of, replace(form_e())
    monkeypatch.setattr(goods_checks, "type_of", lambda code: kind if code == kind.code else known(code))
    desk = make_desk(stored)
    yield desk
    desk.owner.close()
    desk.session.database.close()


def test_goods_are_listed_shown_returned_and_approved(place: Desk) -> None:
    world, exchange = place.world, place.world.names.enterprise_exchange(FIRM)
    place.deliver(goods("G-1", ValidTo="2099-12-31"), exchange=exchange)
    [row] = coedi(world, "filing", "list", "--branch", "1100B0", "--state", "PENDING_REVIEW", "--json").data["filings"]
    assert (row["enterprise"], row["goods"], row["version"]) == (FIRM, "CENTRIFUGAL PUMPS", 2)
    assert coedi(world, "filing", "list", "--branch", "4403C1").out == "there are none\n"
    shown = coedi(world, "filing", "show", row["id"], "--json").data
    assert shown["content"]["value_content"] == "55"
    assert [line["state"] for line in shown["history"]] == ["RECEIVED", "PENDING_REVIEW"]
    stale = coedi(world, "filing", "approve", row["id"], "--version", 1)
    assert stale.exit_code == 4 and "version 2 now" in stale.why
    assert coedi(world, "filing", "approve", row["id"], "--version", 2, "--valid-to", "1999-01-01").exit_code == 4
    said = coedi(world, "filing", "approve", row["id"], "--version", 2, "--valid-to", "2098-01-31", "--json")
    assert (said.exit_code, said.data["state"], said.data["valid_to"]) == (0, "APPROVED", "2098-01-31")
    assert coedi(world, "filing", "show", said.data["number"]).exit_code == 0
    again = coedi(world, "filing", "return", said.data["number"], "--version", 3, "--reason", "too late")
    assert again.exit_code == 4 and "approved" in again.why
    [(actor, detail)] = place.query("select actor, detail from audit where action = 'goods filing approve'")
    assert actor.startswith("operator:") and detail["state"] == "APPROVED"
    assert place.query("select count(*) from outbox where owner is null and kind = 'receipt'") >= [(1,)]


def test_a_registration_is_decided_with_its_customs_codes(place: Desk) -> None:
    world, exchange = place.world, place.world.names.enterprise_exchange(FIRM)
    place.deliver(registration("R-1", more=CODES + f"<Seal>{base64_of(png())}</Seal>"), exchange=exchange)
    [row] = coedi(world, "registration", "list", "--json").data["filings"]
    assert coedi(world, "filing", "show", row["id"]).exit_code == 4  # a registration is no goods filing
    shown = coedi(world, "registration", "show", row["id"])
    assert "base64 characters" in shown.out and base64_of(png())[:40] not in shown.out
    back = coedi(world, "registration", "return", row["id"], "--version", 2, "--reason", " ")
    assert back.exit_code == 2
    unknown = coedi(world, "registration", "approve", row["id"], "--version", 2, "--customs-code", "9999999999")
    assert unknown.exit_code == 4
    said = coedi(world, "registration", "approve", row["id"], "--version", 2, "--customs-code", "1101960099",
                 "--refuse-customs-code", "1101960100")
    assert said.exit_code == 0 and "REGISTERED" in said.out
    assert place.query("select code, status from customs_code where code in ('1101960099', '1101960100') order by 1") == [
        ("1101960099", "approved"), ("1101960100", "refused")]


def test_what_is_not_there_is_said(place: Desk) -> None:
    for verb in ("filing", "registration"):
        for arguments in (("show", "F26-1100A0017-0001"), ("approve", "x", "--version", 1)):
            assert coedi(place.world, verb, *arguments).exit_code == 4

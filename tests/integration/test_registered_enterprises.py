"""What is on file about an enterprise: `coedi enterprise show`, and what an operator writes beside what branches decide."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from domain.registry import EnterpriseRecord, Signatory
from store import registry
from tests.desk import Desk
from tests.filing_messages import BRANCH, FIRM, NAME_EN, NAME_ZH, base64_of, decision, goods, png, registration
from tests.integration.operators.command import coedi

pytestmark = pytest.mark.database
PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
MORE = (
    f"<Signatories><Signatory><Code>01</Code><NameZh>李文博</NameZh><Signature>{base64_of(png(600, 300))}</Signature></Signatory>"
    "</Signatories><Operators><Operator><Code>a</Code><NameZh>王芳</NameZh><Contact>wang@example.com</Contact></Operator></Operators>"
    "<CustomsCodes><CustomsCode><Code>1101960099</Code><IssuedOn>2026-01-05</IssuedOn><Nature>trade</Nature></CustomsCode>"
    f"<CustomsCode><Code>1101960100</Code></CustomsCode></CustomsCodes><Seal>{base64_of(png(900, 900))}</Seal>")


def shown(desk: Desk, no: str = FIRM) -> Any:
    """The JSON of `coedi enterprise show`."""
    said = coedi(desk.world, "enterprise", "show", no, "--json")
    assert said.exit_code == 0, said.why
    return said.data


def file_and_decide(desk: Desk, body: bytes, kind: str, more: str = "") -> None:
    """Send a filing and let the branch approve it."""
    names = desk.world.names
    desk.deliver(body, exchange=names.enterprise_exchange(FIRM))
    [(identity, version)] = desk.query("select id, version from filing order by id desc limit 1")
    desk.deliver(decision(f"D-{identity}"[:40], identity, version, kind=kind, more=more), exchange=names.branch_exchange(BRANCH))


def on_file(desk: Desk, code: str) -> None:
    """What `coedi enterprise add --customs-code` writes into the register."""
    names = desk.world.names
    record = EnterpriseRecord(FIRM, BRANCH, NAME_ZH, NAME_EN, customs_code=code, signatories=(Signatory("01", "李文博"),))
    registry.add_enterprise(desk.owner, record, names.enterprise_exchange(FIRM), names.new_receipt_queue(FIRM), "", "operator:wu")


def codes_on_file(desk: Desk) -> dict[str, tuple[str, bool]]:
    """Customs code -> status, and whether it is in force."""
    return {each["code"]: (each["status"], each["in_force"]) for each in shown(desk)["customs_codes"]}


def test_the_whole_registration_is_shown(desk: Desk) -> None:
    desk.query("update enterprise set customs_code = '', print_seal_ready = false where no = %s", FIRM)
    desk.query("delete from customs_code")
    before = shown(desk)
    assert (before["registered_at"], before["seal_on_file"], before["customs_codes"], before["operators"]) == (None, None, [], [])
    assert "not activated" in coedi(desk.world, "enterprise", "show", FIRM).out
    approved = "<CustomsCodes><Approved>1101960099</Approved></CustomsCodes>"
    file_and_decide(desk, registration("R-1", more=MORE), "RegistrationDecision", approved)
    file_and_decide(desk, goods("G-1", CertificateType="RCEP"), "GoodsFilingDecision")
    desk.deliver(goods("G-2", CertificateType="RCEP", NameEn="VALVES"), exchange=desk.world.names.enterprise_exchange(FIRM))
    desk.query("update filing set valid_to = '2020-01-01' where state = 'APPROVED'")
    registry.set_first_number(desk.owner, FIRM, "C", 2026, 124)
    found = shown(desk)
    assert datetime.fromisoformat(found["registered_at"]) and datetime.fromisoformat(found["seal_on_file"])
    assert (found["customs_code"], found["print_seal"], found["local_print"]) == ("1101960099", True, True)
    assert found["signatories"][0] == {"code": "01", "name_zh": "李文博", "active": True, "signature": True}
    assert found["operators"] == [{"code": "a", "name_zh": "王芳", "contact": "wang@example.com", "active": True}]
    assert found["customs_codes"] == [
        {"code": "1101960099", "status": "approved", "issued_on": "2026-01-05", "nature": "trade", "decided_by": f"branch:{BRANCH}",
         "in_force": True},
        {"code": "1101960100", "status": "pending", "issued_on": None, "nature": "", "decided_by": None, "in_force": False}]
    assert found["numbers"] == [{"letter": "C", "year": 2026, "first": 124, "next": 124}]
    assert found["goods_filings"] == [
        {"certificate_type": "RCEP", "state": "APPROVED", "count": 1, "expired": 1},
        {"certificate_type": "RCEP", "state": "PENDING_REVIEW", "count": 1, "expired": 0}]
    screen = coedi(desk.world, "enterprise", "show", FIRM).out
    assert all(word in screen for word in ("王芳", "1101960100", "pending", "124", "RCEP", "PENDING_REVIEW"))
    promised = PAGE.partition("### enterprise show\n")[2].partition("\n#")[0].partition("JSON: ")[2]
    lists = [row for value in found.values() if isinstance(value, list) for row in value if isinstance(row, dict)]
    assert set(re.findall(r"`([a-z_0-9]+)`", promised)) == {*found, *(key for row in lists for key in row)}


def test_a_customs_code_of_an_operator_is_an_approved_one(desk: Desk) -> None:
    on_file(desk, "1101960001")
    assert codes_on_file(desk)["1101960001"] == ("approved", True)
    [(by,)] = desk.query("select decided_by from customs_code where code = '1101960001'")
    assert by == "operator:wu"
    on_file(desk, "1101960002")
    assert codes_on_file(desk) | {"1101960001": ("approved", False), "1101960002": ("approved", True)} == codes_on_file(desk)
    on_file(desk, "")  # nothing said of it: the one in force stays
    assert shown(desk)["customs_code"] == "1101960002"


def test_an_operator_overrules_a_refusal_and_a_registration_keeps_the_code_in_force(desk: Desk) -> None:
    desk.query("delete from customs_code where enterprise = %s", FIRM)
    desk.query("insert into customs_code (enterprise, code, status) values (%s, '1101960003', 'refused')", FIRM)
    on_file(desk, "1101960003")
    assert codes_on_file(desk) == {"1101960003": ("approved", True)}
    file_and_decide(desk, registration("R-1"), "RegistrationDecision")
    assert shown(desk)["customs_code"] == "1101960003"


def test_an_enterprise_without_anything_more_is_shown_in_full(desk: Desk) -> None:
    assert [row for row in shown(desk)["signatories"] if row["signature"]] == []
    assert coedi(desk.world, "enterprise", "show", FIRM).out.count("Goods filings") == 0
    assert coedi(desk.world, "enterprise", "show", "9999A9999").exit_code == 4

"""Registrations: the manuals' named refusals, specimens, customs codes, and the register after the branch's decision."""

from collections.abc import Iterator
from typing import Any

import pytest

from domain.finding import Severity
from messages.receipts import Receipt, read
from pipeline.facts import enterprise_from
from tests.desk import Desk, make_desk
from tests.filing_messages import (
    BRANCH,
    FIRM,
    NAME_EN,
    OTHER_BRANCH,
    OTHER_FIRM,
    base64_of,
    broken_promises,
    decision,
    goods,
    png,
    registration,
)
from tests.services import World

SIGNATORY = "<Signatories><Signatory><Code>01</Code><NameZh>李文博</NameZh>{}</Signatory></Signatories>"
CODES = "<CustomsCodes><CustomsCode><Code>1101960099</Code><IssuedOn>2026-01-05</IssuedOn><Nature>trade</Nature></CustomsCode>" \
        "<CustomsCode><Code>1101960100</Code></CustomsCode></CustomsCodes>"


@pytest.fixture
def place(stored: World) -> Iterator[Desk]:
    desk = make_desk(stored)
    desk.owner.run("delete from customs_code where enterprise = %s", (FIRM,))
    desk.owner.run("update enterprise set customs_code = '', print_seal_ready = false where no = %s", (FIRM,))
    yield desk
    assert broken_promises(desk.owner) == set()
    desk.owner.close()
    desk.session.database.close()


def send(desk: Desk, *bodies: bytes, sender: str = FIRM) -> None:
    names = desk.world.names
    exchange = names.branch_exchange(sender) if len(sender) == 6 else names.enterprise_exchange(sender)
    desk.deliver(*bodies, exchange=exchange)


def receipts(desk: Desk, message_id: str) -> list[Receipt]:
    rows = desk.query("select body from receipt where correlation = %s order by enterprise, feed_no", message_id)
    return [read(bytes(row[0])) for row in rows]


def codes(desk: Desk, message_id: str) -> list[str]:
    return [receipt.code for receipt in receipts(desk, message_id)]


def findings(desk: Desk, message_id: str) -> dict[str, str]:
    """code -> Chinese text of the findings of the message's own answer."""
    [answer] = [one for one in receipts(desk, message_id) if one.stream.startswith("message:")]
    assert all(finding.en and finding.remedy and finding.path for finding in answer.findings)
    return {finding.code: finding.zh for finding in answer.findings}


def filing(desk: Desk) -> Any:
    """(id, state, version, revision) of the newest."""
    return desk.query("select id, state, version, revision from filing order by id desc limit 1")[0]


def decide(desk: Desk, message_id: str, what: str = "APPROVE", **options: Any) -> None:
    identity, _, version, _ = filing(desk)
    send(desk, decision(message_id, identity, version, what, kind="RegistrationDecision", **options), sender=BRANCH)


def registered(desk: Desk) -> None:
    """The enterprise has its first registration."""
    send(desk, registration("R-0"))
    decide(desk, "D-0")


def test_a_registration_is_decided_by_the_branch_and_stands_in_the_register(place: Desk) -> None:
    signature = f"<Signature>{base64_of(png(600, 300))}</Signature>"
    operators = "<Operators><Operator><Code>a</Code><NameZh>王芳</NameZh><Contact>wang@example.com</Contact></Operator></Operators>"
    seal = f"<Seal>{base64_of(png(900, 900))}</Seal>"
    send(place, registration("R-1", more=SIGNATORY.format(signature) + operators + CODES + seal))
    assert codes(place, "R-1") == ["REGISTRATION_RECEIVED", "FILING_TAKEN", "REGISTRATION_PENDING_REVIEW"]
    assert findings(place, "R-1") == {}
    decide(place, "D-1", more="<CustomsCodes><Approved>1101960099</Approved></CustomsCodes>")
    assert codes(place, "D-1") == ["FILING_DECIDED"]
    assert codes(place, "R-1")[-1] == "REGISTRATION_REGISTERED"
    kept = place.query("select code, status, issued_on::text, nature, decided_by from customs_code where enterprise = %s"
                       " order by 1", FIRM)
    assert kept == [
        ("1101960099", "approved", "2026-01-05", "trade", f"branch:{BRANCH}"), ("1101960100", "pending", None, "", None)]
    assert place.query("select code, name_zh, contact from enterprise_operator") == [("a", "王芳", "wang@example.com")]
    assert place.query("select kind, code, media_type, length(body) from enterprise_image order by kind") == [
        ("seal", "", "image/png", len(png(900, 900))), ("signature", "01", "image/png", len(png(600, 300)))]
    assert place.query("select customs_code, print_seal_ready, registered_at is not null, name_en from enterprise where no = %s",
                       FIRM) == [("1101960099", True, True, NAME_EN)]


def test_the_customs_code_is_pending_until_it_is_approved_and_a_refused_one_never_counts(place: Desk) -> None:
    send(place, registration("R-1", more=CODES))
    decide(place, "D-1")
    assert place.query("select customs_code from enterprise where no = %s", FIRM) == [("",)]
    send(place, registration("R-2", kind="CHANGE", more=CODES))
    decide(place, "D-2", more="<CustomsCodes><Approved>1101960100</Approved><Refused>1101960099</Refused></CustomsCodes>")
    assert place.query("select code, status from customs_code where enterprise = %s order by 1", FIRM) == [
        ("1101960099", "refused"), ("1101960100", "approved")]
    send(place, registration("R-3", kind="CHANGE", more=CODES))
    decide(place, "D-3")  # not named: as decided before
    assert place.query("select customs_code from enterprise where no = %s", FIRM) == [("1101960100",)]


def test_goods_can_be_filed_and_rules_see_the_register_once_the_branch_has_approved(place: Desk) -> None:
    send(place, goods("G-1", CertificateType="CO"))
    send(place, registration("R-1", more=SIGNATORY.format("") + CODES))
    send(place, goods("G-2", CertificateType="CO"))
    decide(place, "D-1", more="<CustomsCodes><Approved>1101960099</Approved></CustomsCodes>")
    send(place, goods("G-3", CertificateType="CO"))
    assert [set(findings(place, f"G-{n}")) for n in (1, 2, 3)] == [{"A29", "GF01"}, {"A29", "GF01"}, {"GF01"}]
    [row] = place.owner.query("registry", enterprises=[FIRM])
    record = enterprise_from(row)
    assert (record.customs_code, record.signatories[0].name_zh) == ("1101960099", "李文博")


def test_this_registration_number_exists_already(place: Desk) -> None:
    registered(place)
    send(place, registration("R-1"))
    assert findings(place, "R-1") == {"RG01": "该注册号已存在"}
    [finding] = receipts(place, "R-1")[-1].findings
    assert "Suffix -1或-2" in finding.remedy
    assert filing(place)[1] == "RETURNED"
    send(place, registration("R-2", suffix="-1"))
    decide(place, "D-2")
    assert place.query("select name_suffix from enterprise where no = %s", FIRM) == [("-1",)]
    send(place, registration("R-3", suffix="-1"))
    assert set(findings(place, "R-3")) == {"RG01"}
    send(place, registration("R-4", suffix="-3"))
    assert set(findings(place, "R-4")) == {"RG10"}


def test_the_enterprise_is_not_on_file_with_this_branch(place: Desk) -> None:
    send(place, registration("R-1", sender=OTHER_BRANCH, branch=OTHER_BRANCH), sender=OTHER_BRANCH)
    send(place, registration("R-2", sender=BRANCH, no="1100Z9999"), sender=BRANCH)
    assert {codes(place, one)[0] for one in ("R-1", "R-2")} == {"ENTERPRISE_UNKNOWN"}
    assert receipts(place, "R-1")[0].findings[0].zh == "企业未在贸促会备案"
    place.owner.run("update enterprise set active = false where no = '1100A0025'")
    send(place, registration("R-4", sender=BRANCH, no="1100A0025"), sender=BRANCH)
    assert codes(place, "R-4") == ["ENTERPRISE_INACTIVE"]
    send(place, registration("R-3", branch=OTHER_BRANCH))
    assert findings(place, "R-3") == {"A07": "企业未在贸促会备案"}


def test_names_and_signatories_of_a_first_registration_are_those_on_file(place: Desk) -> None:
    person = SIGNATORY.format("").replace("李文博", "李文")
    send(place, registration("R-1", zh="北京华岭机电有限公司", en="BEIJING HUALIN MACHINERY CO., LTD.", more=person))
    said = findings(place, "R-1")
    assert said["RG02"].startswith("企业注册名称与贸促会不一致：")
    assert said["A10"].startswith("企业注册信息与备案不一致：")
    assert said["A12"].startswith("手签员与贸促会注册不一致：")
    stranger = SIGNATORY.format("").replace("<Code>01", "<Code>07")
    send(place, registration("R-2", more=stranger))
    assert set(findings(place, "R-2")) == {"A12"}


def test_blanks_width_and_letter_case_make_no_difference(place: Desk) -> None:
    send(place, registration("R-1", zh="北京华岭机械 进出口有限公司", en="Beijing Hualing Machinery Import and Export Co Ltd"))
    assert (findings(place, "R-1"), filing(place)[1]) == ({}, "PENDING_REVIEW")


def test_a_change_brings_new_names_and_persons_once_approved(place: Desk) -> None:
    send(place, registration("R-1", kind="CHANGE"))
    assert set(findings(place, "R-1")) == {"RG03"}
    registered(place)
    persons = "<Signatories><Signatory><Code>01</Code><NameZh>李文博</NameZh><Active>false</Active></Signatory>" \
              "<Signatory><Code>02</Code><NameZh>周凯</NameZh></Signatory></Signatories>"
    send(place, registration("R-2", kind="CHANGE", en="BEIJING HUALING PUMPS CO., LTD.", more=persons))
    assert set(findings(place, "R-2")) == {"RG13"}
    assert place.query("select name_en from enterprise where no = %s", FIRM) == [(NAME_EN,)]
    decide(place, "D-2")
    assert place.query("select name_en, print_seal_ready from enterprise where no = %s", FIRM) == [
        ("BEIJING HUALING PUMPS CO., LTD.", False)]
    assert place.query("select code, name_zh, active from signatory where enterprise = %s order by code", FIRM) == [
        ("01", "李文博", False), ("02", "周凯", True)]


def test_a_branch_registers_its_enterprise_and_both_learn_of_it(place: Desk) -> None:
    send(place, registration("R-1", sender=BRANCH), sender=BRANCH)
    rows = place.query("select enterprise, code from receipt where correlation = 'R-1' order by enterprise, feed_no")
    assert rows == [(FIRM, "REGISTRATION_RECEIVED"), (FIRM, "REGISTRATION_PENDING_REVIEW"), (BRANCH, "FILING_TAKEN")]


def test_an_enterprise_registers_nobody_else(place: Desk) -> None:
    send(place, registration("R-1", no=OTHER_FIRM))
    assert codes(place, "R-1") == ["IDENTITY_MISMATCH"]


def test_one_registration_is_under_way_at_a_time_and_can_be_taken_back(place: Desk) -> None:
    send(place, registration("R-1"), registration("R-2"), registration("R-3", sender=FIRM))
    assert [codes(place, one)[0] for one in ("R-1", "R-2", "R-3")] == [
        "REGISTRATION_RECEIVED", "FILING_UNDER_WAY", "FILING_UNDER_WAY"]
    send(place, registration("W-1", kind="WITHDRAW"), registration("W-2", kind="WITHDRAW"))
    assert (codes(place, "W-1"), codes(place, "W-2")) == (["FILING_WITHDRAWN"], ["FILING_UNKNOWN"])
    send(place, registration("R-4"))
    assert filing(place)[1:] == ("PENDING_REVIEW", 5, 2)


def test_a_returned_registration_sent_again_is_the_next_revision(place: Desk) -> None:
    send(place, registration("R-1"))
    decide(place, "D-1", "RETURN", reason="papers missing")
    assert receipts(place, "R-1")[-1].reasons == ("RETURNED_BY_BRANCH: papers missing",)
    send(place, registration("R-2"))
    assert filing(place)[1:] == ("PENDING_REVIEW", 5, 2)
    assert place.query("select registered_at from enterprise where no = %s", FIRM) == [(None,)]


@pytest.mark.parametrize("more", [
    "<CustomsCodes><Approved>9999999999</Approved></CustomsCodes>",
    "<CustomsCodes><Approved>1101960099</Approved><Refused>1101960099</Refused></CustomsCodes>"])
def test_a_decision_on_customs_codes_that_were_not_sent_or_on_both_sides_is_refused(place: Desk, more: str) -> None:
    send(place, registration("R-1", more=CODES))
    decide(place, "D-1", more=more)
    assert codes(place, "D-1") == ["CUSTOMS_CODE_UNKNOWN"]
    assert filing(place)[1] == "PENDING_REVIEW"


def test_files_that_are_no_specimens_come_back_and_a_coarse_one_is_only_warned_about(place: Desk) -> None:
    hostile = f"<Seal>{base64_of(png(60_000, 60_000))}</Seal>"
    send(place, registration("R-1", more=SIGNATORY.format("<Signature>not base64!</Signature>") + hostile))
    assert set(findings(place, "R-1")) == {"RG06", "RG07"}
    assert filing(place)[1] == "RETURNED"
    send(place, registration("R-2", more=f"<Seal>{base64_of(png(900, 900, dpi=200))}</Seal>"))
    [answer] = [one for one in receipts(place, "R-2") if one.code == "FILING_TAKEN"]
    assert {(finding.code, finding.severity) for finding in answer.findings} == {("RG12", Severity.WARN), ("RG08", Severity.WARN)}
    assert filing(place)[1] == "PENDING_REVIEW"

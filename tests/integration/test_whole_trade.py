"""Every certificate type from goods filing to paper: the good samples, moved to today, through the real stages and database."""

import re
import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from schemas.certificate_types import all_types, certificate_type
from store.work import SHANGHAI
from tests.desk import Desk
from tests.filing_messages import broken_promises, decision, goods
from tests.services import SAMPLES
from tests.trade import codes, interchange

SAMPLES_OF = date(2026, 11, 16)  # the day on which the samples are applied for
_DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")
_FILING_NO = re.compile(r"<FilingNo>[^<]*</FilingNo>")


def preferential() -> list[Path]:
    found = []
    for path in sorted((SAMPLES / "application" / "good").glob("*.xml")):
        code = re.search(r"<CertificateType>(\w+)<", path.read_text(encoding="utf-8"))
        if code and certificate_type(code[1]).preferential:
            found.append(path)
    return found


def moved(text: str) -> str:
    """The sample as if it were applied for today."""
    shift = datetime.now(SHANGHAI).date() - SAMPLES_OF
    return _DATE.sub(lambda found: str(date.fromisoformat(found[0]) + shift), text)


def file_goods(desk: Desk, kind: str) -> None:
    """File the goods that the register of the samples has for this type, and let the branch approve them."""
    register: dict[str, Any] = tomllib.loads((SAMPLES / "registry.toml").read_text(encoding="utf-8"))
    branches = {one["no"]: one["branch"] for one in register["enterprises"]}
    names = desk.world.names
    for at, filing in enumerate(one for one in register["filings"] if one["certificate_type"] == kind):
        firm, branch = filing["enterprise"], branches[filing["enterprise"]]
        parts = {
            "CertificateType": kind, "HSCode": filing["hs_code"], "NameZh": filing["name_zh"], "NameEn": filing["name_en"],
            "Criterion": filing["criterion"], "ValueContent": str(filing.get("value_content", "")),
            "PSRBasis": filing.get("psr_basis", ""), "Producer": f"<Name>{filing['producer']}</Name>"}
        desk.deliver(goods(f"F-{at}", firm, branch, **parts), exchange=names.enterprise_exchange(firm))
        [(identity, version, state)] = desk.query(
            "select id, version, state from filing where enterprise = %s and hs6 = %s and certificate_type = %s",
            firm, filing["hs_code"][:6], kind)
        assert state == "PENDING_REVIEW", desk.query("select convert_from(body, 'UTF8') from receipt order by feed_no desc limit 1")
        desk.deliver(decision(f"D-{at}", identity, version, branch=branch), exchange=names.branch_exchange(branch))


def apply(desk: Desk, text: str) -> tuple[str, str]:
    """Send an application whose lines name the filings as they were numbered; state and number of what it became."""
    sender = re.search(r"<Sender>(\w+)<", text)
    assert sender
    numbers = iter(row[0] for row in desk.query("select number from filing where number is not null order by number"))
    text = _FILING_NO.sub(lambda found: f"<FilingNo>{next(numbers)}</FilingNo>", text)
    desk.deliver(text.encode(), exchange=desk.world.names.enterprise_exchange(sender[1]))
    [(state, number)] = desk.query("select state, number from certificate")
    return state, number


def findings(desk: Desk) -> list[Any]:
    return desk.query("select detail from transition order by version desc limit 2")


@pytest.mark.parametrize("sample", preferential(), ids=lambda path: path.stem)
def test_goods_are_filed_and_the_certificate_is_issued_on_its_own_form(desk: Desk, sample: Path) -> None:
    text = moved(sample.read_text(encoding="utf-8"))
    kind = re.search(r"<CertificateType>(\w+)<", text)[1]  # type: ignore[index] # every sample names one
    file_goods(desk, kind)
    state, number = apply(desk, text)
    paper = certificate_type(kind).paper == "pco"
    assert state == ("AWAIT_PRINT" if paper else "ISSUED"), findings(desk)
    assert number[2:].startswith(certificate_type(kind).letter)
    [(name,)] = desk.query("select name from document")
    printed = PdfReader(desk.world.settings.documents / name).pages[0].extract_text()
    assert number in printed
    assert broken_promises(desk.owner) == set()


@pytest.mark.parametrize("sample", preferential()[:3], ids=lambda path: path.stem)
def test_without_a_filing_the_application_is_returned(desk: Desk, sample: Path) -> None:
    state, _ = apply_unfiled(desk, moved(sample.read_text(encoding="utf-8")))
    assert state == "RETURNED"
    assert "F17" in str(findings(desk))


def apply_unfiled(desk: Desk, text: str) -> tuple[str, str]:
    return apply(desk, _FILING_NO.sub("", text))


def test_entering_the_form_serial_issues_a_certificate_on_pre_printed_stock(desk: Desk) -> None:
    [kind] = [one.code for one in all_types() if one.enabled and one.paper == "pco" and one.available_on(SAMPLES_OF)]
    sample = next(path for path in preferential() if f"<CertificateType>{kind}<" in path.read_text(encoding="utf-8"))
    file_goods(desk, kind)
    _, number = apply(desk, moved(sample.read_text(encoding="utf-8")))
    [(branch,)] = desk.query("select branch from certificate")
    report = f"""<PrintReport><MessageId>P-1</MessageId><Certificate><CertificateNo>{number}</CertificateNo></Certificate>
<Result>PRINTED</Result><Copies>1</Copies>{{}}</PrintReport>"""
    exchange = desk.world.names.branch_exchange(branch)
    desk.deliver(interchange("P-1", branch, report.format("")), exchange=exchange)
    assert codes(desk, "P-1") == ["FORM_SERIAL_MISSING"]
    again = report.replace("P-1", "P-2").format("<FormSerial>R0000123</FormSerial>")
    desk.deliver(interchange("P-2", branch, again), exchange=exchange)
    assert desk.query("select state from certificate") == [("ISSUED",)]
    assert desk.query("select stock, serial, status from form_serial") == [(kind, "R0000123", "used")]


def test_an_expired_filing_no_longer_carries_a_certificate(desk: Desk) -> None:
    sample = next(path for path in preferential() if "rcep" in path.stem)
    file_goods(desk, "RCEP")
    desk.owner.run("update filing set valid_to = %s", (datetime.now(SHANGHAI).date() - timedelta(days=1),))
    state, _ = apply(desk, moved(sample.read_text(encoding="utf-8")))
    assert state == "RETURNED"
    assert "F19" in str(findings(desk))

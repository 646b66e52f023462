"""Reason codes: each has both languages, a use, and where something goes back a remedy."""

import pytest

from domain.application import Application, GoodsLine, Party
from domain.errors import UnknownThing
from domain.finding import Finding, Severity
from review_worker.reasons import Reason, reason, reasons, reasons_for, said
from review_worker.remarks import Remark, Return, findings_of

EVENTS, KINDS = {"approve", "return", "void", "steal", "refer"}, {"certificate", "goods", "registration"}
APPLICATION = Application("M-1", "CO", exporter=Party("HUALING", "BEIJING", "CN"), goods=(GoodsLine("PUMPS"), GoodsLine("VALVES")))


@pytest.mark.parametrize("one", reasons().values(), ids=reasons())
def test_a_reason_has_both_languages_and_a_use(one: Reason) -> None:
    assert one.zh and one.en and not one.zh.isascii() and one.en.isascii()
    assert one.events and set(one.events) <= EVENTS
    assert one.kinds and set(one.kinds) <= KINDS
    assert " / " in one.remedy if "return" in one.events else True
    assert not {" / ", ":"} & set(one.zh) and one.code.replace("_", "").isupper()


def test_every_decision_about_every_kind_has_a_choice() -> None:
    for kind in KINDS:
        assert len(reasons_for("return", kind)) >= 5
        assert all(reasons_for(event, kind) for event in ("approve", "steal", "refer"))
    assert len(reasons_for("return")) >= 20 and len(reasons_for("void")) >= 5


@pytest.mark.parametrize(("event", "kind", "code"), [
    ("return", "certificate", "NO_SUCH"), ("void", "certificate", "HS_NOT_FITTING"), ("return", "registration", "HS_NOT_FITTING")])
def test_a_code_that_is_not_said_there_is_unknown(event: str, kind: str, code: str) -> None:
    with pytest.raises(UnknownThing, match=f"no reason code {code} for {event}"):
        reason(event, kind, code)


def test_a_decision_says_its_code_and_then_the_free_text() -> None:
    coded = "ISSUED_TWICE: 同批货物重复签发 / Issued twice for the same goods"
    assert said("void", "certificate", "ISSUED_TWICE", "VOID", " see 26C1 ") == (coded, "VOID: see 26C1")
    assert said("void", "certificate", "ISSUED_TWICE", "VOID", "") == (coded,)
    assert said("approve", "certificate", "", "REVIEWED", "") == ("REVIEWED",)


@pytest.mark.parametrize(("box", "found"), [("1", "HUALING BEIJING CN"), ("7", "PUMPS; VALVES"), ("2", None), ("", None)])
def test_a_remark_shows_what_its_box_says(box: str, found: str | None) -> None:
    [finding] = findings_of(Return("x", remarks=(Remark(box, "look"),)), APPLICATION)
    assert (finding.box, finding.found) == (box or None, found)


def test_only_ticked_findings_are_kept() -> None:
    found = tuple(Finding(code, Severity.MANUAL, "x", "x", "") for code in ("A", "B", "C"))
    assert Return("x").kept(found) == found
    assert Return("x", keep={0, 2, 9}).kept(found) == (found[0], found[2])
    assert Return("x", keep=()).kept(found) == ()

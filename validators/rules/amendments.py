"""A19-A27, A32: amendments 改证重发, and the original that they name.

An application that is no amendment costs one question a rule. Of the original the rules see what the gateway fetched; an offline
check has no original, and then A20, A22 and the dates of A25 and A26 say nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from domain.application import Application, GoodsLine
from domain.finding import Severity
from schemas.certificate_types import Mark, type_of
from validators.facts import Facts
from validators.reading import comparable, day
from validators.rule import ALL, Hit, Rule

AMEND, REISSUE, AMEND_REISSUE = "AMEND", "REISSUE", "AMEND_REISSUE"
KINDS = (AMEND, REISSUE, AMEND_REISSUE)

_MONTHS = (
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER",
)  # fmt: skip
# what of a line bears on its origin: field of the line -> element and field of the form
_OF_LINE = (
    ("description", "Description", "description"),
    ("hs_code", "HSCode", "hs_code"),
    ("origin_country", "OriginCountry", "origin_country"),
    ("criterion", "Criterion", "criterion"),
    ("value_content", "ValueContent", "criterion"),
    ("psr_basis", "PSRBasis", "criterion"),
    ("producer", "Producer", "producer"),
)


def is_reissue(application: Application) -> bool:
    """Whether the certificate stands for one that was lost, stolen, damaged or not used."""
    return application.amendment is not None and application.amendment.kind in {REISSUE, AMEND_REISSUE}


def keeps_dates(application: Application) -> bool:
    """Whether the certificate keeps the dates of the one that it corrects: 更改证 does, what is issued again has its own."""
    return application.amendment is not None and application.amendment.kind == AMEND


def _other_key(application: Application, facts: Facts) -> Iterator[Hit]:
    if not application.amendment or not facts.original:
        return
    original = facts.original.certificate
    if application.certificate_type != original.type:
        yield Hit("CertificateType", application.certificate_type,
                  zh=f"原证类型为{original.type}", en=f"the original is {original.type}")
    if application.applicant.registration_no != original.enterprise:
        yield Hit("Applicant/RegistrationNo", application.applicant.registration_no,
                  zh="原证属于另一企业", en="the original belongs to another enterprise")
    if application.invoice_key != original.invoice:
        number = application.invoices[0].number if application.invoices else ""
        yield Hit("Invoices/Invoice[1]/Number", number, "invoices",
                  zh=f"原证发票号为{original.invoice}", en=f"the original has invoice {original.invoice}")


def _no_reason(application: Application, facts: Facts) -> Iterable[Hit]:
    amendment = application.amendment
    if amendment is None or any(map(str.isalnum, amendment.reason)):
        return ()
    return (Hit("Amendment/Reason", amendment.reason),)


def _origin_changed(application: Application, facts: Facts) -> Iterator[Hit]:
    if not application.amendment or not facts.original:
        return
    before = facts.original.application
    if before is None:
        zh, en = "原证内容不可得，无法比对", "the content of the original is not at hand and cannot be compared"
        yield Hit("Amendment/OriginalNo", application.amendment.original_no, zh=zh, en=en)
        return
    if len(before.goods) != len(application.goods):
        yield Hit("Goods/Line", str(len(application.goods)), "description",
                  zh=f"原证{len(before.goods)}项商品", en=f"the original has {len(before.goods)} goods lines")
    if comparable(before.producer.name) != comparable(application.producer.name):
        yield _changed("Producer/Name", application.producer.name, "producer", before.producer.name, 1)
    yield from _changed_lines(before.goods, application.goods)


def _changed_lines(before: tuple[GoodsLine, ...], after: tuple[GoodsLine, ...]) -> Iterator[Hit]:
    """One hit for each field that differs in any line, at the first of these lines."""
    for name, element, field in _OF_LINE:
        differing = [
            (position, getattr(old, name), getattr(new, name))
            for position, (old, new) in enumerate(zip(before, after, strict=False), 1)
            if getattr(old, name) != getattr(new, name) and comparable(getattr(old, name)) != comparable(getattr(new, name))
        ]
        if differing:
            position, old, new = differing[0]
            yield _changed(f"Goods/Line[{position}]/{element}", new, field, old, len(differing))


def _changed(path: str, new: str, field: str, old: str, places: int) -> Hit:
    more_zh, more_en = (f"，共{places}项", f"; {places} lines differ") if places > 1 else ("", "")
    return Hit(path, new, field, zh=f"原为{old[:80] or '空'}{more_zh}", en=f"was {old[:80] or 'empty'}{more_en}")


def _other_dates(application: Application, facts: Facts) -> Iterator[Hit]:
    amendment = application.amendment
    if amendment is None or amendment.kind != AMEND:
        return
    before = facts.original.application if facts.original else None
    if before and day(application.application_date) != day(before.application_date):
        yield Hit("ApplicationDate", application.application_date, "declaration",
                  zh=f"原证申请日期{before.application_date}", en=f"the original was applied for on {before.application_date}")
    issued, sent = facts.original.issued_on if facts.original else None, amendment.original_date
    # the date of issue is printed from here
    if day(sent) is None or (issued and day(sent) != issued):
        zh, en = (f"原证签发日期{issued}", f"the original was issued on {issued}") if issued else ("", "")
        yield Hit("Amendment/OriginalDate", sent, zh=zh, en=en)


def _original_not_stated(application: Application, facts: Facts) -> Iterator[Hit]:
    amendment = application.amendment
    if amendment is None or not is_reissue(application):
        return
    if not amendment.original_no:
        yield Hit("Amendment/OriginalNo")
    dated = day(amendment.original_date)
    issued = facts.original.issued_on if facts.original else None
    if dated is None:
        yield Hit("Amendment/OriginalDate", amendment.original_date)
    elif issued and dated != issued:
        yield Hit("Amendment/OriginalDate", amendment.original_date,
                  zh=f"原证签发日期{issued}", en=f"the original was issued on {issued}")
    elif (words := application.endorsement) and amendment.original_no and not _names_original(words, amendment.original_no, dated):
        yield Hit("Endorsement", words, _reissue_field(application), severity=_doubt(application))


def _names_original(text: str, number: str, dated: date) -> bool:
    """Whether the words name the original's number and date, in whatever form dates are written."""
    plain = comparable(text)
    return comparable(number) in plain and any(one in plain for one in _ways_to_write(dated))


@lru_cache(maxsize=256)
def _ways_to_write(dated: date) -> frozenset[str]:
    """A date as letters and digits alone: 20261103, NOV032026, 3NOVEMBER2026."""
    month, year = _MONTHS[dated.month - 1], dated.year
    days, months = {str(dated.day), f"{dated.day:02d}"}, {month, month[:3]}
    words = {f"{one}{number}{year}" for one in months for number in days} | {f"{n}{one}{year}" for one in months for n in days}
    return frozenset(words | {f"{dated:%Y%m%d}", f"{dated:%d%m%Y}"})


def _reissue_mark(application: Application) -> Mark | None:
    kind = type_of(application.certificate_type)
    return kind.reissue if kind else None


def _reissue_field(application: Application) -> str | None:
    mark = _reissue_mark(application)
    return mark.field if mark else None


def _doubt(application: Application) -> Severity | None:
    """Where no source confirms the wording a person looks at it."""
    mark = _reissue_mark(application)
    return None if mark and mark.verified else Severity.MANUAL


def _reissued(application: Application, facts: Facts) -> Iterable[Hit]:
    amendment = application.amendment
    return (Hit("Amendment/Kind", amendment.kind),) if amendment and is_reissue(application) else ()


def _unknown_kind(application: Application, facts: Facts) -> Iterable[Hit]:
    amendment = application.amendment
    return (Hit("Amendment/Kind", amendment.kind),) if amendment and amendment.kind not in KINDS else ()


RULES = (
    Rule(
        "A19", Severity.REJECT, ALL, None, "manual of 2006",
        "仅已发证单据可改证重发", "Only issued certificates can be amended",
        "请核对原证号；未发证的申请可撤回后重发 / "
        "Check the original's number; what is not issued yet can be withdrawn and sent again",
        decided_by="gateway",
    ),
    Rule(
        "A20", Severity.REJECT, ALL, None, "front-end manual of CCPIT-EDI; practice of the issuing bodies",
        "改证不得变更发票号或证书类型", "Invoice number and type must stay",
        "请保留原证的企业、类型和发票号；需变更的，请作废原证后重新申请 / "
        "Keep enterprise, type and invoice number of the original; else have it voided and apply anew",
        _other_key,
    ),
    Rule(
        "A21", Severity.REJECT, ALL, None, "GACC 2022-1; practice of the issuing bodies",
        "请填写更改原因", "Give a reason for the change",
        "请在Reason中说明更改或重发的原因 / Say in Reason why it is amended or issued again",
        _no_reason,
    ),
    Rule(
        "A22", Severity.MANUAL, ALL, None, "own; practice of the issuing bodies",
        "更改内容涉及原产地，转人工审核", "Origin data changed, manual review",
        "由审核员核对，无需重发 / A reviewer will look at it; no need to send again",
        _origin_changed,
    ),
    Rule(
        "A23", Severity.REJECT, ALL, None, "enterprise manual 2017, FAQ 13",
        "仅贸促会可作废证书", "Only CCPIT may void",
        "请联系签证机构 / Ask the issuing branch",
        decided_by="gateway",
    ),
    Rule(
        "A24", Severity.REJECT, ALL, None, "enterprise manual 2017, FAQ 13",
        "证书已作废，不可恢复", "Certificate is void for good",
        "请使用新发票号重新申请 / Apply anew with a new invoice number",
        decided_by="gateway",
    ),
    Rule(
        "A25", Severity.REJECT, ALL, None, "practice of the issuing bodies",
        "更改证日期应与原证一致", "Amended certificate keeps the dates",
        "请填写原证的日期 / Give the dates of the original",
        _other_dates,
    ),
    Rule(
        "A26", Severity.REJECT, ALL, None, "practice of the issuing bodies",
        "重发证应注明原证号及日期", "State original number and date",
        "请填写OriginalNo和OriginalDate；自填加注用语的，须含原证号及日期 / "
        "Give OriginalNo and OriginalDate; words of your own in Endorsement name both",
        _original_not_stated,
    ),
    Rule(
        "A27", Severity.MANUAL, ALL, None, "practice of the issuing bodies",
        "重发证转人工审核", "Re-issue needs manual review",
        "由审核员核对，无需重发 / A reviewer will look at it; no need to send again",
        _reissued,
    ),
    Rule(
        "A32", Severity.REJECT, ALL, None, "own; the three kinds of GACC 2022-1",
        "改证种类不明", "Unknown kind of amendment",
        "请填写AMEND、REISSUE或AMEND_REISSUE / Give AMEND, REISSUE or AMEND_REISSUE",
        _unknown_kind,
    ),
)  # fmt: skip

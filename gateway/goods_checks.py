"""What is looked at in a goods filing 商品备案 before the branch sees it: all faults at once, from facts alone."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from domain.application import date_of, decimal_of
from domain.finding import Severity
from domain.registry import EnterpriseRecord
from gateway.faults import Faults
from messages.goods_filing import GoodsContent
from schemas.certificate_types import CertificateType, Criterion, type_of
from schemas.codelists import CodeLists, code_lists

# how bases of a product-specific rule may be written
_BASES = {"1": "RVC", "2": "CTC", "3": "PROCESS"}
_HS_LENGTHS = frozenset({6, 8, 10})
_LISTED_EDITION = 2022  # of the HS codes that we have


def check(value: GoodsContent, enterprise: EnterpriseRecord, branch: str, today: date, faults: Faults) -> None:
    """Every fault of the goods. branch: of the interchange's header; today: the business date."""
    if not enterprise.customs_code:
        faults.add("A29", "")
    if branch != enterprise.branch:
        faults.add("A09", "", branch, zh=f"该企业属于{enterprise.branch}", en=f"the enterprise belongs to {enterprise.branch}")
    kind = _certificate_type(value, today, faults)
    _hs_code(value, kind, faults)
    for place, name in (("NameZh", value.name_zh), ("NameEn", value.name_en)):
        if not name:
            faults.add("GF02", place)
    if not value.producer_name:
        faults.add("GF06", "Producer/Name")
    if kind:
        _criterion(value, kind, faults)
    _materials(value, faults)
    faults.add_date(value.valid_to, "ValidTo")
    if (last := date_of(value.valid_to)) and last < today:
        faults.add("GF05", "ValidTo", value.valid_to)


def basis_of(text: str) -> str:
    """A basis of a product-specific rule by its name: "1" is RVC."""
    return _BASES.get(text, text.upper())


def digits_of(hs_code: str) -> str:
    """The digits of an HS code, dots and blanks left out; "" when it has another form or less than six digits."""
    code = hs_code.replace(".", "").replace(" ", "")
    return code if len(code) in _HS_LENGTHS and code.isdecimal() and code.isascii() else ""


def _certificate_type(value: GoodsContent, today: date, faults: Faults) -> CertificateType | None:
    kind = type_of(value.certificate_type)
    if kind and kind.enabled and not kind.preferential:
        faults.add("GF01", "CertificateType", value.certificate_type)
        return None
    if kind is None or not kind.available_on(today):
        why = (kind.reason_zh, kind.reason_en) if kind else ("", "")
        faults.add("A15", "CertificateType", value.certificate_type, zh=why[0], en=why[1])
        return None
    return kind


def _hs_code(value: GoodsContent, kind: CertificateType | None, faults: Faults) -> None:
    codes, digits = code_lists(), digits_of(value.hs_code)
    edition = value.hs_edition or str(kind.hs_edition if kind else _LISTED_EDITION)
    if not value.hs_code:
        faults.add("E16", "HSCode")
    elif not digits:
        short = value.hs_code.replace(".", "").isdecimal() and len(value.hs_code.replace(".", "")) < 6
        faults.add("E17" if short else "E18", "HSCode", value.hs_code)
    elif edition == str(_LISTED_EDITION):
        _listed("HSCode", value.hs_code, digits, codes, faults)
    if kind and edition != str(kind.hs_edition):
        faults.add("E20", "HSEdition", edition, zh=f"协定用{kind.hs_edition}版", en=f"the agreement uses {kind.hs_edition}",
                   severity=Severity.MANUAL)


def _listed(place: str, sent: str, digits: str, codes: CodeLists, faults: Faults) -> None:
    """A fault unless these digits stand in the list; national chapters are left to a person."""
    if digits[:6] in codes.hs:
        return
    severity = Severity.MANUAL if digits[:2] in ("98", "99") else Severity.REJECT
    faults.add("E19", place, sent, zh=f"HS 2022无{digits[:6]}", en=f"no {digits[:6]} in HS 2022", severity=severity)


def _criterion(value: GoodsContent, kind: CertificateType, faults: Faults) -> None:
    if not value.criterion:
        faults.add("F01", "Criterion")
        return
    criterion = kind.criterion(value.criterion.upper())
    if criterion is None:
        known = ", ".join(one.code for one in kind.criteria)
        faults.add("F02", "Criterion", value.criterion, zh=f"可选：{known}", en=f"one of {known}",
                   severity=Severity.REJECT if kind.criteria else Severity.MANUAL)
        return
    # what no source confirms is left to the branch
    severity = Severity.REJECT if criterion.verified else Severity.MANUAL
    basis = basis_of(value.psr_basis)
    if criterion.basis and basis not in criterion.basis:
        known = ", ".join(criterion.basis)
        faults.add("F10", "PSRBasis", value.psr_basis, zh=f"可选：{known}", en=f"one of {known}", severity=severity)
    _percentage(value, criterion, severity, faults)


def _percentage(value: GoodsContent, criterion: Criterion, severity: Severity, faults: Faults) -> None:
    needed = criterion.percent == "required" or basis_of(value.psr_basis) == "RVC"
    percent = decimal_of(value.value_content)
    if (value.value_content or needed) and (percent is None or percent > 100):
        faults.add("GF03", "ValueContent", value.value_content, severity=severity)
    elif percent is not None and not _within(percent, criterion):
        limits = f"{criterion.minimum if criterion.minimum is not None else 0}-{criterion.maximum or 100}"
        faults.add("GF04", "ValueContent", value.value_content, zh=f"限值{limits}%", en=f"{limits} percent", severity=severity)


def _within(percent: Decimal, criterion: Criterion) -> bool:
    low, high = criterion.minimum, criterion.maximum
    return (low is None or percent >= low) and (high is None or percent <= high)


def _materials(value: GoodsContent, faults: Faults) -> None:
    codes, total = code_lists(), Decimal(0)
    # what is wrong with each part; an empty part is no fault but for the name
    tests: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
        ("Name", "name", bool),
        ("HSCode", "hs_code", lambda text: not text or digits_of(text)[:6] in codes.hs or digits_of(text)[:2] in ("98", "99")),
        ("OriginCountry", "origin_country", lambda text: not text or codes.country_of(text) is not None),
        ("Share", "share", lambda text: not text or ((share := decimal_of(text)) is not None and share <= 100)),
    )
    for position, material in enumerate(value.materials, 1):
        for element, name, good in tests:
            if not good(getattr(material, name)):
                faults.add("GF07", f"Materials/Material[{position}]/{element}", getattr(material, name))
        total += decimal_of(material.share) or 0
    if total > 100:
        faults.add("GF08", "Materials", str(total))

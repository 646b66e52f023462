"""G07-G15, G20: issue after shipment 补发, the words and ticks of special certificates, and invoices of non-parties 第三方发票.

The date of issue is ours. While a message is checked it is today, or the day of an application that is dated ahead; what
replaces a certificate is judged by the original's date. What no source confirms is referred to a person.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import chain

from domain.application import Application
from domain.finding import Severity
from schemas.certificate_types import CertificateType, Mark, certificate_type, type_of
from validators.facts import Facts
from validators.reading import comparable, day
from validators.rule import ALL, PREFERENTIAL, Hit, Rule, Scope
from validators.rules.amendments import AMEND, is_reissue
from validators.workdays import deadline

_RETRO = re.compile(r"\bRETRO(?:SPECTIVE|ACTIVE)(?:LY)?\b")
_YEAR = 365  # days
# ticks that only some forms have: flag of the application -> element
_TICKS = (("exhibition", "Exhibition"), ("movement_certificate", "MovementCertificate"), ("back_to_back", "BackToBack"))


def _late(application: Application, facts: Facts) -> tuple[CertificateType, date, date] | None:
    """The type, the day of departure and that of issue; None where one of the days is not known."""
    departure = day(application.transport.departure_date)
    issued = _issued_on(application, facts)
    return (certificate_type(application.certificate_type), departure, issued) if departure and issued else None


def _issued_on(application: Application, facts: Facts) -> date | None:
    if application.amendment is None:
        return max(facts.today, day(application.application_date) or facts.today)
    stated = day(application.amendment.original_date)
    return (facts.original.issued_on or stated) if facts.original else stated


def _is_certain(kind: CertificateType) -> bool:
    """Whether a source confirms how the type is issued after shipment."""
    mark = kind.retrospective.mark
    return "retrospective" not in kind.unverified and (mark is None or mark.verified)


def _doubt(certain: bool) -> Severity | None:
    """The severity of a hit that rests on what no source confirms."""
    return None if certain else Severity.MANUAL


def _says_retrospective(application: Application) -> bool:
    return application.retrospective or bool(_RETRO.search(f"{application.endorsement} {application.form_remarks}".upper()))


def _mark_needed(kind: CertificateType, departure: date, issued: date, facts: Facts) -> tuple[bool, bool]:
    """Whether a certificate issued on this day needs the mark, and whether that is certain."""
    terms = kind.retrospective
    if issued <= departure:
        return False, True
    if not terms.working:
        return (issued - departure).days > terms.grace_days, _is_certain(kind)
    last = deadline(departure, terms.grace_days, facts.codes.parameters.public_holidays)
    return issued > last.early, _is_certain(kind) and last.known and issued > last.late


def _mark_missing(application: Application, facts: Facts) -> Iterator[Hit]:
    if not (known := _late(application, facts)) or _says_retrospective(application):
        return
    kind, departure, issued = known
    needed, certain = _mark_needed(kind, departure, issued, facts)
    if needed and not _is_before(kind, departure) and not _after_window(application, kind, departure):
        yield Hit("Transport/DepartureDate", application.transport.departure_date,
                  zh=f"签发日期{issued}", en=f"issued on {issued}", severity=_doubt(certain))


def _mark_without_cause(application: Application, facts: Facts) -> Iterator[Hit]:
    if not _says_retrospective(application):
        return
    path, found = _where_said(application)
    known = _late(application, facts)
    kind = certificate_type(application.certificate_type)
    field = kind.retrospective.mark.field if kind.retrospective.mark else "transport"
    if kind.retrospective.mark is None:
        zh, en = "该类证书不办理补发", "this type is not issued after shipment"
        yield Hit(path, found, field, zh=zh, en=en, severity=_doubt(_is_certain(kind) and kind.retrospective.latest_days > 0))
    elif known is None:
        zh, en = "未填离港日期，无法判断", "without a date of departure this cannot be judged"
        yield Hit(path, found, field, zh=zh, en=en, severity=Severity.MANUAL)
    elif not _mark_needed(kind, known[1], known[2], facts)[0]:
        zh, en = f"离港日期{known[1]}", f"departure {known[1]}"
        yield Hit(path, found, field, zh=zh, en=en, severity=_doubt(known[2] <= known[1]))


def _where_said(application: Application) -> tuple[str, str]:
    """Path and text of what says that the certificate is issued after shipment."""
    if application.retrospective:
        return "Retrospective", "true"
    in_words = _RETRO.search(application.endorsement.upper())
    return ("Endorsement", application.endorsement) if in_words else ("FormRemarks", application.form_remarks)


def _is_before(kind: CertificateType, departure: date) -> bool:
    """Whether the goods left before the type was issued after shipment at all."""
    return kind.retrospective.since is not None and departure < kind.retrospective.since


def _after_window(application: Application, kind: CertificateType, departure: date) -> bool:
    applied = day(application.application_date)
    return applied is not None and applied > _last_day(kind, departure)


def _last_day(kind: CertificateType, departure: date) -> date:
    """The last day of application; a year ends on the same day of the next one, with a 29 February in between too."""
    days = kind.retrospective.window_days
    leap = days == _YEAR and (departure.month, departure.day) != (2, 29) and departure.year < date.max.year
    last = departure + timedelta(min(days, (date.max - departure).days))
    return max(last, departure.replace(year=departure.year + 1)) if leap else last


def _too_late(application: Application, facts: Facts) -> Iterator[Hit]:
    if application.amendment or not (known := _late(application, facts)):
        return
    kind, departure, _ = known
    if _after_window(application, kind, departure) and not _is_before(kind, departure):
        last = _last_day(kind, departure)
        yield Hit("ApplicationDate", application.application_date, "declaration",
                  zh=f"最迟{last}", en=f"{last} at the latest", severity=_doubt(_is_certain(kind)))


def _not_after_shipment(application: Application, facts: Facts) -> Iterator[Hit]:
    if application.amendment or not (known := _late(application, facts)):
        return
    kind, departure, issued = known
    last = deadline(departure, kind.retrospective.latest_days, facts.codes.parameters.public_holidays)
    if issued > last.early:
        certain = _is_certain(kind) and kind.retrospective.latest_days > 0 and last.known and issued > last.late
        yield Hit("Transport/DepartureDate", application.transport.departure_date,
                  zh=f"最迟{last.late}", en=f"{last.late} at the latest", severity=_doubt(certain))


def _not_yet_after_shipment(application: Application, facts: Facts) -> Iterator[Hit]:
    if application.amendment or not (known := _late(application, facts)):
        return
    kind, departure, issued = known
    if _is_before(kind, departure) and issued > departure:
        yield Hit("Transport/DepartureDate", application.transport.departure_date,
                  zh=f"{kind.retrospective.since}起", en=f"only for departures from {kind.retrospective.since} on")


def _wording(application: Application, facts: Facts) -> Iterable[Hit]:
    special = (application.endorsement or application.retrospective or application.exhibition
               or application.movement_certificate or application.back_to_back)
    if special or any("RETRO" in text for _, _, text in _other_places(application)):
        kind = type_of(application.certificate_type)
        if kind:
            return chain(_retrospective_wording(application, kind), _other_wording(application, kind), _ticks(application, kind))
    return ()


def _other_places(application: Application) -> tuple[tuple[str, str, str], ...]:
    """Printed texts beside the endorsement, where its words may have strayed: path, field, text in capitals."""
    return (
        ("FormRemarks", "remarks", application.form_remarks.upper()),
        ("Marks", "marks", application.marks.upper()),
        ("Goods/Note", "description", application.goods_note.upper()),
    )


def _retrospective_wording(application: Application, kind: CertificateType) -> Iterator[Hit]:
    mark, words = kind.retrospective.mark, application.endorsement
    for path, field, text in _other_places(application):
        if _RETRO.search(text) and (mark is None or mark.field != field):
            yield Hit(path, text, field, zh="补发用语不应写在此栏", en="these words do not belong into this box",
                      severity=_doubt(mark is not None and mark.verified))
    if mark is None:
        if not kind.preferential and (application.retrospective or _RETRO.search(words.upper())):
            zh, en = "补发用语由签证人员加注", "the issuing officer writes these words"
            path = "Retrospective" if application.retrospective else "Endorsement"
            yield Hit(path, words, zh=zh, en=en, severity=Severity.MANUAL)
    elif _RETRO.search(words.upper()):
        if comparable(mark.words) not in comparable(words):
            yield Hit("Endorsement", words, mark.field, zh=f"应为{mark.words}", en=f"should be {mark.words}",
                      severity=_doubt(mark.verified))
        elif not application.retrospective:
            yield Hit("Endorsement", words, mark.field, zh="请设置Retrospective", en="set Retrospective",
                      severity=_doubt(mark.verified))


def _other_wording(application: Application, kind: CertificateType) -> Iterator[Hit]:
    words = application.endorsement
    if not words or (_RETRO.search(words.upper()) and application.amendment is None):
        return
    mark = _replacing(application, kind)
    if mark is None:
        yield Hit("Endorsement", words, zh="由审核员核对", en="a reviewer looks at it", severity=Severity.MANUAL)
    elif comparable(mark.words.partition("{")[0]) not in comparable(words):
        yield Hit("Endorsement", words, mark.field, zh=f"应为{mark.words}", en=f"should be {mark.words}",
                  severity=_doubt(mark.verified))


def _replacing(application: Application, kind: CertificateType) -> Mark | None:
    """The words of a certificate that replaces another one."""
    if application.amendment is None:
        return None
    return kind.replacement if application.amendment.kind == AMEND else kind.reissue or kind.replacement


def _ticks(application: Application, kind: CertificateType) -> Iterator[Hit]:
    offered = {flag for box in kind.boxes for flag, _ in box.ticks}
    for flag, element in _TICKS:
        if not getattr(application, flag):
            continue
        if flag in offered or "boxes" in kind.unverified:
            yield Hit(element, "true", "ticks", zh="由审核员核对", en="a reviewer looks at it", severity=Severity.MANUAL)
        else:
            yield Hit(element, "true", zh="该类证书没有此勾选项", en="the form of this type has no such tick")


def _no_operator(application: Application, facts: Facts) -> Iterator[Hit]:
    terms = certificate_type(application.certificate_type).non_party
    if not application.non_party_invoice or terms is None:
        return  # G14 refers it
    operator, producer = application.operator, application.producer
    missing = []
    if "operator" in terms.needs:
        missing += [("Operator/Name", not operator.name), ("Operator/Country", not operator.country)]
    if "producer" in terms.needs:
        unplaced = bool(producer.name) and not producer.address and not _is_phrase(application)
        missing += [("Producer/Name", not producer.name), ("Producer/Address", unplaced)]
    for path, is_missing in missing:
        if is_missing:
            yield Hit(path, field=terms.field, severity=_doubt(terms.verified))


def _is_phrase(application: Application) -> bool:
    """Whether a phrase of the type stands instead of the producer's name."""
    allowed = certificate_type(application.certificate_type).producer
    phrases = (allowed.same, allowed.confidential, allowed.unknown, allowed.several, *allowed.phrases) if allowed else ()
    return application.producer.name.upper() in phrases


def _non_party_invoice(application: Application, facts: Facts) -> Iterable[Hit]:
    return (Hit("NonPartyInvoice", "true"),) if application.non_party_invoice else ()


def _foreign_invoice(application: Application, facts: Facts) -> Iterator[Hit]:
    if application.non_party_invoice:
        return
    for position, invoice in enumerate(application.invoices, 1):
        if invoice.issuer_country and facts.codes.country_of(invoice.issuer_country) != "CN":
            yield Hit(f"Invoices/Invoice[{position}]/IssuerCountry", invoice.issuer_country)


def _no_declaration(application: Application, facts: Facts) -> Iterable[Hit]:
    if application.export_declaration or not (application.retrospective or is_reissue(application)):
        return ()
    return (Hit("ExportDeclaration"),)


_AFTERWARDS = Scope(
    "types that may be issued after shipment", lambda kind: kind.preferential and kind.retrospective.mark is not None)

RULES = (
    Rule(
        "G07", Severity.REJECT, _AFTERWARDS, "transport", "table of retrospective marks of the issuing bodies",
        "应注明补发", "Retrospective mark missing",
        "货物已出运的请设置Retrospective / Set Retrospective when the goods have left",
        _mark_missing,
    ),
    Rule(
        "G08", Severity.REJECT, PREFERENTIAL, "transport", "table of retrospective marks of the issuing bodies",
        "不应注明补发", "Retrospective mark not allowed",
        "请核对离港日期，或去掉补发标志 / Check the date of departure, or leave Retrospective out",
        _mark_without_cause,
    ),
    Rule(
        "G09", Severity.REJECT, _AFTERWARDS, "transport", "table of retrospective marks; notice on the Chile form of 2019",
        "超过补发期限", "Too long after shipment",
        "已不能补发；请核对离港日期 / It can no longer be issued; check the date of departure",
        _too_late,
    ),
    Rule(
        "G10", Severity.REJECT,
        Scope("types that are not issued after shipment", lambda kind: kind.preferential and kind.retrospective.mark is None),
        "transport", "table of retrospective marks of the issuing bodies",
        "该类证书不能补发", "This type cannot be issued after shipment",
        "请在出运时申请；请核对离港日期 / Apply when the goods leave; check the date of departure",
        _not_after_shipment,
    ),
    Rule(
        "G11", Severity.REJECT,
        Scope("types issued after shipment since a day", lambda kind: kind.preferential and kind.retrospective.since is not None),
        "transport", "filling guide of the New Zealand form; later announcement on it",
        "该日期前出运的货物不办理补发", "Not issued for goods that left before that day",
        "请核对离港日期 / Check the date of departure",
        _not_yet_after_shipment,
    ),
    Rule(
        "G12", Severity.REJECT, ALL, None, "table of retrospective marks of the issuing bodies",
        "加注用语或位置不正确", "Wrong endorsement: wording or box",
        "请使用该证书类型的用语，或只设置标志，由系统加注 / "
        "Use the words of the type, or only set the flag: the form gets its own mark",
        _wording,
    ),
    Rule(
        "G13", Severity.REJECT,
        Scope("types with terms for non-party invoices", lambda kind: kind.preferential and kind.non_party is not None),
        None, "filling guides of the agreements",
        "第三方发票须填写经营者（或生产商）名称及国家", "Non-party operator, or the producer, required",
        "请填写Operator的Name和Country，或Producer的Name和Address / "
        "Give Name and Country of Operator, or Name and Address of Producer",
        _no_operator,
    ),
    Rule(
        "G14", Severity.MANUAL, ALL, "invoices", "annotated samples of the ASEAN form",
        "第三方发票，转人工", "Third-party invoice needs review",
        "由审核员核对，无需重发 / A reviewer will look at it; no need to send again",
        _non_party_invoice,
    ),
    Rule(
        "G15", Severity.MANUAL, PREFERENTIAL, "invoices", "own",
        "发票出具方非中国", "Invoice issuer is foreign",
        "由审核员核对；第三方发票请设置NonPartyInvoice / A reviewer will look at it; set NonPartyInvoice for a third-party invoice",
        _foreign_invoice,
    ),
    Rule(
        "G20", Severity.REJECT, ALL, None, "practice of the issuing bodies",
        "补发、重发须提供报关单号", "Export declaration required for issue after shipment and re-issue",
        "请填写ExportDeclaration / Give ExportDeclaration",
        _no_declaration,
    ),
)  # fmt: skip

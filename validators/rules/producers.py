"""C12-C19: the producer's box of preferential forms: a name, or one of the phrases that the type's guide allows."""

import re
from collections.abc import Iterator
from functools import lru_cache

from domain.application import Application
from domain.finding import Severity
from schemas.certificate_types import Producer, certificate_type
from validators.doubt import doubted
from validators.facts import Facts
from validators.reading import comparable
from validators.rule import PREFERENTIAL, Hit, Rule, Scope

_NAME = "Producer/Name"
_SEE_BOX = re.compile(r"SEE BOX \d{1,2}")

REQUIRED = Scope("types that require a producer", lambda kind: bool(kind.producer and kind.producer.required))
WITH_PRODUCER = Scope("types with a producer's box", lambda kind: kind.producer is not None)
BY_LINE = Scope("types whose lines may name their producers", lambda kind: bool(kind.producer and kind.producer.several))


def _of(application: Application) -> Producer:
    """What the type allows in the box; the rules here are asked only of types that have one."""
    return certificate_type(application.certificate_type).producer or Producer()


def _empty(application: Application, facts: Facts) -> Iterator[Hit]:
    if not application.producer.name:
        allowed = ", ".join(_phrases(_of(application)))
        yield Hit(_NAME, zh=f"可填{allowed}", en=f"{allowed} may stand for it", severity=_doubted(application))


def _doubted(application: Application) -> Severity | None:
    return doubted(certificate_type(application.certificate_type), "producer")


def _phrases(allowed: Producer) -> tuple[str, ...]:
    known = (allowed.same, allowed.confidential, allowed.unknown, allowed.several, *allowed.phrases)
    return tuple(phrase for phrase in known if phrase)


def _repeats_exporter(application: Application, facts: Facts) -> Iterator[Hit]:
    name, same = application.producer.name, _of(application).same
    said = " ".join(name.upper().split()).startswith(facts.codes.parameters.producer_same_words)
    if same and name and (said or comparable(name) == comparable(application.exporter.name)):
        yield Hit(_NAME, name, zh=same, en=same)


def _wrong_phrase(application: Application, facts: Facts) -> Iterator[Hit]:
    name = application.producer.name
    if not name or _spelled(name) in _spellings(allowed := _of(application)):
        return
    if not (kind := _kind_of_phrase(name, facts)):
        return
    if phrase := getattr(allowed, kind):
        yield Hit(_NAME, name, zh=f"应填{phrase}", en=f"write {phrase}", severity=_doubted(application))
    else:  # no source names the type's wording
        zh, en = "该类证书未见规定用语，转人工", "no wording is known for this type, manual review"
        yield Hit(_NAME, name, zh=zh, en=en, severity=Severity.MANUAL)


def _kind_of_phrase(name: str, facts: Facts) -> str:
    """Which phrase `name` is meant to be: "unknown" or "confidential", "" for the name of a firm."""
    said = " ".join(name.upper().split()).strip(" .*")
    parameters = facts.codes.parameters
    if said in parameters.producer_unknown_words:
        return "unknown"
    return "confidential" if any(word in said for word in parameters.producer_confidential_words) else ""


def says_same(name: str, allowed: Producer, facts: Facts) -> bool:
    """Whether `name` says that the exporter is the producer, in the phrase of the form or in other words (C13)."""
    plain = " ".join(name.upper().split()).strip(" .")
    return bool(plain) and (plain == allowed.same or plain.startswith(facts.codes.parameters.producer_same_words))


def is_phrase(name: str, allowed: Producer, facts: Facts) -> bool:
    """Whether `name` is a phrase and no firm: one of the form, or what is meant as one (C14-C16, C19)."""
    return bool(name) and (_spelled(name) in _spellings(allowed) or bool(_kind_of_phrase(name, facts)))


@lru_cache(maxsize=1024)
def _spelled(phrase: str) -> str:
    """A phrase for comparison: AUTHORISED is AUTHORIZED."""
    return comparable(phrase).replace("AUTHORISED", "AUTHORIZED")


@lru_cache(maxsize=64)
def _spellings(allowed: Producer) -> frozenset[str]:
    return frozenset(map(_spelled, _phrases(allowed)))


def _lines_without_producer(application: Application, facts: Facts) -> Iterator[Hit]:
    name, several = " ".join(application.producer.name.upper().split()).strip(" ."), _of(application).several
    if name != several:
        if _SEE_BOX.fullmatch(name):
            yield Hit(_NAME, application.producer.name, zh=f"应填{several}", en=f"write {several}")
        return
    for position, line in enumerate(application.goods, 1):
        if not line.producer:
            yield Hit(f"Goods/Line[{position}]/Producer", field="description")


def _trader(application: Application, facts: Facts) -> Iterator[Hit]:
    words, exporter = facts.codes.parameters.trader_words, application.exporter.name
    lines = ((f"Goods/Line[{at}]/Producer", line.producer) for at, line in enumerate(application.goods, 1))
    for path, name in ((_NAME, application.producer.name), *lines):
        # whoever exports its own goods repeats its name: C13
        if name and not words.isdisjoint(_words(name)) and comparable(name) != comparable(exporter):
            yield Hit(path, name, field=None if path == _NAME else "description")


@lru_cache(maxsize=1024)
def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[A-Z]+", name.upper()))


def _these(*codes: str) -> Scope:
    return Scope(", ".join(codes), lambda kind: kind.producer is not None and kind.code in codes)


def _others(*codes: str) -> Scope:
    named = ", ".join(codes)
    return Scope(f"types with a producer's box but {named}", lambda kind: kind.producer is not None and kind.code not in codes)


def _confidential(code: str, scope: Scope, source: str, zh: str, en: str) -> Rule:
    """One rule under several ids: the wording is the type's own."""
    remedy = "请按所列用语填写，或写明生产商 / Use the wording shown, or name the producer"
    return Rule(code, Severity.REJECT, scope, "producer", source, zh, en, remedy, _wrong_phrase)


RULES = (
    Rule(
        "C12", Severity.REJECT, REQUIRED, "producer", "filling guides of the forms with a producer's box",
        "生产商不得为空", "Producer required",
        "请填写生产商名称、地址和国家，或所列用语 / Give the producer's name, address and country, or a phrase shown",
        _empty,
    ),
    Rule(
        "C13", Severity.WARN, WITH_PRODUCER, "producer", "filling guides of the New Zealand and Australia forms",
        "生产商与出口商相同，请用规定用语", "Producer equals exporter: use the form's phrase",
        "请填写所列用语 / Write the phrase shown",
        _repeats_exporter,
    ),
    _confidential(
        "C14", _these("RCEP"), "filling guide of form RCEP",
        "RCEP生产商保密填CONFIDENTIAL，未知填NOT AVAILABLE", "RCEP: CONFIDENTIAL, or NOT AVAILABLE when unknown",
    ),
    _confidential(
        "C15", _these("NZ", "PE"), "filling guides of the New Zealand and Peru forms",
        "生产商保密用语不正确", "Wrong confidentiality phrase",
    ),
    _confidential(
        "C16", _these("KR", "CL"), "filling guides of the Korea and Chile (2019) forms",
        "生产商保密用语不正确", "Wrong confidentiality phrase",
    ),
    Rule(
        "C17", Severity.REJECT, BY_LINE, "producer", "filling guide of form RCEP",
        "多个生产商时应逐项列明", "List the producer of each item",
        "请在每项商品中填写Producer / Give Producer in every goods line",
        _lines_without_producer,
    ),
    Rule(
        "C18", Severity.MANUAL, PREFERENTIAL, "producer", "practice of the issuing bodies",
        "生产商疑似贸易公司，转人工", "Producer looks like a trading firm",
        "由审核员核对；如系笔误请更正重发 / A reviewer will look at it; if it is a slip, correct it and send again",
        _trader,
    ),
    _confidential(
        "C19", _others("RCEP", "NZ", "PE", "KR", "CL"), "filling guide of the type's form",
        "生产商保密用语不正确", "Wrong confidentiality phrase",
    ),
)  # fmt: skip

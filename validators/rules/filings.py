"""F17-F21: the goods filing 商品备案 behind a line of a preferential certificate, and how the line agrees with it.

A line is compared with the filing that it names, else with the enterprise's newest one for its six digits and this type that
holds on the day of the application (valid_to is inclusive) and has the line's criterion.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from domain.application import Application
from domain.filing import GoodsFiling
from domain.finding import Severity
from schemas.certificate_types import Criterion, Producer, certificate_type
from validators.criterion import Line, declared, lines, value_of, within
from validators.facts import Facts
from validators.reading import comparable, day
from validators.rule import PREFERENTIAL, Hit, Rule, Scope
from validators.rules.parties import before_intermediary
from validators.rules.producers import is_phrase, says_same

# states of a filing that never was one, or not yet -> how they are called
_NOT_APPROVED: Mapping[str, tuple[str, str]] = MappingProxyType({
    "RECEIVED": ("待审", "pending review"),
    "PENDING_REVIEW": ("待审", "pending review"),
    "RETURNED": ("已退回", "returned"),
})


def _filed(line: Line, facts: Facts) -> tuple[GoodsFiling, ...]:
    """The filings that the line may rest on, newest first."""
    digits = line.goods.hs_code.replace(".", "").replace(" ", "")[:6]
    if len(digits) == 6:
        found = facts.filings.get(digits, ())
    else:  # a form with headings only
        found = tuple(one for hs6, filed in facts.filings.items() if digits and hs6.startswith(digits) for one in filed)
    named = line.goods.filing_no
    return tuple(one for one in found if one.number == named) if named else found


def _holds(filing: GoodsFiling, on: date) -> bool:
    """Whether a certificate applied for on this day may rest on the filing."""
    if filing.state == "APPROVED":
        return filing.valid_to is None or on <= filing.valid_to
    return filing.state == "EXPIRED" and filing.valid_to is not None and on <= filing.valid_to


def _applied_on(application: Application, facts: Facts) -> date:
    return day(application.application_date) or facts.today


def matched(application: Application, facts: Facts) -> Iterator[tuple[Line, GoodsFiling]]:
    """Every line with the filing that holds for it; lines without one are F17's and F19's faults."""
    on = _applied_on(application, facts)
    for line in lines(application):
        holding = [one for one in _filed(line, facts) if _holds(one, on)]
        same = [one for one in holding if _same_kind(line, one)]
        if holding:
            yield line, (same or holding)[0]


def _same_kind(line: Line, filing: GoodsFiling) -> bool:
    """Whether the line has the kind of criterion that was approved, as far as both say."""
    approved = declared(filing.criterion, filing.certificate_type).main if filing.criterion else None
    if line.main is None or approved is None:
        return True
    bases = {line.goods.psr_basis.upper(), filing.psr_basis.upper()} - {""}
    return line.main.code == approved.code and len(bases) < 2


def _not_filed(application: Application, facts: Facts) -> Iterator[Hit]:
    on = _applied_on(application, facts)
    for line in lines(application):
        filed = _filed(line, facts)
        if not line.goods.hs_code or any(_holds(one, on) for one in filed):
            continue
        path, found = f"{line.path}/HSCode", line.goods.hs_code
        if not filed and line.goods.filing_no:
            zh, en = "该HS编码没有此编号的备案", "these goods have no filing of this number"
            yield Hit(f"{line.path}/FilingNo", line.goods.filing_no, zh=zh, en=en)
        elif not filed:
            yield Hit(path, found)
        elif state := _NOT_APPROVED.get(filed[0].state):
            number = filed[0].number
            yield Hit(path, found, zh=f"备案{number}{state[0]}", en=f"filing {number} is {state[1]}")


def _filing_ended(application: Application, facts: Facts) -> Iterator[Hit]:
    on = _applied_on(application, facts)
    for line in lines(application):
        filed = _filed(line, facts)
        if not filed or any(_holds(one, on) for one in filed) or filed[0].state in _NOT_APPROVED:
            continue
        newest = filed[0]
        if newest.state in {"APPROVED", "EXPIRED"}:
            zh, en = f"备案{newest.number}有效期至{newest.valid_to}", f"filing {newest.number} was valid to {newest.valid_to}"
        else:
            zh, en = f"备案{newest.number}已撤销", f"filing {newest.number} was withdrawn"
        yield Hit(f"{line.path}/HSCode", line.goods.hs_code, zh=zh, en=en)


def _other_criterion(application: Application, facts: Facts) -> Iterator[Hit]:
    for line, filing in matched(application, facts):
        if not _same_kind(line, filing):
            filed = f"{filing.criterion} {filing.psr_basis}".strip()
            yield Hit(f"{line.path}/Criterion", f"{line.goods.criterion} {line.goods.psr_basis}".strip(),
                      zh=f"备案{filing.number}为{filed}", en=f"filing {filing.number} has {filed}")


def _other_producer(application: Application, facts: Facts) -> Iterator[Hit]:
    said = set()
    for line, filing in matched(application, facts):
        path, sent = _producer(application, line, facts)
        # a producer who is kept confidential, or filed in Chinese only, cannot be compared
        if not sent or not filing.producer or sent.isascii() != filing.producer.isascii():
            continue
        if sent == filing.producer or comparable(sent) == comparable(filing.producer):
            continue
        if (path, filing.producer) not in said:  # the producer's box is one place, however many lines it is for
            said.add((path, filing.producer))
            yield Hit(path, sent, zh=f"备案{filing.number}为{filing.producer}", en=f"filing {filing.number} has {filing.producer}")


def _producer(application: Application, line: Line, facts: Facts) -> tuple[str, str]:
    """Path and name of the line's producer; the name is "" where a phrase of the type stands instead of it."""
    allowed = certificate_type(application.certificate_type).producer or Producer()
    path, name = "Producer/Name", application.producer.name.strip()
    if line.goods.producer:
        path, name = f"{line.path}/Producer", line.goods.producer.strip()
    if says_same(name, allowed, facts):
        exporter = application.exporter.name
        return path, before_intermediary(exporter, facts.codes.parameters.intermediary_words).strip()
    return path, "" if is_phrase(name, allowed, facts) else name


def _value_near_the_limit(application: Application, facts: Facts) -> Iterator[Hit]:
    margin = facts.codes.parameters.value_margin
    for line in lines(application):
        value, main = value_of(line), line.main
        if main and value is not None and within(value, main) and (limit := _close(value, main, margin)) is not None:
            yield _value_hit(line, f"界限{limit}%", f"the limit is {limit}%")
    for line, filing in matched(application, facts):
        value, approved = value_of(line), filing.value_content
        if value is None or approved is None or line.main is None or not _same_kind(line, filing):
            continue
        claimed = approved - value if line.main.content == "foreign" else value - approved
        near = _close(value, line.main, margin) is not None and within(value, line.main)
        if claimed > margin and not near:
            yield _value_hit(line, f"备案{filing.number}为{approved}%", f"filing {filing.number} has {approved}%")


def _close(value: Decimal, main: Criterion, margin: Decimal) -> Decimal | None:
    """The limit that lies within `margin` points of the value, None when none does."""
    return next((one for one in (main.minimum, main.maximum) if one is not None and abs(value - one) <= margin), None)


def _value_hit(line: Line, zh: str, en: str) -> Hit:
    return Hit(f"{line.path}/ValueContent", line.goods.value_content or line.goods.criterion, zh=zh, en=en)


RULES = (
    Rule(
        "F17", Severity.REJECT, PREFERENTIAL, "hs_code", "enterprise manual 2017: goods are filed before a certificate names them",
        "商品未备案", "Goods are not filed",
        "请先办理商品备案，审核通过后再申请 / File the goods first and apply once the filing is approved",
        _not_filed, needs_registry=True,
    ),
    Rule(
        "F18", Severity.REJECT, PREFERENTIAL, "criterion", "notice of a local council on the ASEAN form of 2019",
        "原产地标准与备案不符", "Criterion differs from filing",
        "请按备案填写，或先变更备案 / Use the criterion as filed, or change the filing first",
        _other_criterion, needs_registry=True,
    ),
    Rule(
        "F19", Severity.REJECT, PREFERENTIAL, "hs_code", "own",
        "商品备案已失效", "Goods filing expired or withdrawn",
        "请重新办理商品备案 / File the goods again",
        _filing_ended, needs_registry=True,
    ),
    Rule(
        "F20", Severity.MANUAL, PREFERENTIAL, "producer", "notes on goods filing of the enterprise client",
        "生产商与备案不符", "Producer differs from filing",
        "由审核员核对；如系笔误请更正重发 / A reviewer will look at it; if it is a slip, correct it and send again",
        _other_producer, needs_registry=True,
    ),
    Rule(
        "F21", Severity.MANUAL,
        Scope("types that state a percentage", lambda kind: any(one.percent for one in kind.criteria)), "criterion", "own",
        "成分接近临界值，或高于备案", "Value content near the limit, or better than filed",
        "由审核员核对成本明细，无需重发 / A reviewer will look at the costs; no need to send again",
        _value_near_the_limit,
    ),
)  # fmt: skip

"""E22-E24, E30: quantity, unit and weight."""

import re
from collections.abc import Iterator

from domain.application import Application
from domain.finding import Severity
from validators.facts import Facts
from validators.reading import number
from validators.rule import ALL, Hit, Rule

_WEIGHT_LABEL = re.compile(r"[GN]\.?W\.?|GROSS|NET")


def _bad_quantity(application: Application, facts: Facts) -> Iterator[Hit]:
    units, packages = facts.codes.units, facts.codes.packages
    for position, line in enumerate(application.goods, 1):
        if not _is_whole(line.quantity) and not number(line.quantity):
            yield Hit(f"Goods/Line[{position}]/Quantity", line.quantity)
        elif line.unit not in units and line.unit not in packages and not _unit(line.unit, facts):
            yield Hit(f"Goods/Line[{position}]/Unit", line.unit)


def _is_whole(text: str) -> bool:
    """Whether `text` is a whole number above zero: the quick answer for most quantities."""
    return text.isdecimal() and text.isascii() and text[0] != "0" and len(text) <= 15


def _unit(text: str, facts: Facts) -> str | None:
    """The code of a unit as sent; a weight label beside it ("KGS G.W.") does not matter."""
    plain = " ".join(_WEIGHT_LABEL.sub(" ", text.upper()).split())
    return facts.codes.units.get(plain) or facts.codes.packages.get(plain)


def _unlabelled_weight(application: Application, facts: Facts) -> Iterator[Hit]:
    weights = facts.codes.weight_units
    for position, line in enumerate(application.goods, 1):
        if (facts.codes.units.get(line.unit) or _unit(line.unit, facts)) not in weights:
            continue
        if not line.gross_weight and not line.net_weight and not _WEIGHT_LABEL.search(line.unit.upper()):
            yield Hit(f"Goods/Line[{position}]/Unit", f"{line.quantity} {line.unit}")


def _net_above_gross(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        net, gross = number(line.net_weight), number(line.gross_weight)
        if net and gross and net > gross:
            yield Hit(f"Goods/Line[{position}]/NetWeight", f"{line.net_weight} > {line.gross_weight}")


def _no_weight(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        if line.gross_weight and not number(line.gross_weight):
            yield Hit(f"Goods/Line[{position}]/GrossWeight", line.gross_weight)
        if line.net_weight and not number(line.net_weight):
            yield Hit(f"Goods/Line[{position}]/NetWeight", line.net_weight)


RULES = (
    Rule(
        "E22", Severity.REJECT, ALL, "quantity", "filling guides; UN/ECE Recommendations 20 and 21",
        "数量或单位错误", "Bad quantity or unit",
        "数量应为大于0的数字，单位用建议书20/21代码或PCS、CTNS等 / "
        "Give a number above zero and a Recommendation 20/21 code, or a word such as PCS",
        _bad_quantity,
    ),
    Rule(
        "E23", Severity.REJECT, ALL, "quantity", "filling guides of the general certificate",
        "以重量计应注明毛重或净重", "State gross or net weight",
        "请填写GrossWeight或NetWeight，或在单位后注明G.W./N.W. / Give GrossWeight or NetWeight, or write G.W. or N.W.",
        _unlabelled_weight,
    ),
    Rule(
        "E24", Severity.REJECT, ALL, "quantity", "own",
        "净重大于毛重", "Net weight exceeds gross",
        "请更正毛重或净重 / Correct the gross or the net weight",
        _net_above_gross,
    ),
    Rule(
        "E30", Severity.REJECT, ALL, "quantity", "own",
        "重量为零或无法识别", "Weight is zero or not a number",
        "重量以千克计，应为大于0的数字，或不填 / Give kilograms above zero, digits only, or leave it out",
        _no_weight,
    ),
)  # fmt: skip

"""E09-E12: number and kind of packages, in words, figures and total."""

import re
from collections.abc import Iterator

from domain.application import Application, GoodsLine
from domain.finding import Severity
from validators.facts import Facts
from validators.reading import Count, Spelling, number_words, package_counts
from validators.rule import ALL, Hit, Rule

_UNPACKED = re.compile(r"\bIN BULK\b|\bIN NUDE\b|\bNUDE CARGO\b|\bNUDE PACKED\b|\bHANGING\b|\bUNPACKED\b")
_BULK = frozenset({"BULK", "NUDE", "HANGING", "IN BULK", "IN NUDE", "NUDE CARGO"})
_ANY_KIND = "PK"  # PACKAGES in a total stands for all kinds together
_PALLETS, _PIECES = "PX", frozenset({"PP", "SX"})
# 100 CARTONS ON TWO (2) PALLETS: the cartons are counted, or the pallets
_ON_PALLETS = re.compile(r"(?:=|\bON|\bONTO|\bIN)\s[A-Z\s-]{0,40}\(?\d[\d,]{0,9}\)?\s?[A-Z\s]{0,20}\bPALLETS?\b")


def _is_bulk(line: GoodsLine) -> bool:
    return line.packing.upper() in _BULK or bool(_UNPACKED.search(line.description.upper()))


def _is_count(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= 15 and bool(text.strip("0"))


def _no_packages(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        count = line.package_count
        if _is_count(count):
            continue
        path = f"Goods/Line[{position}]/PackageCount"
        if count:
            yield Hit(path, count, zh="件数应为大于0的整数", en="the count must be a whole number above zero")
        elif line.description and not _is_bulk(line) and not package_counts(line.description, facts.codes):
            yield Hit(path, line.description)  # an empty description is E08's fault


def _words_differ(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        printed = package_counts(line.description, facts.codes)
        path = f"Goods/Line[{position}]/Description"
        if wrong := _first(printed, Spelling.WRONG):
            yield _misspelled(path, line.description, wrong)
        elif len(printed) == 1 and _is_count(line.package_count) and int(line.package_count) != printed[0].figure:
            figure, data = printed[0].figure, line.package_count
            zh, en = f"描述为{figure}，数据为{data}", f"printed {figure}, as data {data}"
            yield Hit(path, line.description, zh=zh, en=en)
    if wrong := _first(package_counts(application.goods_total, facts.codes), Spelling.WRONG):
        yield _misspelled("Goods/Total", application.goods_total, wrong)


def _first(printed: tuple[Count, ...], how: Spelling) -> Count | None:
    """The first count whose words agree with their figure in this way."""
    for count in printed:
        if count.spelling is how:
            return count
    return None


def _misspelled(path: str, found: str, count: Count) -> Hit:
    expected = " ".join(number_words(count.figure))
    return Hit(path, found, zh=f"{count.figure}应为{expected}", en=f"{count.figure} is {expected}")


def _words_missing(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        if _first(package_counts(line.description, facts.codes), Spelling.MISSING):
            yield Hit(f"Goods/Line[{position}]/Description", line.description)
    if _first(package_counts(application.goods_total, facts.codes), Spelling.MISSING):
        yield Hit("Goods/Total", application.goods_total)


def _total_differs(application: Application, facts: Facts) -> Iterator[Hit]:
    stated: dict[str, int] = {}
    for count in package_counts(application.goods_total, facts.codes):
        stated[count.kind] = stated.get(count.kind, 0) + count.figure
    if not stated:
        return
    lines = _sums(application, facts)
    # pieces and sets in a total are the quantity of packed goods
    stated = {kind: count for kind, count in stated.items() if kind not in _PIECES or kind in lines}
    if not stated or stated == lines or (stated.keys() == {_ANY_KIND} and stated[_ANY_KIND] == sum(lines.values())):
        return
    standing = _PALLETS in lines and stated in _either(lines)
    if standing and any(_ON_PALLETS.search(line.description.upper()) for line in application.goods):
        return
    yield Hit(
        "Goods/Total", application.goods_total,
        zh=f"分项合计{_shown(lines)}，合计行{_shown(stated)}",
        en=f"the lines add up to {_shown(lines)}, the total says {_shown(stated)}",
    )


def _either(lines: dict[str, int]) -> tuple[dict[str, int], ...]:
    """The packages without the pallets they stand on, and the pallets alone."""
    return {kind: count for kind, count in lines.items() if kind != _PALLETS}, {_PALLETS: lines[_PALLETS]}


def _sums(application: Application, facts: Facts) -> dict[str, int]:
    """Packages per kind over all lines, as printed where printed, else as data; bulk lines count nothing."""
    sums: dict[str, int] = {}
    packages = facts.codes.packages
    for line in application.goods:
        printed = package_counts(line.description, facts.codes)
        for count in printed:
            sums[count.kind] = sums.get(count.kind, 0) + count.figure
        if not printed and _is_count(line.package_count) and not _is_bulk(line):
            kind = packages.get(line.package_kind.upper(), line.package_kind.upper() or _ANY_KIND)
            sums[kind] = sums.get(kind, 0) + int(line.package_count)
    return sums


def _shown(sums: dict[str, int]) -> str:
    return " + ".join(f"{count} {kind}" for kind, count in sums.items()) or "0"


RULES = (
    Rule(
        "E09", Severity.REJECT, ALL, "description", "filling guides",
        "应注明包装数量及种类或散装", "State packages or IN BULK",
        "请填写件数和包装种类，散装注明IN BULK，裸装注明NUDE CARGO / Give count and kind, IN BULK or NUDE CARGO",
        _no_packages,
    ),
    Rule(
        "E10", Severity.REJECT, ALL, "description", "filling guides; issued certificates",
        "包装件数大小写不一致", "Package words and figure differ",
        "请使英文大写与数字一致，如ONE HUNDRED (100) CARTONS / Make words and figure agree: ONE HUNDRED (100) CARTONS",
        _words_differ,
    ),
    Rule(
        "E11", Severity.WARN, ALL, "description", "filling guides",
        "件数应加英文大写", "Write the number in words too",
        "请在数字前加英文大写，如TEN (10) CARTONS / Put the words before the figure: TEN (10) CARTONS",
        _words_missing,
    ),
    Rule(
        "E12", Severity.REJECT, ALL, "description", "issued certificates",
        "总件数与分项合计不符", "Total packages differ from the sum",
        "请更正合计行或分项件数 / Correct the total or the lines",
        _total_differs,
    ),
)  # fmt: skip

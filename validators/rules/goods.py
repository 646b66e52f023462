"""E05, E08, E16, E18, E19, E21, E25, E26, F03: what the goods are."""

from collections.abc import Iterator
from functools import lru_cache

from domain.application import Application, GoodsLine
from domain.finding import Severity
from schemas.certificate_types import type_of
from schemas.codelists import CodeLists
from validators.doubt import doubted
from validators.facts import Facts
from validators.reading import NUMBER_WORDS, package_counts, package_kind
from validators.rule import ALL, GENERAL, Hit, Rule

_HS_LENGTHS = frozenset({4, 6, 8, 10})
_NO_CHAPTERS = frozenset({"00", "77"})  # that no edition has
_EDITION = 2022  # of the Harmonized System, in `codes.hs`
_BREAKS = str.maketrans(dict.fromkeys(",.;:()-/*\\\n\t", " "))
# where the name of the goods ends and its explanation begins
_NAME_ENDS = frozenset({"AND", "FOR", "IN", "MADE", "MODEL", "OF", "TYPE", "WITH", "WITHOUT"})
_COUNTING = NUMBER_WORDS - {"A", "AND"}
_BULK_WORDS = frozenset({"IN", "BULK", "NUDE", "CARGO", "PACKED", "HANGING"})


def _no_goods(application: Application, facts: Facts) -> Iterator[Hit]:
    if not application.goods:
        yield Hit("Goods/Line")


def _too_general(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        if not _names_goods(line.description, facts.codes):
            yield Hit(f"Goods/Line[{position}]/Description", line.description)


def _names_goods(description: str, codes: CodeLists) -> bool:
    """Whether a word is left that says something, after packages, numbers, fillers and general words."""
    empty = _empty_words(codes)
    printed = package_counts(description, codes)
    begin = printed[-1].end if printed else 0
    # goods mostly follow the packages: "ONE HUNDRED (100) CARTONS OF COTTON ..."; that look is enough for most lines
    text = description[begin : begin + 60].upper()
    for word in (text.partition(" OF ")[2] or text).split():
        if word not in empty and len(word) > 1 and word.isalpha():
            return True
    text = description.upper()
    if printed:  # what the packages are made of names no goods: TEN (10) WOODEN CASES OF PARTS
        kind, of, goods = text[begin:].partition(" OF ")
        if of and package_kind(kind.split(), codes):
            text = f"{text[:begin]} {goods}"
            if _are_containers(goods, codes):
                return True
    words = text.translate(_BREAKS).split()
    return any(word not in empty and len(word) > 1 and word.isalpha() for word in words)


def _are_containers(goods: str, codes: CodeLists) -> bool:
    """Whether the goods are what others are packed in: 100 CARTONS OF BASKETS; not 2 PALLETS OF TEN CARTONS."""
    words = goods.translate(_BREAKS).split()
    counted = not _COUNTING.isdisjoint(words) or any(map(str.isdecimal, words))
    return not counted and any(word in codes.packages and len(word) > 3 for word in words)


@lru_cache(maxsize=8)
def _empty_words(codes: CodeLists) -> frozenset[str]:
    """Words that do not name goods."""
    parameters = codes.parameters
    return parameters.general_words | parameters.filler_words | NUMBER_WORDS | _BULK_WORDS | frozenset(codes.packages)


def _no_hs(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        if not line.hs_code:
            yield Hit(f"Goods/Line[{position}]/HSCode")


def plain_hs(line: GoodsLine) -> str:
    """The code's digits, "" when it has another form."""
    code = line.hs_code
    if not code.isdecimal():
        code = code.replace(".", "").replace(" ", "")
    return code if len(code) in _HS_LENGTHS and code.isdecimal() and code.isascii() else ""


def _bad_hs(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        if line.hs_code and not plain_hs(line):
            yield Hit(f"Goods/Line[{position}]/HSCode", line.hs_code)


def _unknown_hs(application: Application, facts: Facts) -> Iterator[Hit]:
    known = facts.codes.hs
    for position, line in enumerate(application.goods, 1):
        code = plain_hs(line)
        if code[:6] in known or not code:
            continue
        path = f"Goods/Line[{position}]/HSCode"
        if code[:2] in ("98", "99"):
            zh, en = "本国专用章，转人工", "national chapter, manual review"
            yield Hit(path, line.hs_code, zh=zh, en=en, severity=Severity.MANUAL)
        else:
            which, called = (code[:4], "品目/heading") if code[:4] not in known else (code[:6], "子目/subheading")
            chinese, english = called.split("/")
            zh, en = f"HS 2022无{chinese}{which}", f"no {english} {which} in HS 2022"
            # the table of an earlier edition is not here: a person knows what the agreement uses
            severity = None if code[:2] in _NO_CHAPTERS else _edition_is_open(application)
            yield Hit(path, line.hs_code, zh=zh, en=en, severity=severity)


def _edition_is_open(application: Application) -> Severity | None:
    """MANUAL where the agreement of the type may use another edition than the one we have."""
    kind = type_of(application.certificate_type)
    return Severity.MANUAL if kind and kind.hs_edition != _EDITION else doubted(kind, "hs_edition")


def _other_chapter(application: Application, facts: Facts) -> Iterator[Hit]:
    chapters = facts.codes.parameters.goods_chapters
    for name in chapters.keys() & _all_words(application):
        expected = chapters[name]
        for position, line in enumerate(application.goods, 1):
            # the cheap questions first; a name in small letters is B07's, and is looked at once it is in capitals
            if name not in line.description or line.hs_code[:2] in expected:
                continue
            # a code that does not exist is E18's or E19's fault
            if _last_word(line.description, facts.codes) == name and plain_hs(line)[:6] in facts.codes.hs:
                there = ", ".join(sorted(expected))
                zh, en = f"{name}一般归入第{there}章", f"{name} usually lie in chapter {there}"
                yield Hit(f"Goods/Line[{position}]/Description", line.description, zh=zh, en=en)


def _last_word(description: str, codes: CodeLists) -> str:
    """What the goods are called: CENTRIFUGAL PUMPS FOR CLEAN WATER are PUMPS, T-SHIRTS SHIRTS; "" without a name."""
    printed = package_counts(description, codes)
    name = description[printed[-1].end :].partition(" OF ")[2] if printed else description
    last = ""
    for word in name.upper().split():
        if word in _NAME_ENDS or word[0] == "(":
            break
        last = word.rstrip(",.;:")
        if last != word:
            break
    return last.rpartition("-")[2]


def _foreign_goods(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        origin = line.origin_country
        # asterisks beside the country mark the highest rate of duty (F09)
        if origin and origin != "CN" and facts.codes.country_of(origin.strip("* ")) != "CN":
            kind = type_of(application.certificate_type)
            shown = "origin_country" if kind and kind.box_number("origin_country") else None
            yield Hit(f"Goods/Line[{position}]/OriginCountry", origin, shown)


def _sensitive(application: Application, facts: Facts) -> Iterator[Hit]:
    if facts.codes.parameters.sensitive_first_words.isdisjoint(_all_words(application)):
        return
    for position, line in enumerate(application.goods, 1):
        words = f" {' '.join(line.description.upper().translate(_BREAKS).split())} "
        for phrase in facts.codes.parameters.sensitive_goods:
            if f" {(found := ' '.join(phrase))} " in words:
                yield Hit(f"Goods/Line[{position}]/Description", line.description, zh=found, en=found)
                break


def _all_words(application: Application) -> frozenset[str]:
    """Every word of every description, in upper case."""
    return _words_of(" ".join([line.description for line in application.goods]))


@lru_cache(maxsize=4)
def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.upper().translate(_BREAKS).split())


def _criterion_given(application: Application, facts: Facts) -> Iterator[Hit]:
    for position, line in enumerate(application.goods, 1):
        if line.criterion:
            yield Hit(f"Goods/Line[{position}]/Criterion", line.criterion)


RULES = (
    Rule(
        "E05", Severity.REJECT, ALL, "description", "own",
        "至少应有一项商品", "At least one goods line",
        "请至少填写一项商品 / Give at least one goods line",
        _no_goods,
    ),
    Rule(
        "E08", Severity.REJECT, ALL, "description", "filling guides of the general certificate",
        "商品名称过于笼统", "Description is too general",
        "请填写具体商品名称 / Name the goods themselves, not only their class",
        _too_general,
    ),
    Rule(
        "E16", Severity.REJECT, ALL, "hs_code", "filling guides of the general certificate",
        "HS编码不得为空", "HS code required",
        "请为每项商品填写HS编码 / Give the HS code of every line",
        _no_hs,
    ),
    Rule(
        "E18", Severity.REJECT, ALL, "hs_code", "issued certificates",
        "HS编码格式错误", "Bad HS code",
        "请填写4、6、8或10位数字 / Give 4, 6, 8 or 10 digits",
        _bad_hs,
    ),
    Rule(
        "E19", Severity.REJECT, ALL, "hs_code", "own; Harmonized System 2022",
        "HS编码不存在", "HS code does not exist",
        "请按现行税则核对编码 / Check the code in the tariff in force",
        _unknown_hs,
    ),
    Rule(
        "E21", Severity.WARN, ALL, "description", "own",
        "品名与HS不符", "Description does not fit HS",
        "请核对品名和HS编码 / Check the description against the HS code",
        _other_chapter,
    ),
    Rule(
        "E25", Severity.MANUAL, ALL, "description", "own",
        "含非中国原产商品", "Line not of Chinese origin",
        "由审核员核对；如系笔误请更正重发 / A reviewer will look at it; if it is a slip, correct it and send again",
        _foreign_goods,
    ),
    Rule(
        "E26", Severity.MANUAL, GENERAL, "description", "own",
        "敏感商品", "Sensitive goods",
        "由审核员核对，无需重发 / A reviewer will look at it; no need to send again",
        _sensitive,
    ),
    Rule(
        "F03", Severity.REJECT, GENERAL, None, "filling guides of the general certificate",
        "一般原产地证不填原产地标准", "No criterion on a general CO",
        "请删除原产地标准 / Remove the origin criterion",
        _criterion_given,
    ),
)  # fmt: skip

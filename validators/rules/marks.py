"""B16, E01-E04, E29: marks and numbers."""

import re
from collections.abc import Iterator

from domain.application import Application
from domain.finding import Severity
from schemas.certificate_types import type_of
from schemas.codelists import CodeLists
from validators.doubt import doubted
from validators.facts import Facts
from validators.reading import package_counts
from validators.rule import ALL, Hit, Rule, Scope, only

_MADE_IN = re.compile(r"\b(?:MADE|MANUFACTURED|PRODUCED)\s+IN\s*:?\s*((?:THE\s+)?[A-Z][A-Z .,'&-]*)")
_CHINA = re.compile(r"(?:THE\s+)?(?:P\.?\s*R\.?\s*(?:OF\s+)?CHINA|P\.?R\.?C\b|PEOPLE'?S REPUBLIC OF CHINA|CHINA)")
_ATTACHED = re.compile(r"\b(?:SEE|AS PER)\s+(?:THE\s+)?ATTACH(?:MENT|ED)\b")
# C/NO.: 1-100, CTN NOS. 1 TO 100, CASE NO.1-20
_RANGE = re.compile(
    r"\b(?:C/?|CTN|CTNS|CARTON|CASE|PKG|PALLET|P/?)\s*/?\s*NOS?\s*[.:]*\s*(\d{1,7})\s*(?:-|TO|~)\s*(\d{1,7})\b"
)
_LONGEST_NAME = 5  # words of the name of a country
_LONGEST_PLACE = 100  # characters of a place after MADE IN that are looked at

MARKED = Scope("ALL but types where marks are optional", lambda kind: kind.marks_required, unknown=True)


def _no_marks(application: Application, facts: Facts) -> Iterator[Hit]:
    if not application.marks:
        yield Hit("Marks", severity=doubted(type_of(application.certificate_type), "marks_required"))


def _marks_elsewhere(application: Application, facts: Facts) -> Iterator[Hit]:
    marks = " ".join(application.marks.upper().split())
    for phrase in facts.codes.parameters.forbidden_marks:
        # MULTICOLOR LABEL is not COLOR LABEL
        if phrase in marks and re.search(rf"(?<!\w){re.escape(phrase)}", marks):
            yield Hit("Marks", application.marks, zh=phrase, en=phrase)
            return


def _nothing_attached(application: Application, facts: Facts) -> Iterator[Hit]:
    marks = application.marks.upper()
    if "ATTACH" in marks and not application.pictures and _ATTACHED.search(marks):
        yield Hit("Marks", application.marks)


def _graphic_alone(application: Application, facts: Facts) -> Iterator[Hit]:
    marks = " ".join(application.marks.upper().split())
    # with a picture nothing else is written: no I/S either
    graphic = application.pictures and not _ATTACHED.sub("", marks).strip(" .,;:()")
    if graphic or marks.strip(" .,;:()") in facts.codes.parameters.graphic_words:
        yield Hit("Marks", application.marks)


def _foreign_origin(application: Application, facts: Facts) -> Iterator[Hit]:
    marks = application.marks.upper()
    if " IN" not in marks:
        return
    for match in _MADE_IN.finditer(marks):
        place = match.group(1)[:_LONGEST_PLACE]
        if not _is_in_china(place, facts.codes):
            severity = None if _begins_with_country(place, facts.codes) else Severity.MANUAL
            yield Hit("Marks", application.marks, zh=match.group(), en=match.group(), severity=severity)
            return


def _is_in_china(place: str, codes: CodeLists) -> bool:
    """Whether a place after MADE IN is China or a town there: NINGBO; SHENZHEN, CHINA; not GERMANY FOR CHINA."""
    if _CHINA.match(place):
        return True
    town, *rest = (part.strip(" .") for part in place.split(","))
    found = codes.country_in_place(town)
    if rest:
        return codes.country_of(rest[-1]) == "CN" and found in {None, "CN"}
    return found == "CN" and codes.country_of(town.split()[0]) in {None, "CN"}


def _begins_with_country(place: str, codes: CodeLists) -> bool:
    """Whether a country or a known town stands first: GERMANY BY NORDWASSER; not STYLE, nor a small town that nobody knows."""
    town = place.partition(",")[0].strip(" .")
    words = town.split()[:_LONGEST_NAME]
    named = any(codes.country_of(" ".join(words[:count])) for count in range(1, len(words) + 1))
    return named or codes.country_in_place(town) is not None


def _range_against_packages(application: Application, facts: Facts) -> Iterator[Hit]:
    marks = application.marks.upper()
    if "NO" not in marks:
        return
    ranges = {(int(first), int(last)) for first, last in _RANGE.findall(marks)}
    marked = sum(last - first + 1 for first, last in ranges)
    if not ranges or marked in (packages := _totals(application, facts)):
        return
    if packages:
        stated = ", ".join(str(count) for count in sorted(packages))
        yield Hit(
            "Marks", application.marks,
            zh=f"唛头件号共{marked}件，货物为{stated}件",
            en=f"the marks number {marked} packages, the goods are {stated}",
        )


def _totals(application: Application, facts: Facts) -> set[int]:
    """The package totals that a range of marks may stand for: of each kind, and of all together."""
    by_kind: dict[str, int] = {}
    for line in application.goods:
        printed = package_counts(line.description, facts.codes)
        if not printed and line.package_count.isdecimal() and len(line.package_count) <= 15:
            kind = facts.codes.packages.get(line.package_kind.upper(), "PK")
            by_kind[kind] = by_kind.get(kind, 0) + int(line.package_count)
        for count in printed:
            by_kind[count.kind] = by_kind.get(count.kind, 0) + count.figure
    return {*by_kind.values(), sum(by_kind.values())} if by_kind else set()


RULES = (
    Rule(
        "B16", Severity.WARN, ALL, "marks", "filling guides",
        "唛头注明SEE ATTACHMENT但无图片", "SEE ATTACHMENT, but there is no picture of the marks",
        "请写出唛头，或附图片 / Write the marks out, or send their picture",
        _nothing_attached,
    ),
    Rule(
        "E01", Severity.REJECT, MARKED, "marks", "filling guides",
        "无唛头请填N/M", "Put N/M if there are no marks",
        "请填写唛头，无唛头填N/M / Write the marks, or N/M when there are none",
        _no_marks,
    ),
    Rule(
        "E02", Severity.REJECT, ALL, "marks", "filling guides",
        '唛头不得填"见发票/见提单"等', "Marks must be written out",
        "请填写完整唛头，无唛头填N/M / Write the marks out, or N/M when there are none",
        _marks_elsewhere,
    ),
    Rule(
        "E03", Severity.REJECT, ALL, "marks", "filling guides",
        "唛头不得出现境外制造字样", "Marks must not name a foreign origin",
        "请删除境外制造字样 / Remove the words that name a foreign origin",
        _foreign_origin,
    ),
    Rule(
        "E04", Severity.WARN, only("KR"), "marks", "filling guide of the Korea form",
        "图形唛头填I/S", "Use I/S for symbols",
        "请在唛头中填I/S，并附图片 / Write I/S into the marks and send the picture",
        _graphic_alone,
    ),
    Rule(
        "E29", Severity.WARN, ALL, "marks", "practice of the issuing bodies",
        "唛头件号与总件数不符", "Package numbers in the marks differ from the packages",
        "请核对唛头件号与件数 / Check the numbers in the marks against the packages",
        _range_against_packages,
    ),
)  # fmt: skip

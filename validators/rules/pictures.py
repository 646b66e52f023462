"""B10-B12, B15: marks as pictures 图片唛头. An application without any costs nothing but the question."""

import re
from collections.abc import Iterable, Iterator

from domain.application import Application
from domain.finding import Severity
from validators.facts import Facts
from validators.picture import fault_of
from validators.rule import ALL, Hit, Rule

_MOST = 5
_SEE_ATTACHMENT = re.compile(r"\b(?:SEE|AS\s+PER)\s+(?:THE\s+)?ATTACH(?:MENT|ED)\b")


def _faults(application: Application, size: bool) -> Iterator[Hit]:
    """The faults of the pictures; more than five are refused by B15 and not looked at."""
    for position, picture in enumerate(application.pictures[:_MOST], 1):
        fault = fault_of(picture.content)
        if fault and fault.size is size:
            yield Hit(f"Pictures/Picture[{position}]/Content", picture.title or picture.content[:24], zh=fault.zh, en=fault.en)


def _no_picture(application: Application, facts: Facts) -> Iterable[Hit]:
    return _faults(application, size=False) if application.pictures else ()


def _too_large(application: Application, facts: Facts) -> Iterable[Hit]:
    return _faults(application, size=True) if application.pictures else ()


def _marks_do_not_say(application: Application, facts: Facts) -> Iterable[Hit]:
    if not application.pictures or _SEE_ATTACHMENT.search(application.marks.upper()):
        return ()
    return (Hit("Marks", application.marks),)


def _too_many(application: Application, facts: Facts) -> Iterable[Hit]:
    if not application.pictures:
        return ()
    count = len(application.pictures)
    many = (Hit(f"Pictures/Picture[{_MOST + 1}]", zh=f"{count}张", en=f"{count} pictures"),) if count > _MOST else ()
    untitled = (
        Hit(f"Pictures/Picture[{position}]/Title", zh="缺少标题", en="no title")
        for position, picture in enumerate(application.pictures[:_MOST], 1) if not picture.title)
    return (*many, *untitled)


RULES = (
    Rule(
        "B10", Severity.REJECT, ALL, "marks", "enterprise manual 2017, FAQ 7; one frame and its size: own",
        "图片唛头仅限单幅jpg、png或gif图片", "A mark picture must be one jpg, png or gif image",
        "请将图片另存为jpg、png或gif，以base64编码发送 / Save the picture as jpg, png or gif and send it in base64",
        _no_picture,
    ),
    Rule(
        "B11", Severity.REJECT, ALL, "marks", "enterprise manual 2017, FAQ 7; pixels: own",
        "图片唛头过大，不得超过400K和1600万像素", "Mark picture too large: at most 400 KB and 16 million pixels",
        "请缩小图片 / Make the picture smaller",
        _too_large,
    ),
    Rule(
        "B12", Severity.REJECT, ALL, "marks", "filling guides",
        "有图片唛头时应注明SEE ATTACHMENT", "Say SEE ATTACHMENT for a mark picture",
        "请在唛头栏注明SEE ATTACHMENT / Write SEE ATTACHMENT into the marks",
        _marks_do_not_say,
    ),
    Rule(
        "B15", Severity.REJECT, ALL, "marks", "enterprise manual 2017: edit page",
        "图片唛头最多5张且须有标题", "At most 5 mark pictures, each with a title",
        "请减少图片，并为每张图片填写标题 / Send fewer pictures, and give each a title",
        _too_many,
    ),
)  # fmt: skip

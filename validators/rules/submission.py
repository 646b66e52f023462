"""G16, G17, G19: the box for official use and the fields beside the form."""

import re
from collections.abc import Iterator

from domain.application import Application
from domain.finding import Severity
from validators.facts import Facts
from validators.rule import ALL, GENERAL, PREFERENTIAL, Hit, Rule

_DECLARATION = re.compile(r"\d{18}", re.ASCII)


def _official_box_filled(application: Application, facts: Facts) -> Iterator[Hit]:
    if application.official_use:
        yield Hit("OfficialUse", application.official_use)


def _odd_declaration(application: Application, facts: Facts) -> Iterator[Hit]:
    declaration = application.export_declaration
    if declaration and not _DECLARATION.fullmatch(declaration):
        yield Hit("ExportDeclaration", declaration)


RULES = (
    Rule(
        "G16", Severity.REJECT, GENERAL, "official_use", "filling guides of the general certificate",
        "签证机构用栏应留空", "Box 5 is for CCPIT",
        "请清空第5栏 / Leave box 5 empty",
        _official_box_filled,
    ),
    Rule(
        "G17", Severity.REJECT, PREFERENTIAL, "official_use", "filling guides of the agreements",
        "官方使用栏应留空", "Official-use box must be empty",
        "请清空OfficialUse；补发等加注用Endorsement或标志 / Leave OfficialUse out; endorsements go into Endorsement or their flags",
        _official_box_filled,
    ),
    Rule(
        "G19", Severity.WARN, ALL, None, "enterprise manual 2017 (field); length from practice, unverified",
        "报关单号应为18位", "Export declaration number should have 18 digits",
        "请核对报关单号 / Check the export declaration number",
        _odd_declaration,
    ),
)  # fmt: skip

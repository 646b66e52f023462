"""G16, G19: box 5 and the fields beside the form."""

import re
from collections.abc import Iterator

from domain.application import Application
from domain.finding import Severity
from validators.facts import Facts
from validators.rule import ALL, GENERAL, Hit, Rule

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
        "G16", Severity.REJECT, GENERAL, "5", "filling guides of the general certificate",
        "签证机构用栏应留空", "Box 5 is for CCPIT",
        "请清空第5栏 / Leave box 5 empty",
        _official_box_filled,
    ),
    Rule(
        "G19", Severity.WARN, ALL, None, "enterprise manual 2017 (field); length from practice, unverified",
        "报关单号应为18位", "Export declaration number should have 18 digits",
        "请核对报关单号 / Check the export declaration number",
        _odd_declaration,
    ),
)  # fmt: skip

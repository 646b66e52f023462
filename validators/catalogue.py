"""The rule catalogue for readers: as data and as Markdown (docs/reference/rules.md is made from it)."""

from typing import Any

from domain.finding import Severity
from validators.pack import Pack, current_pack
from validators.rule import Rule

_DOES = {
    Severity.REJECT: "退回 / refused",
    Severity.MANUAL: "人工审核 / referred to a reviewer",
    Severity.WARN: "提示 / accepted with a warning",
}

# first letter of a rule's id -> what it is about
_TOPICS = {
    "A": "信封、身份与流程 Envelope, identity, workflow",
    "B": "字符、日期、金额与附件 Characters, dates, amounts, attachments",
    "C": "当事人 Parties",
    "D": "运输与目的地 Transport and destination",
    "E": "唛头与商品 Marks and goods",
    "F": "原产地标准与商品备案 Origin criterion and goods filing",
    "G": "发票、日期与加注 Invoice, dates, endorsements",
    "H": "打印 Print stage",
}


def rows(pack: Pack | None = None) -> list[dict[str, Any]]:
    """The rules as JSON-ready mappings, in the pack's order."""
    return [_row(rule) for rule in (pack or current_pack()).rules]


def markdown(pack: Pack | None = None) -> str:
    """The catalogue as one Markdown page."""
    pack = pack or current_pack()
    head = [
        "# Rules 校验规则",
        "",
        f"Rule pack {pack.version}, {len(pack.rules)} rules. Made by `coedi rules --markdown`; the rules stand in"
        " `validators/rules/`, what they compare with in `schemas/codes/rule-parameters.toml`.",
        "",
        "Severity: " + ", ".join(f"`{severity}` {text}" for severity, text in _DOES.items()) + ".",
        "*field*: what the form shows; a finding names the box of the type's form.",
        "*register*: asked only where CCPIT's register is at hand.",
        "*gateway*: decided while the message is taken in. *print*: decided by the print stage or at the print desk.",
    ]
    return "\n".join([*head, *[line for letter in _TOPICS for line in _topic(letter, pack)], ""])


def _topic(letter: str, pack: Pack) -> list[str]:
    """The rules of one topic as a section; nothing when the pack has none."""
    lines = [_line(rule) for rule in pack.rules if rule.id.startswith(letter)]
    if not lines:
        return []
    table = ["| rule | severity | scope | field | what | remedy | asked | source |", "|---|---|---|---|---|---|---|---|"]
    return ["", f"## {letter}. {_TOPICS[letter]}", "", *table, *lines]


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.id, "severity": str(rule.severity), "scope": rule.scope.name, "field": rule.field, "zh": rule.zh,
        "en": rule.en, "remedy": rule.remedy, "source": rule.source, "asked": _asked(rule),
    }  # fmt: skip


def _line(rule: Rule) -> str:
    cells = (
        rule.id, str(rule.severity), rule.scope.name, rule.field or "", f"{rule.zh}<br>{rule.en}",
        rule.remedy.replace(" / ", "<br>", 1), _asked(rule), rule.source,
    )  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _asked(rule: Rule) -> str:
    if rule.check is None:
        return rule.decided_by
    return "register" if rule.needs_registry else "always"

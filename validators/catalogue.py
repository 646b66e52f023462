"""The rule catalogue for readers: as data and as Markdown (docs/reference/rules.md is made from it)."""

from typing import Any

from domain.finding import Severity
from validators.pack import Pack, current_pack
from validators.rule import ALL, Rule

_DOES = {
    Severity.REJECT: "退回 / refused",
    Severity.MANUAL: "人工审核 / referred to a reviewer",
    Severity.WARN: "提示 / accepted with a warning",
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
        "Boxes are those of the general certificate. *register*: asked only where CCPIT's register is at hand.",
        "*gateway*: decided while the message is taken in.",
        "",
        "| rule | severity | scope | box | what | remedy | asked | source |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *[_line(rule) for rule in pack.rules], ""])


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.id, "severity": str(rule.severity), "scope": _scope(rule), "box": rule.box, "zh": rule.zh,
        "en": rule.en, "remedy": rule.remedy, "source": rule.source, "asked": _asked(rule),
    }  # fmt: skip


def _line(rule: Rule) -> str:
    cells = (
        rule.id, str(rule.severity), ", ".join(_scope(rule)), rule.box or "", f"{rule.zh}<br>{rule.en}",
        rule.remedy.replace(" / ", "<br>", 1), _asked(rule), rule.source,
    )  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _scope(rule: Rule) -> list[str]:
    return ["ALL"] if rule.scope is ALL else sorted(rule.scope)


def _asked(rule: Rule) -> str:
    if rule.check is None:
        return "gateway"
    return "register" if rule.needs_registry else "always"

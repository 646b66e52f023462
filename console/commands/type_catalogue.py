"""`coedi types`: the certificate types, as a list, one in detail, or JSON."""

import json
from typing import TYPE_CHECKING, Any

import click

from domain.errors import UnknownThing

if TYPE_CHECKING:
    from schemas.certificate_types import CertificateType, Criterion, Mark


@click.command("types")
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def types(code: str | None, as_json: bool) -> None:
    """The certificate types, enabled or not; with CODE one of them: what it asks, its boxes and criteria."""
    from schemas.certificate_types import all_types, type_of

    found = type_of(code.upper()) if code else None
    if code and found is None:
        raise UnknownThing(f"there is no certificate type {code!r}; see: coedi types")
    if as_json:
        kinds = [found] if found else list(all_types())
        click.echo(json.dumps({"types": [type_data(kind) for kind in kinds]}, ensure_ascii=False, indent=2))
    elif found:
        click.echo("\n".join(_detail(found)))
    else:
        for kind in all_types():
            click.echo(f"{kind.code:<7} {kind.letter or '-':<2}  {kind.zh} / {kind.en}{_disabled(kind)}")


def type_data(kind: "CertificateType") -> dict[str, Any]:
    """A type as JSON-ready data."""
    return {
        "code": kind.code, "zh": kind.zh, "en": kind.en, "letter": kind.letter, "enabled": kind.enabled,
        "reason_disabled": " / ".join(filter(None, (kind.reason_zh, kind.reason_en))) or None,
        "valid_from": _day(kind.valid_from), "valid_to": _day(kind.valid_to), "paper": kind.paper,
        "number_template": kind.number_template, "end_mark": kind.end_mark, "copies": kind.copies,
        "validity_months": kind.validity_months, "preferential": kind.preferential, "agreement": kind.agreement or None,
        "members": kind.members, "consignees": kind.consignees, "to_order": kind.to_order, "landlocked": kind.landlocked,
        "hs_digits": kind.hs_digits, "hs_warn": kind.hs_warn, "hs_edition": kind.hs_edition,
        "hs_in_description": kind.hs_in_description, "value": kind.value, "marks_required": kind.marks_required,
        "lines": [{"most": limit.most, "since": _day(limit.since)} for limit in kind.lines],
        "criteria": [_criterion(one) for one in kind.criteria], "additions": kind.additions,
        "boxes": [
            {"number": box.number, "caption": box.caption, "field": box.field, "also": box.also,
             "ticks": [{"flag": flag, "words": words} for flag, words in box.ticks]}
            for box in kind.boxes],
        "retrospective": _late(kind), "reissue": _mark(kind.reissue), "replacement": _mark(kind.replacement),
        "producer": _producer(kind), "non_party": _non_party(kind),
        "notes": kind.notes, "unverified": kind.unverified, "source": kind.source or None,
    }  # fmt: skip


def _detail(kind: "CertificateType") -> list[str]:
    """One type as text."""
    from schemas.certificate_types import FIELDS
    from schemas.type_words import doubts, particulars, percentage_of, printed_as

    lines = [f"{kind.code}  {kind.zh} / {kind.en}{_disabled(kind)}", ""]
    for one in particulars(kind):
        lines += [f"{one.label_zh} / {one.label_en}{_doubt(one.verified)}", f"    {one.zh}", f"    {one.en}"]
    if kind.boxes:
        lines += ["", "栏 / boxes"]
        for box in kind.boxes:
            shown = " + ".join(FIELDS[field][0] for field in (box.field, *box.also))
            lines.append(f"    {box.number or '-':<3} {box.caption or '(no caption)'}  [{shown}]")
    if kind.criteria:
        lines += ["", f"原产地标准 / origin criteria{_doubt('criteria' not in kind.unverified)}"]
        for criterion in kind.criteria:
            percent = " / ".join(filter(None, percentage_of(criterion)))
            lines.append(
                f"    {printed_as(criterion):<8} {criterion.zh} / {criterion.en}{f': {percent}' if percent else ''}"
                f"{_doubt(criterion.verified)}")
        if kind.additions:
            lines.append(f"    + {', '.join(kind.additions)}")
    if kind.notes:
        lines += ["", "说明 / notes", *(f"    {note}" for note in kind.notes)]
    if kind.unverified:
        lines += ["", "未经证实 / unverified", *(f"    {said}" for said in doubts(kind))]
    return [*lines, *(["", f"来源 / source: {kind.source}"] if kind.source else [])]


def _doubt(verified: bool) -> str:
    return "" if verified else "  (未经证实 unverified)"


def _disabled(kind: "CertificateType") -> str:
    return "" if kind.enabled else f"  (disabled: {kind.reason_zh} / {kind.reason_en})"


def _criterion(one: "Criterion") -> dict[str, Any]:
    return {
        "code": one.code, "zh": one.zh, "en": one.en, "percent": one.percent, "minimum": _percent(one.minimum),
        "maximum": _percent(one.maximum), "content": one.content, "basis": one.basis, "short": one.short,
        "verified": one.verified,
    }  # fmt: skip


def _late(kind: "CertificateType") -> dict[str, Any]:
    rule = kind.retrospective
    return {
        "mark": _mark(rule.mark), "window_days": rule.window_days, "grace_days": rule.grace_days, "working": rule.working,
        "latest_days": rule.latest_days, "since": _day(rule.since),
    }  # fmt: skip


def _mark(mark: "Mark | None") -> dict[str, Any] | None:
    if mark is None:
        return None
    return {"words": mark.words, "field": mark.field, "tick": mark.tick, "verified": mark.verified}


def _producer(kind: "CertificateType") -> dict[str, Any] | None:
    rule = kind.producer
    if rule is None:
        return None
    return {
        "required": rule.required, "same": rule.same, "confidential": rule.confidential, "unknown": rule.unknown,
        "several": rule.several, "phrases": rule.phrases,
    }  # fmt: skip


def _non_party(kind: "CertificateType") -> dict[str, Any] | None:
    rule = kind.non_party
    if rule is None:
        return None
    return {"field": rule.field, "needs": rule.needs, "tick": rule.tick, "verified": rule.verified}


def _day(day: object) -> str | None:
    return None if day is None else str(day)


def _percent(number: object) -> str | None:
    return None if number is None else str(number)

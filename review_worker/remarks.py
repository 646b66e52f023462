"""What a reviewer says when a certificate goes back: remarks at the boxes of the form, which become findings like the machine's."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from domain.application import Application, Party
from domain.errors import UnknownThing
from domain.finding import Finding, Severity
from review_worker.reasons import reason
from schemas.certificate_types import CertificateType, type_of

_ANY_REMEDY = "请按审核意见更正后重新申报 / Correct it as the reviewer says and send it again"


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark of the reviewer. box: number printed on the form, "" for none of them; code: a reason code of a return, "" for that
    of the whole decision."""

    box: str
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """Why a certificate goes back: free text, reason code, remarks. keep: positions (from 0) of the machine's findings that go
    along; None: all."""

    text: str = ""
    code: str = ""
    remarks: tuple[Remark, ...] = ()
    keep: Collection[int] | None = None

    def kept(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """The machine's findings that go along."""
        return findings if self.keep is None else tuple(one for at, one in enumerate(findings) if at in self.keep)


def findings_of(said: Return, application: Application | None) -> tuple[Finding, ...]:
    """The remarks as findings that refuse; raises UnknownThing for a code or a box that does not exist."""
    kind = type_of(application.certificate_type) if application else None
    return tuple(_finding(one, said.code, kind, application) for one in said.remarks)


def _finding(remark: Remark, code: str, kind: CertificateType | None, application: Application | None) -> Finding:
    if kind and kind.boxes and remark.box and remark.box not in {box.number for box in kind.boxes}:
        raise UnknownThing(f"the form of {kind.code} has no box {remark.box}", zh=f"{kind.zh}没有第{remark.box}栏")
    why = reason("return", "certificate", remark.code or code) if remark.code or code else None
    text = remark.text.strip()
    return Finding(
        why.code if why else "REVIEWER_REMARK", Severity.REJECT,
        zh="：".join(filter(None, (why.zh if why else "", text))), en=": ".join(filter(None, (why.en if why else "", text))),
        remedy=(why.remedy if why else "") or _ANY_REMEDY, box=remark.box or None, found=_found(remark.box, kind, application))


def _found(box: str, kind: CertificateType | None, application: Application | None) -> str | None:
    """What the box says, where one look at the application tells."""
    field = next((one.field for one in kind.boxes if one.number == box), "") if kind and box else ""
    shown = SAYS.get(field)
    return shown(application)[:200] or None if shown and application else None


def _party(party: Party) -> str:
    return " ".join(filter(None, (party.name, party.address, party.country)))


def _goods(attribute: str) -> Callable[[Application], str]:
    return lambda application: "; ".join(filter(None, (str(getattr(line, attribute)) for line in application.goods)))


# field of a box (`schemas.certificate_types.FIELDS`) -> what it says
SAYS: Mapping[str, Callable[[Application], str]] = {
    "exporter": lambda application: _party(application.exporter),
    "producer": lambda application: _party(application.producer),
    "consignee": lambda application: _party(application.consignee),
    "transport": lambda application: " ".join(filter(None, (
        application.transport.origin, application.transport.destination, application.transport.vehicle))),
    "destination": lambda application: application.destination,
    "remarks": lambda application: application.form_remarks,
    "marks": lambda application: application.marks,
    "description": _goods("description"), "hs_code": _goods("hs_code"), "criterion": _goods("criterion"),
    "item_no": _goods("item_no"), "origin_country": _goods("origin_country"), "quantity": _goods("quantity"),
    "value": _goods("fob_value"),
    "invoices": lambda application: "; ".join(f"{one.number} {one.date}" for one in application.invoices),
}

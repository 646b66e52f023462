"""Amendments 改证重发: a certificate of its own that stands for an issued one and replaces it when it is issued.

The message names the original and the revision of it that the sender knows. Of two that race one wins; the other learns the
current revision. An amendment that was returned or withdrawn is revised by the next amendment of the same original.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domain.application import Amendment, Application
from domain.certificate import Certificate
from gateway.opening import Item, Sender
from gateway.outcomes import Accepted, Early, Outcome, Refused
from gateway.subjects import Subjects, refused, subjects
from messages.reference import Reference
from store.database import Database
from store.postgres import certificate_from

KINDS = ("AMEND", "REISSUE", "AMEND_REISSUE")


@dataclass(frozen=True, slots=True)
class Amended:
    """What stands beside an original. under_way: state of the amendment that is on its way, None when none is;
    returned: the amendment that would be revised; current: number and revision of the certificate now in force."""

    under_way: str | None
    returned: Certificate | None
    current: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class Known:
    """Facts for a round: the originals that are named, and what stands beside each."""

    originals: Subjects
    amended: Mapping[UUID, Amended]


def facts(database: Database, items: Sequence[Item]) -> Known:
    """Two queries for the round."""
    originals = subjects(database, items, _reference)
    ids = sorted({str(one.certificate.id) for found in originals.values() for one in found})
    rows = database.query("amended", ids=ids) if ids else []
    return Known(originals, {row[0]: _amended(row) for row in rows})


def decide(item: Item, known: Known, sender: Sender) -> Accepted | Refused | Early | Outcome:
    """A new certificate that replaces the original, the next revision of a returned amendment, or a refusal (A19)."""
    application: Application = item.value
    amendment = application.amendment or Amendment()
    if amendment.kind not in KINDS:
        return refused(item, "AMENDMENT_KIND_UNKNOWN", "Amendment/Kind", amendment.kind)
    found = known.originals.get(item.identity, ())
    if not found:
        return Early("Amendment/OriginalNo", _reference(item).shown)
    original = next((one for one in found if one.certificate.state == "ISSUED"), found[0]).certificate
    beside = known.amended.get(original.id, Amended(None, None, None))
    return _refused(item, amendment, original, beside) or _accepted(item, application, original, beside)


def keys(item: Item) -> list[tuple[str, ...]]:
    """The original."""
    return [("original", item.party, _reference(item).shown)]


def _reference(item: Item) -> Reference:
    """The original: its number, or where that is left out the invoice number, which has to be the same."""
    application: Application = item.value
    number = application.amendment.original_no if application.amendment else ""
    return Reference(certificate_no=number, invoice="" if number else application.invoice_key)


def _refused(item: Item, amendment: Amendment, original: Certificate, beside: Amended) -> Refused | None:
    if original.state == "SUPERSEDED" or (original.state == "ISSUED" and amendment.revision != str(original.revision)):
        number, revision = beside.current or (original.number or "", original.revision)
        return refused(
            item, "REVISION_STALE", "Amendment/Revision", amendment.revision, original,
            f"原证已有新的修订：现行证书{number}，修订号{revision}", f"The certificate in force is {number}, revision {revision}")
    if original.state != "ISSUED":
        state = original.lifecycle_state
        return refused(
            item, "ORIGINAL_NOT_ISSUED", "Amendment/OriginalNo", amendment.original_no, original,
            f"仅已发证单据可改证重发，当前状态：{state.zh}", f"Only issued certificates can be amended; it is {state.en}")
    if beside.under_way:
        return refused(
            item, "AMENDMENT_UNDER_WAY", "Amendment/OriginalNo", amendment.original_no, original,
            f"该证书已有改证在办理（{beside.under_way}）", f"Another amendment of it is under way ({beside.under_way})")
    return None


def _accepted(item: Item, application: Application, original: Certificate, beside: Amended) -> Accepted:
    message, kind = item.identity, application.amendment.kind if application.amendment else ""
    if beside.returned:
        revised = replace(beside.returned, message=message, revision=beside.returned.revision + 1,
                          type=application.certificate_type, replacing=kind)
        return Accepted(revised, application, "resubmit")
    new = Certificate(
        id=message, enterprise=original.enterprise, branch=original.branch, type=application.certificate_type,
        invoice=original.invoice, message=message, revision=original.revision + 1, replaces=original.id, replacing=kind)
    return Accepted(new, application, "receive")


def _amended(row: Any) -> Amended:
    """From the query `amended`."""
    return Amended(row[1], certificate_from(row[4:18]) if row[4] else None, (row[2], row[3]) if row[2] else None)

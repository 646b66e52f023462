"""What an approved registration 企业注册 writes into the register: names, persons, customs codes, specimens."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass

from domain.application import date_of
from domain.filing import Filing
from gateway.specimens import image_in
from messages.registration import Registration, registration_from
from store.work import Work


@dataclass(frozen=True, slots=True)
class CodesDecided:
    """What the branch decided about customs codes; those not named stay pending. by: who decided, as history names them."""

    by: str
    approved: Collection[str] = ()
    refused: Collection[str] = ()

    def status(self, code: str) -> str:
        """Of one code, as the register keeps it."""
        return "approved" if code in self.approved else "refused" if code in self.refused else "pending"


def enter(codes: CodesDecided) -> Callable[[Work, Filing], None]:
    """Writes the content of an approved registration in the transaction that approves it."""

    def write(work: Work, filing: Filing) -> None:
        value, no = registration_from(filing.content), filing.enterprise
        renamed = value.kind == "CHANGE"  # a first registration only says what is on file
        work.add("save_enterprises", no, value.name_zh if renamed else None, value.name_en if renamed else None,
                 value.address_en or None, value.contact or None, value.suffix or None)
        for signatory in value.signatories:
            work.add("save_signatories", no, signatory.code, signatory.name_zh, signatory.active)
        for operator in value.operators:
            work.add("save_operators", no, operator.code, operator.name_zh, operator.contact, operator.active)
        for one in value.customs_codes:
            work.add("save_customs_codes", no, one.code, codes.status(one.code), date_of(one.issued_on), one.nature, codes.by)
        _images(work, no, value)
        work.add("refresh_enterprises", no)
        if value.seal or value.signatories:
            work.add("refresh_seals", no)

    return write


def _images(work: Work, no: str, value: Registration) -> None:
    sent = [("seal", "", value.seal), *(("signature", one.code, one.signature) for one in value.signatories)]
    for kind, code, text in sent:
        if image := image_in(text):
            work.add("save_images", no, kind, code, image.media_type, hashlib.sha256(image.body).digest(), image.body)

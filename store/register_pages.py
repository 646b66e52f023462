"""The register as people look at it in the console, and what a registrar changes in it: each change in one transaction."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.errors import Refusal, UnknownThing
from store.database import Database

NEWEST_CERTIFICATES = 5000
_SWITCHES = {"enterprise": "switch_enterprise", "local_print": "switch_local_print"}


@dataclass(frozen=True, slots=True)
class EnterpriseRow:
    """An enterprise in a list. pending_codes: customs codes to decide; registration: the one that waits for the branch."""

    no: str
    credit_code: str
    branch: str
    name_zh: str
    name_en: str
    active: bool
    registered_at: datetime | None
    customs_code: str
    pending_codes: int
    print_seal_ready: bool
    local_print: bool
    registration: UUID | None


@dataclass(frozen=True, slots=True)
class EnterpriseSheet:
    """One enterprise. customs_code: the one in force; newest_receipt: its feed number, 0 before the first; unsent: receipts that
    still wait to be sent, at most 1,000 are counted; registration: the one that waits for the branch."""

    no: str
    credit_code: str
    branch: str
    name_zh: str
    name_en: str
    address_en: str
    contact: str
    name_suffix: str
    active: bool
    created_at: datetime
    registered_at: datetime | None
    customs_code: str
    print_seal_ready: bool
    local_print: bool
    exchange: str
    receipt_queue: str
    newest_receipt: int
    unsent: int
    newest_receipt_at: datetime | None
    registration: UUID | None


@dataclass(frozen=True, slots=True)
class CodeOnFile:
    """A customs code. status: pending, approved or refused."""

    code: str
    status: str
    issued_on: date | None
    nature: str
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class OperatorOnFile:
    """A person who draws up documents 办证人员."""

    code: str
    name_zh: str
    contact: str
    active: bool


@dataclass(frozen=True, slots=True)
class SignatoryOnFile:
    """A signatory 手签员; media_type, size (bytes), at: of the specimen signature, None without one."""

    code: str
    name_zh: str
    active: bool
    media_type: str | None
    size: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class SealOnFile:
    """A seal. size: bytes."""

    code: str
    media_type: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter of certificate numbers. next: the serial that the next certificate takes."""

    letter: str
    year: int
    first: int
    next: int


@dataclass(frozen=True, slots=True)
class GoodsCount:
    """Goods filings of a type in a state; expired: of these past their last day."""

    type: str
    state: str
    count: int
    expired: int


@dataclass(frozen=True, slots=True)
class StateCount:
    """Certificates in a state."""

    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the audit about an enterprise."""

    at: datetime
    actor: str
    action: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Specimen:
    """A specimen to be put on file. kind: "seal" or "signature"; code: of the signatory, "" for the seal."""

    kind: str
    code: str
    media_type: str
    body: bytes


def registry_page(
    database: Database, branch: str, starts: str, active: bool | None, after: str, limit: int
) -> list[EnterpriseRow]:
    """Enterprises by number. starts: of a number, credit code or name; active: None for all; after: the last number seen."""
    rows = database.query("registry_page", branch=branch, starts=starts, active=active, after=after, limit=limit)
    return [EnterpriseRow(*row) for row in rows]


def enterprise_sheet(database: Database, no: str, branch: str) -> EnterpriseSheet:
    """One enterprise by number or credit code; raises UnknownThing, for another branch's too."""
    rows = database.query("enterprise_sheet", no=no, branch=branch)
    if not rows:
        raise _unknown(no)
    return EnterpriseSheet(*rows[0])


def customs_codes(database: Database, no: str) -> list[CodeOnFile]:
    """By code."""
    return [CodeOnFile(*row) for row in database.query("enterprise_codes", no=no)]


def operators(database: Database, no: str) -> list[OperatorOnFile]:
    """By code."""
    return [OperatorOnFile(*row) for row in database.query("enterprise_operators", no=no)]


def signatories(database: Database, no: str) -> list[SignatoryOnFile]:
    """By code, each with its specimen."""
    return [SignatoryOnFile(*row) for row in database.query("enterprise_signatories", no=no)]


def seals(database: Database, no: str) -> list[SealOnFile]:
    """The seals on file."""
    return [SealOnFile(*row) for row in database.query("enterprise_seals", no=no)]


def counters(database: Database, no: str) -> list[Counter]:
    """Counters of certificate numbers, the newest year first."""
    return [Counter(*row) for row in database.query("enterprise_counters", no=no)]


def goods_counts(database: Database, no: str) -> list[GoodsCount]:
    """Its goods filings by type and state."""
    return [GoodsCount(*row) for row in database.query("enterprise_goods", no=no)]


def certificate_counts(database: Database, no: str) -> list[StateCount]:
    """States of its newest certificates, at most NEWEST_CERTIFICATES."""
    return [StateCount(*row) for row in database.query("enterprise_certificates", no=no, limit=NEWEST_CERTIFICATES)]


def notes(database: Database, no: str, branch: str) -> list[Note]:
    """What people changed about it, the newest first."""
    return [Note(*row) for row in database.query("enterprise_notes", no=no, branch=branch)]


def specimen(database: Database, no: str, kind: str, code: str, branch: str) -> Specimen:
    """A specimen on file; raises UnknownThing."""
    rows = database.query("enterprise_image", no=no, kind=kind, code=code, branch=branch)
    if not rows:
        raise UnknownThing(f"there is no {kind} {code} of {no} on file", zh="没有该印章或手签样本")
    return Specimen(kind, code, rows[0][0], bytes(rows[0][1]))


@dataclass(frozen=True, slots=True)
class Registrar:
    """Changes the register: who ("1100B0/wang"), and whose rows they see ("*": all). Each change is one transaction and one line
    of the audit; raises UnknownThing for an enterprise of another branch."""

    database: Database
    who: str
    branch: str

    def decide_code(self, no: str, code: str, approved: bool, reason: str) -> None:
        """Approve or refuse a pending customs code; raises Refusal when it is not pending."""
        with self._changing(no, "customs code " + ("approve" if approved else "refuse"), reason) as note:
            note(code=code)
            status = "approved" if approved else "refused"
            if not self.database.query("decide_customs_code", no=no, code=code, status=status, by=f"registrar:{self.who}"):
                raise Refusal(f"customs code {code} of {no} is not pending", zh=f"海关编码{code}不在待审")
            self.database.query("refresh_enterprises", no=[no])

    def put_operator(self, no: str, person: OperatorOnFile, reason: str) -> None:
        """Add or change a person who draws up documents."""
        with self._changing(no, "operator", reason) as note:
            before = self.database.query(
                "put_operator", no=no, code=person.code, name_zh=person.name_zh, contact=person.contact, active=person.active)
            note(code=person.code, name_zh=person.name_zh, active=person.active, before=list(before[0]) if before else None)

    def put_signatory(self, no: str, code: str, name_zh: str, active: bool, reason: str) -> None:
        """Add or change a signatory; what can be printed follows from who is active."""
        with self._changing(no, "signatory", reason) as note:
            before = self.database.query("put_signatory", no=no, code=code, name_zh=name_zh, active=active)
            self.database.query("refresh_seals", no=[no])
            note(code=code, name_zh=name_zh, active=active, before=list(before[0]) if before else None)

    def put_specimen(self, no: str, made: Specimen, reason: str) -> None:
        """A specimen in place of the one on file; raises UnknownThing for a signatory that is not there."""
        with self._changing(no, f"specimen {made.kind}", reason) as note:
            if made.kind == "signature" and not self.database.query("has_signatory", no=no, code=made.code):
                raise UnknownThing(f"{no} has no signatory {made.code}", zh=f"没有手签员{made.code}")
            digest = hashlib.sha256(made.body).digest()
            before = self.database.query(
                "put_image", no=no, kind=made.kind, code=made.code, media_type=made.media_type, sha256=digest, body=made.body)
            self.database.query("refresh_seals", no=[no])
            note(code=made.code, sha256=digest.hex(), size=len(made.body), before=before[0][0] if before else None)

    def set_particulars(self, no: str, named: dict[str, str], reason: str) -> None:
        """Names, address and contact; named: name_zh, name_en, address_en, contact."""
        with self._changing(no, "particulars", reason) as note:
            [before] = self.database.query("set_particulars", no=no, **named)
            changed = {key: [old, new] for (key, new), old in zip(named.items(), before, strict=True) if old != new}
            note(changed=changed)

    def switch(self, no: str, what: str, on: bool, reason: str) -> None:
        """Switch `what` ("enterprise" or "local_print") on or off; raises Refusal when it is so already."""
        with self._changing(no, f"{what.replace('_', ' ')} {'on' if on else 'off'}", reason):
            if not self.database.query(_SWITCHES[what], no=no, on=on):
                raise Refusal(f"{no}: that is so already", zh="已是该状态，无需更改")

    @contextmanager
    def _changing(self, no: str, action: str, reason: str) -> Iterator[Callable[..., None]]:
        """The transaction of a change, with the enterprise held; what is noted stands in the audit with the reason."""
        detail: dict[str, Any] = {"reason": reason}
        with self.database.transaction():
            rows = self.database.query("hold_enterprise", no=no, branch=self.branch)
            if not rows:
                raise _unknown(no)
            yield detail.update
            self.database.query(
                "audit_person", actor=f"registrar:{self.who}", action=f"registry {action}", subject=no, branch=rows[0][0],
                detail=json.dumps(detail, ensure_ascii=False))


def _unknown(no: str) -> UnknownThing:
    return UnknownThing(f"there is no enterprise {no}", zh="没有该企业，或不属于本分会")


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch by name."""

    code: str
    name_zh: str
    name_en: str


def branches(database: Database) -> list[Branch]:
    """All branches, by code."""
    return [Branch(*row) for row in database.query("branch_names")]

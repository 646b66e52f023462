"""What a certificate shows: a value with everything that is printed, so that rendering asks nobody anything."""

from dataclasses import dataclass
from datetime import date

from domain.application import Amendment, Application, date_of
from schemas.certificate_types import CertificateType, certificate_type


@dataclass(frozen=True, slots=True)
class BranchImprint:
    """The issuing branch as the certification box shows it: six-character code, English name, place, and lines of contact."""

    code: str
    name_en: str
    place: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One certificate to print.

    number: certificate number; revision: accepted content (named in the file's properties, not on the page);
    approved_on: the business date of Asia/Shanghai of the approval.
    """

    application: Application
    number: str
    revision: int
    approved_on: date
    branch: BranchImprint

    @property
    def kind(self) -> CertificateType:
        """The definition of its type; KeyError for an unknown one."""
        return certificate_type(self.application.certificate_type)

    @property
    def amendment(self) -> Amendment:
        """What it replaces; all "" for a first certificate."""
        return self.application.amendment or Amendment()

    @property
    def certified_on(self) -> date:
        """The date of the certification: of the approval, but an amended certificate 更改证 keeps that of its original (A25)."""
        original = date_of(self.amendment.original_date) if self.amendment.kind == "AMEND" else None
        return original or self.approved_on

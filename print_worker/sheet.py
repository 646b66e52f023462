"""What a certificate shows: a value with everything that is printed, so that rendering asks nobody anything."""

from dataclasses import dataclass
from datetime import date

from domain.application import Application


@dataclass(frozen=True, slots=True)
class BranchImprint:
    """The issuing branch as box 12 shows it: six-character code, English name, place, and lines of contact."""

    code: str
    name_en: str
    place: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One certificate to print.

    number: certificate number; revision: accepted content (named in the file's properties, not on the page);
    approved_on: the date of box 12, a business date of Asia/Shanghai.
    """

    application: Application
    number: str
    revision: int
    approved_on: date
    branch: BranchImprint

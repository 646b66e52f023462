"""A branch of the issuing body (贸促会分会), with what box 12 prints of it."""

import re
from dataclasses import dataclass

_CODE = re.compile(r"\d{4}[A-Z]\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Branch:
    """code: six characters, 1100B0; place: box 12, "BEIJING, CHINA"; contact: address and telephone in box 12."""

    code: str
    name_zh: str
    name_en: str
    place: str
    contact: str = ""


def is_branch(party: str) -> bool:
    """Whether a party on the broker is a branch (1100B0) and not an enterprise (9 or 18 characters)."""
    return _CODE.fullmatch(party) is not None

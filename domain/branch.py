"""A branch of the issuing body (贸促会分会), with what box 12 prints of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Branch:
    """code: six characters, 1100B0; place: box 12, "BEIJING, CHINA"; contact: address and telephone in box 12."""

    code: str
    name_zh: str
    name_en: str
    place: str
    contact: str = ""

"""Where a rule rests on what no source confirms: a person decides then, nothing is refused."""

from domain.finding import Severity
from schemas.certificate_types import CertificateType


def doubted(kind: CertificateType | None, *fields: str) -> Severity | None:
    """The severity of a finding that rests on these fields of the type's definition: MANUAL where one of them is unverified,
    None for the rule's own."""
    return Severity.MANUAL if kind and not set(fields).isdisjoint(kind.unverified) else None

"""How messages of each kind are handled: the one table of kinds (their elements stand in `messages.catalog`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway import amendments, applications, decisions, enquiries, filing_decisions, filings, printing, registrations, withdrawals
from gateway.opening import Item, Sender
from gateway.outcomes import Accepted, Early, Outcome, Refused
from store.database import Database


@dataclass(frozen=True, slots=True)
class Handling:
    """One kind.

    facts: what its decisions look at, fetched once for a round of messages of this kind; decide(item, facts, sender): what
    becomes of a message, from these facts alone; keys: what no two messages of a round may share (their subject), or SHARED;
    form_first: what does not fit the schema is refused before anything is decided. Kinds with checks of their own report it
    among the other findings instead.
    """

    facts: Callable[[Database, Sequence[Item]], Any]
    decide: Callable[[Item, Any, Sender], "Accepted | Refused | Early | Outcome"]
    keys: Callable[[Item], list[tuple[str, ...]]]
    form_first: bool = True


HANDLINGS: dict[str, Handling] = {
    "CertificateApplication": Handling(applications.holders, applications.decide, applications.keys, form_first=False),
    "CertificateAmendment": Handling(amendments.facts, amendments.decide, amendments.keys, form_first=False),
    "ReviewDecision": Handling(decisions.review_facts, decisions.review, decisions.keys),
    "CertificateVoid": Handling(decisions.void_facts, decisions.void, decisions.keys),
    "StatusEnquiry": Handling(enquiries.status_facts, enquiries.status, enquiries.keys),
    "ReceiptResendRequest": Handling(enquiries.resend_facts, enquiries.resend, enquiries.one_at_a_time),
    "PrintReport": Handling(printing.facts, printing.report, printing.keys),
    "LocalPrintRequest": Handling(printing.facts, printing.request, printing.keys),
    "GoodsFiling": Handling(filings.facts, filings.decide, filings.keys, form_first=False),
    "Registration": Handling(registrations.facts, registrations.decide, registrations.keys, form_first=False),
    "GoodsFilingDecision": Handling(filing_decisions.facts, filing_decisions.decide, filing_decisions.keys),
    "RegistrationDecision": Handling(filing_decisions.facts, filing_decisions.decide, filing_decisions.keys),
    "Withdrawal": Handling(withdrawals.facts, withdrawals.decide, withdrawals.keys),
}


def handling_of(kind: str) -> Handling | None:
    """How messages of this kind are handled; None for a kind that we do not know."""
    return HANDLINGS.get(kind)

"""How many findings one message gets: 300, the gravest first to stay, and a notice that there are more.

Nobody repairs more at once, and a hostile message of 20,000 elements could have 100,000. What is cut is never what
decides: a refusal stays before a warning, so that the verdict on the first 300 is the verdict on all.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeVar

from domain.finding import Finding, Severity
from messages.gates import NOTICES

MAX_FINDINGS = 300
CUT = "FINDINGS_CUT"

_GRAVITY = {Severity.REJECT: 0, Severity.MANUAL: 1, Severity.WARN: 2}
T = TypeVar("T")


def gravest(found: list[T], about: Callable[[T], tuple[Severity, str]]) -> list[T]:
    """At most MAX_FINDINGS of `found`, in the order they had; about: severity and code of one.

    Refusals stay before referrals before warnings, and of each the first places of every code before the later ones of any.
    """
    if len(found) <= MAX_FINDINGS:
        return found
    seen: Counter[str] = Counter()
    ranks = []
    for at, (severity, code) in enumerate(map(about, found)):
        seen[code] += 1
        ranks.append((_GRAVITY[severity], seen[code], at))
    return [found[at] for at in sorted(at for _, _, at in sorted(ranks)[:MAX_FINDINGS])]


def limited(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of one message, cut where there are too many; the last one says so, once, however often they are cut."""
    everything = list(found)
    wanted = [finding for finding in everything if finding.code != CUT]
    if len(wanted) == len(everything) <= MAX_FINDINGS:
        return tuple(everything)
    return (*gravest(wanted, lambda finding: (finding.severity, finding.code)), cut_notice())


def cut_notice() -> Finding:
    """The finding that stands last where others were left out."""
    zh, en, remedy = NOTICES[CUT]
    return Finding(CUT, Severity.WARN, zh, en, remedy)

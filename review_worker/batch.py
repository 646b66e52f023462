"""Many approvals in one transaction, a statement per table whatever their number: for what policy lets pass together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from domain.certificate import Certificate, Decision
from domain.errors import CounterExhausted, NotAllowed, Refusal, StaleVersion, UnknownThing
from pipeline.advance import advance
from review_worker.papers import Papers, papers_of, wanted
from review_worker.reasons import said
from store.leases import Lease, locked, newest_moves, why_not
from store.postgres import PostgresStore
from store.work import Work


class Seen(NamedTuple):
    """What a reviewer looked at: a certificate at a version, under the token of their claim if there was one."""

    certificate: UUID
    version: int
    token: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one of them: the certificate as it stands now, or why it was left as it was."""

    seen: Seen
    certificate: Certificate | None = None
    refused: Refusal | None = None


def approve_many(
    store: PostgresStore, who: str, many: Sequence[tuple[UUID, int, int | None]], batch_codes: Collection[str]
) -> list[Result]:
    """Approve all of these that may be approved together; what lost a race, or needs a closer look, is told and left out.

    batch_codes: a certificate goes through when every reason why it waits has one of these codes, and one person is enough.
    Results stand in the order asked, each certificate once.
    """
    asked: dict[UUID, Seen] = {}
    for one in many:
        asked.setdefault(one[0], Seen(*one))
    found = papers_of(store.database, list(asked))
    decision = Decision("approve", reasons=said("approve", "certificate", "BATCH", "REVIEWED", ""))
    with store.work(wanted(list(found.values()), decision)) as work:
        leases = locked(store.database, found)
        decided = _Batch(work, who, decision, found, leases, frozenset(batch_codes))
        results = [decided.one(seen) for seen in asked.values()]
    return _told(store, results)


@dataclass(frozen=True, slots=True)
class _Batch:
    """What all of them share under their locks."""

    work: Work
    who: str
    decision: Decision
    found: Mapping[UUID, Papers]
    leases: Mapping[UUID, Lease]
    codes: frozenset[str]

    def one(self, seen: Seen) -> Result:
        if refused := self._refused(seen):
            return Result(seen, refused=refused)
        held, actor = self.work.held.certificates[seen.certificate], f"reviewer:{self.who}"
        try:
            moved = advance(self.work, held, self.decision, actor, self.found[seen.certificate].origin)
        except CounterExhausted as exhausted:
            return Result(seen, refused=exhausted)
        self.work.note(actor, "review approve", str(held.id), version=held.version, token=self.leases[held.id].claim.token,
                       reasons=list(self.decision.reasons))
        return Result(seen, moved)

    def _refused(self, seen: Seen) -> Refusal | None:
        lease = self.leases.get(seen.certificate)
        if seen.certificate not in self.found:
            return UnknownThing(f"there is no certificate {seen.certificate}", zh="没有这样的证书")
        if lease is None or lease.claim.version != seen.version:
            return _Overtaken("it moved meanwhile")
        if refused := why_not(lease, self.who, seen.token):
            return refused
        if lease.eyes > 1:
            return NotAllowed(f"{lease.name} needs two persons, one at a time", zh="双人复核的证书不能批量审核", code="FOUR_EYES")
        if closer := sorted(lease.codes - self.codes):
            return NotAllowed(f"{lease.name} needs a closer look: {', '.join(closer)}", zh=f"须逐份审核：{'、'.join(closer)}",
                              code="NOT_IN_BATCH")
        return None


class _Overtaken(Refusal):
    """It moved; who moved it is asked once for all of them."""


def _told(store: PostgresStore, results: list[Result]) -> list[Result]:
    lost = [one.seen.certificate for one in results if isinstance(one.refused, _Overtaken)]
    moves = newest_moves(store.database, lost) if lost else {}
    return [
        Result(one.seen, refused=StaleVersion(one.seen.certificate, one.seen.version, move.version, move))
        if isinstance(one.refused, _Overtaken) and (move := moves.get(one.seen.certificate)) else one
        for one in results]

"""Goods filings 商品备案: filed, changed, taken back. The branch decides on what has no fault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from domain.application import date_of
from domain.certificate import Decision
from domain.filing import Filing
from domain.filing_lifecycle import GOODS_FILING
from domain.likeness import comparable
from domain.registry import EnterpriseRecord
from gateway.faults import Faults
from gateway.filing_facts import Filed, Name, Standing, Subject, named, standings
from gateway.filing_outcomes import FilingMoved, NewFiling
from gateway.goods_checks import basis_of, check, digits_of
from gateway.opening import SHARED, Item, Sender, refusal
from gateway.outcomes import Outcome, Refused
from messages.application import absolute, locate
from messages.goods_filing import GoodsContent
from pipeline.facts import enterprise_from
from store.database import Database


@dataclass(frozen=True, slots=True)
class Known:
    """Facts for a round. named: the filing that each message changes or takes back; standing: what is in its way;
    enterprises: the senders by number."""

    today: date
    named: Mapping[UUID, Filed]
    standing: Mapping[UUID, Standing]
    enterprises: Mapping[str, EnterpriseRecord]


def facts(database: Database, items: Sequence[Item]) -> Known:
    """Four queries for the round."""
    sent = [(item, value) for item in items if item.opened.sender and isinstance(value := item.value, GoodsContent)]
    found = named(database, [
        Name(item.identity, "goods", value.withdraws or value.changes, owner=item.party) for item, value in sent])
    subjects = [
        Subject(item.identity, "goods", item.party, subject_of(value), _changed(found.get(item.identity), value))
        for item, value in sent if not value.withdraws]
    rows = database.query("registry", enterprises=sorted({item.party for item, _ in sent}))
    today = database.query("today")[0][0]
    return Known(today, found, standings(database, subjects), {row[0]: enterprise_from(row) for row in rows})


def decide(item: Item, known: Known, sender: Sender) -> Refused | Outcome:
    """A filing, a change of one, a withdrawal; refused when it names no filing of the sender's, or one is live already."""
    value: GoodsContent = item.value
    about = known.named.get(item.identity)
    if value.withdraws:
        return _withdrawn(item, value, about)
    if value.changes and (about is None or about.filing.state != "APPROVED"):
        return unfit(item, "Changes", value.changes, about)
    original = about.filing if about else None
    standing = known.standing.get(item.identity, Standing())
    if standing.live and (original is None or standing.live.id != original.id):
        return taken(item, "FILING_DUPLICATE", "HSCode", standing.live)
    if standing.change:
        return taken(item, "FILING_UNDER_WAY", "Changes", standing.change)
    return _filed(item, known, original, standing.returned)


def keys(item: Item) -> list[tuple[str, ...]]:
    """New goods, each once; a change or withdrawal alone, for it may be about another of them under any of its names."""
    value: GoodsContent = item.value
    if value.changes or value.withdraws:
        return [("goods filings", item.party)]
    return [(SHARED, "goods filings", item.party), ("goods", item.party, subject_of(value))]


def subject_of(value: GoodsContent) -> str:
    """What may be live only once for an enterprise: the type, six digits and the name, as compared."""
    # cut where the schema allows no more: a message that it refuses has a subject, too
    return f"{value.certificate_type[:64]}|{digits_of(value.hs_code)[:6]}|{comparable(value.name_en)[:256]}"


def unfit(item: Item, place: str, sent: str, about: Filed | None) -> Refused:
    """The refusal of a message about a filing: it is unknown to the sender, or in a state that does not allow it."""
    if about is None:
        return _refused(item, "FILING_UNKNOWN", place, sent)
    state = about.filing.lifecycle_state
    zh, en = f"当前状态不允许此操作：{state.zh}", f"The state does not allow it: {state.en}"
    return _refused(item, "STATE_NOT_ALLOWED", place, sent, zh, en)


def taken(item: Item, code: str, place: str, by: Filing) -> Refused:
    """The refusal because of another filing."""
    name, state = by.number or str(by.id), by.lifecycle_state
    return _refused(item, code, place, name, f"已有备案{name}（{state.zh}）", f"Filing {name} is {state.en}")


def _refused(item: Item, code: str, place: str, found: str, zh: str | None = None, en: str | None = None) -> Refused:
    element = item.message.element  # type: ignore[union-attr] # an item that was decided on has a message
    return Refused(code, refusal(code, found, absolute(element, place), locate(element, place), en=en, zh=zh))


def _changed(found: Filed | None, value: GoodsContent) -> UUID | None:
    return found.filing.id if found and value.changes else None


def _withdrawn(item: Item, value: GoodsContent, about: Filed | None) -> Refused | Outcome:
    if about is None or "withdraw" not in GOODS_FILING.events_from(about.filing.state):
        return unfit(item, "Withdraws", value.withdraws, about)
    reasons = ("WITHDRAWN_BY_ENTERPRISE" + (f": {value.reason}" if value.reason else ""),)
    return FilingMoved("FILING_WITHDRAWN", about, Decision("withdraw", reasons=reasons))


def _filed(item: Item, known: Known, original: Filing | None, returned: Filing | None) -> Outcome:
    """The new filing, or the next revision of the returned one, with its faults."""
    value: GoodsContent = item.value
    enterprise = known.enterprises[item.party]
    faults = Faults(item.message.element)  # type: ignore[union-attr] # as above
    faults.add_structure()
    branch = item.opened.interchange.branch if item.opened.interchange else ""
    check(value, enterprise, branch, known.today, faults)
    filing = Filing(
        id=item.identity, kind="goods", enterprise=item.party, branch=enterprise.branch, subject=subject_of(value),
        message=item.identity, content=value.kept | {"criterion": value.criterion.upper(), "psr_basis": basis_of(value.psr_basis)},
        certificate_type=value.certificate_type[:64], hs6=digits_of(value.hs_code)[:6], valid_to=date_of(value.valid_to),
        replaces=original.id if original else None)
    if returned:
        filing = replace(filing, id=returned.id, version=returned.version, revision=returned.revision + 1, state=returned.state,
                         head=returned.head)
    return NewFiling(filing, "resubmit" if returned else "receive", tuple(faults.found), faults.refused, original)

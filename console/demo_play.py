"""The demo's course: goods are filed and approved, applications are sent, and of some certificates more is heard.

Everybody sends through the own exchange and knows only what stood in receipts.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from console.demo_goods import LEFT_TO_PRINT, ON_STOCK, STRANGER, UNDECIDED, Deal, Filed, filed_goods, goods_filings, sold
from console.demo_mail import Mail
from console.demo_messages import amendment, approval, enquiry, print_report, void, withdrawal
from console.demo_pipeline import LOG, DemoPipeline, Ended
from console.demo_samples import (
    AMENDED,
    ASKED_ABOUT,
    TOO_LATE,
    VOIDED,
    Submission,
    deals_of,
    submissions,
    to_review,
    whole_trade,
)
from console.sample_firms import ALL_FIRMS
from console.sampler import BRANCHES
from console.settings import Settings
from domain.branch import is_branch
from domain.errors import Refusal
from messages.receipts import Receipt
from pipeline.topology import Names
from pipeline.transport import Outgoing
from store.database import Database

_NEW_ADDRESS = "4-9-27 HIRANOMACHI, CHUO-KU, OSAKA 541-0046, JAPAN"
_ABOUT_CERTIFICATES = 4  # amendment, void, withdrawal, enquiry


@dataclass(slots=True)
class Played:
    """What was sent and what came back. applications: amendments and second copies among them; others: filings, decisions,
    print reports and whatever else is no application; seconds: from the first message to the last answer."""

    applications: list[Submission] = field(default_factory=list)
    others: list[Submission] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    seconds: float = 0.0


def messages(count: int) -> int:
    """How many messages a demo of `count` submissions sends, second copies not counted."""
    deals = deals_of(count)
    filings = sum(len(deal.items) for deal in _distinct(deals.values()))
    prints = sum(deal.type == "PE" for deal in deals.values())
    return count + 2 * filings + prints + (_ABOUT_CERTIFICATES - 1 if whole_trade(count) else 0)


class Play:
    """One run of the demo. ended: why the pipeline is over already; told: called with how many more messages are answered."""

    def __init__(self, own: Settings, on: DemoPipeline, ended: Ended, told: Callable[[int], None], today: date) -> None:
        self._own, self._on, self._ended, self._told, self._today = own, on, ended, told, today
        self._names = Names(own.prefix)
        self._mail = Mail(on, self._names, own.state_dir / "receipts")
        self._played = Played()
        self._filed: Filed = {}

    def run(self, count: int) -> Played:
        """`count` submissions and what belongs to them; everything is answered, or nothing moved for three minutes."""
        started, played = time.monotonic(), self._played
        self._filed = self._file_goods(list(_distinct(deals_of(count).values())))
        played.applications = submissions(count, self._today, self._filed)
        self._send(played.applications)
        if whole_trade(count):
            self._follow_up()
        played.seconds = time.monotonic() - started
        self._mail.fetch(self._parties(firm.record.no for firm in ALL_FIRMS))
        played.receipts = self._mail.receipts
        return played

    def leave_work(self, branch: str) -> None:
        """Something to do for a branch's people: certificates and goods to review, one to print on stock; and bytes of a sender
        whom nobody knows."""
        goods = next(goods_filings([UNDECIDED], self._today))[1]
        paper = sold(ON_STOCK, LEFT_TO_PRINT, self._today, self._filed)
        waiting = [Submission(UNDECIDED.firm, goods, "goods filing"), Submission(ON_STOCK.firm, paper, "to print"),
                   *to_review(branch, self._today)]
        unknown = Submission(STRANGER, paper.replace(ON_STOCK.firm.encode(), STRANGER.encode()), "unknown sender")
        _publish(self._on, self._names, [*waiting, unknown])
        _watch(self._own, waiting, self._ended, lambda count: None)

    def _file_goods(self, deals: list[Deal]) -> Filed:
        """Firms file their goods, branches approve them; the numbers, as the receipts tell them."""
        filings = [Submission(sender, body, "goods filing") for sender, body in goods_filings(deals, self._today)]
        firms = sorted({deal.firm for deal in deals})
        if not filings:
            return {}
        self._send(filings)
        self._mail.fetch(self._parties([]))
        waiting = filter(None, (self._mail.newest.get(filing.sha256) for filing in filings))
        decisions = [Submission(one.branch or "", approval(one, self._today), "decision") for one in waiting]
        self._send(decisions)
        self._mail.fetch(firms)
        self._played.others += filings + decisions
        told = (self._mail.newest.get(filing.sha256) for filing in filings)
        return {key: one.filing_no for key, one in zip(filed_goods(deals), told, strict=True) if one and one.filing_no}

    def _follow_up(self) -> None:
        """What is sent about certificates that are there."""
        senders = (s.enterprise for s in self._played.applications if s.number in (AMENDED, TOO_LATE, ASKED_ABOUT))
        self._mail.fetch(self._parties(senders))
        amendments, others = list(self._amendments()), [*self._prints(), *self._about_certificates()]
        self._send([*amendments, *others])
        self._played.applications += amendments
        self._played.others += others

    def _amendments(self) -> Iterator[Submission]:
        for sample, told in self._heard_of(AMENDED):
            if told.state != "ISSUED":
                continue
            body = amendment(sample.body, told, _NEW_ADDRESS, "收货人已迁址", self._today)
            yield Submission(sample.enterprise, body, "amendment", type=sample.type)

    def _prints(self) -> Iterator[Submission]:
        """Numbered forms, one for each certificate on pre-printed stock."""
        for sample in self._played.applications:
            told = self._mail.newest.get(sample.sha256)
            if told and told.state == "AWAIT_PRINT":
                serial = f"R{self._today:%y}{sample.number:07d}"
                yield Submission(told.branch or "", print_report(told, serial, self._today), "print report")

    def _about_certificates(self) -> Iterator[Submission]:
        for _, told in self._heard_of(VOIDED):
            yield Submission(told.branch or "", void(told, "货物未出运，企业申请作废", self._today), "void")
        for _, told in self._heard_of(TOO_LATE):
            yield Submission(told.enterprise, withdrawal(told, "合同变更", self._today), "withdrawal")
        for _, told in self._heard_of(ASKED_ABOUT):
            yield Submission(told.enterprise, enquiry(told, self._today), "enquiry")

    def _heard_of(self, number: int) -> Iterator[tuple[Submission, Receipt]]:
        """The sample with this number and the newest receipt about it; nothing when it was lost."""
        for sample in self._played.applications:
            if sample.number == number and (told := self._mail.newest.get(sample.sha256)):
                yield sample, told

    def _parties(self, firms: Iterable[str]) -> list[str]:
        return [*dict.fromkeys(firms), *(branch.code for branch in BRANCHES)]

    def _send(self, ahead: list[Submission]) -> None:
        _publish(self._on, self._names, ahead)
        _watch(self._own, ahead, self._ended, self._told)


def _distinct(deals: Iterable[Deal]) -> Iterable[Deal]:
    return dict.fromkeys(deals)


def _publish(on: DemoPipeline, names: Names, ahead: list[Submission]) -> None:
    """Send everything with confirms; raises Refusal when the broker did not take it."""
    publisher = on.publisher()
    try:
        outcome = publisher.publish(
            [Outgoing(number, _exchange(names, s.enterprise), "", s.body, f"demo-{number}", "interchange",
                      datetime.now(UTC)) for number, s in enumerate(ahead)], 60)
    finally:
        publisher.close()
    if outcome.unsent:
        raise Refusal(f"the broker did not confirm {len(outcome.unsent)} of {len(ahead)} submissions")


def _exchange(names: Names, sender: str) -> str:
    return names.branch_exchange(sender) if is_branch(sender) else names.enterprise_exchange(sender)


def _watch(own: Settings, ahead: list[Submission], ended: Ended, told: Callable[[int], None], patience: float = 180) -> None:
    """Wait until every submission has its answer and every receipt has left, telling how many more are done.

    Gives up when no further submission was answered for `patience` seconds: the rest is lost.
    """
    database, deadline, seen = Database(own.database_url), time.monotonic() + patience, 0
    wanted = {bytes.fromhex(s.sha256) for s in ahead if not s.again}
    while time.monotonic() < deadline and not ended():
        answered = database.query("demo_answered", sha256=list(wanted))[0][0]
        told(answered - seen)
        if answered >= len(wanted) and database.query("demo_unsent")[0][0] == 0:
            break
        if answered > seen:
            deadline = time.monotonic() + patience
        seen = answered
        time.sleep(0.1)
    if reason := ended():
        raise Refusal(f"the pipeline ended with {reason}; its log: {own.state_dir / LOG}")
    if any(s.again for s in ahead):
        time.sleep(0.5)  # the answers to second copies make no new state that could be waited for
    database.close()

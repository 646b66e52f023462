"""Try a policy: what yesterday's certificates, or another period's, would have got; nothing is changed by it."""

import threading
import time
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import cast
from uuid import UUID

from console.web.asking import READERS, Ask, BadInput, Field, Route, View
from console.web.pages.policy import BRANCH, book_of, branch_of
from console.web.pages.policy_words import REASONS
from domain.errors import BadSetting, Refusal
from review_worker.policies import Policies
from review_worker.policy import Policy, policy_in
from review_worker.policy_trial import Summary, Tried, period, tried
from store.policies import count_auto_reviewed, stored_policies

MOST = 2000
_LISTED = 50
_DAYS = 366
_FIRST_YEAR = 2000
_running = threading.BoundedSemaphore(2)  # a trial keeps a connection and a core busy for seconds


@dataclass(frozen=True, slots=True)
class Example:
    """A certificate that would be decided otherwise. changes: (what, old, new); codes: of the reasons before and after."""

    certificate: UUID
    invoice: str
    branch: str
    at: datetime
    old: str
    new: str
    changes: tuple[tuple[str, str, str], ...]
    old_codes: tuple[str, ...]
    new_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many went from one decision to another."""

    old: str
    new: str
    count: int


@dataclass(frozen=True, slots=True)
class Term:
    """How often something changes, with certificates for example: what is "outcome", "deadline" (minutes), "eyes" or "senior"."""

    what: str
    old: str
    new: str
    count: int


@dataclass(frozen=True, slots=True)
class ReasonChange:
    """How often a reason is added or removed."""

    code: str
    change: str
    count: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial came to. total: certificates decided in the period, of which the first `decided` were looked at."""

    version: str
    since: datetime
    until: datetime
    total: int
    decided: int
    differing: int
    without_terms: int
    outcomes: tuple[Count, ...]
    changes: tuple[Term, ...]
    reasons: tuple[ReasonChange, ...]
    examples: tuple[Example, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Trial:
    """The form, and what it led to. most: certificates that are looked at at most; words: code of a reason -> Chinese, English."""

    branch: str
    versions: tuple[str, ...]
    version: str
    text: str
    days: int
    most: int
    words: Mapping[str, tuple[str, str]]
    outcome: Outcome | None


def form(ask: Ask) -> View:
    """What can be tried."""
    return View("policy_try.html", _trial(ask, None))


def run(ask: Ask) -> View:
    """Try a stored policy, or one that is pasted or uploaded."""
    book, branch = book_of(ask), branch_of(ask)
    policy = _policy(ask, book)
    if not _running.acquire(blocking=False):
        raise Refusal("two trials are going on already; try again in a minute", zh="已有两个试算在进行，请稍后再试")
    try:
        return View("policy_try.html", _trial(ask, _outcome(ask, book, policy, branch)))
    finally:
        _running.release()


def _trial(ask: Ask, outcome: Outcome | None) -> Trial:
    book = book_of(ask)
    versions = (book.builtin.version, *(one.version for one in reversed(stored_policies(ask.database))))
    given = ask.given
    return Trial(branch_of(ask), versions, given.get("version", ""), given.get("text", ""), given.get("days", 1), MOST, REASONS,
                 outcome)


def _policy(ask: Ask, book: Policies) -> Policy:
    """The policy to try: an uploaded file, a pasted text, a stored version."""
    if ask.given.get("file"):  # a browser sends an empty one when none was chosen
        try:
            return _read("file", ask.given["file"].decode("utf-8"))
        except UnicodeDecodeError as error:
            raise BadInput({"file": ("不是UTF-8文本", "is no UTF-8 text")}) from error
    if ask.given.get("text", "").strip():
        return _read("text", ask.given["text"])
    if not ask.given.get("version"):
        raise BadInput({"version": ("请选择版本，或粘贴、上传策略", "choose a version, or paste or upload a policy")})
    return book.policy(ask.given["version"])


def _read(field: str, text: str) -> Policy:
    try:
        return policy_in(text, "policy")
    except (BadSetting, ValueError) as error:  # a number of thousands of digits is a ValueError
        raise BadInput({field: (f"策略有误：{error}", f"is no policy: {error}")}) from error


def _outcome(ask: Ask, book: Policies, policy: Policy, branch: str) -> Outcome:
    try:
        begin, end = period(
            ask.database.query("today")[0][0], ask.given.get("days", 1), ask.given.get("since"), ask.given.get("until"))
    except (ValueError, OverflowError) as error:
        raise BadInput({"since": ("开始日期晚于结束日期", "is after the end")}) from error
    if (end - begin).days > _DAYS or begin.year < _FIRST_YEAR:
        raise BadInput({"since": ("期间至多一年，自2000年起", "a period has at most a year, and begins in 2000 or later")})
    started, summary = time.monotonic(), Summary()
    examples: list[Example] = []
    total = count_auto_reviewed(ask.database, begin, end, branch)
    with closing(cast("Generator[Tried]", tried(ask.database, book, policy, begin, end, branch))) as results:
        for one in islice(results, MOST):
            summary.add(one)
            if one.differs and len(examples) < _LISTED:
                examples.append(_example(one))
    return _told(policy, begin, end, total, summary, tuple(examples), time.monotonic() - started)


def _told(
    policy: Policy, begin: datetime, end: datetime, total: int, summary: Summary, examples: tuple[Example, ...], seconds: float
) -> Outcome:
    outcomes: Counter[tuple[str, str]] = summary.outcomes
    return Outcome(
        policy.version, begin, end, total, summary.decided, summary.differing, summary.without_terms,
        tuple(Count(*pair, count) for pair, count in sorted(outcomes.items())),
        tuple(Term(*key, one.count) for key, one in sorted(summary.changes.items())),
        tuple(ReasonChange(*key, one.count) for key, one in sorted(summary.reasons.items())), examples, round(seconds, 1))


def _example(one: Tried) -> Example:
    return Example(
        one.certificate, one.invoice, one.branch, one.at, one.before.event, one.after.event,
        tuple((what, *pair) for what, pair in one.changes.items()), one.before.codes, one.after.codes)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/policy/try", "policy-try", form, READERS, "试算审核策略", "Try a review policy", (
        BRANCH, Field("version", longest=32, zh="版本", en="version")), Trial),
    Route("POST", "/policy/try", "policy-tried", run, READERS, "试算审核策略", "What a review policy would have decided", (
        BRANCH, Field("version", longest=32, zh="版本", en="version"),
        Field("text", "lines", longest=60_000, zh="策略内容", en="text of a policy"),
        Field("file", "file", longest=60_000, zh="策略文件", en="file of a policy"),
        Field("days", "integer", least=1, most=_DAYS, zh="最近几天", en="the last so many days"),
        Field("since", "date", zh="自", en="from"), Field("until", "date", zh="至", en="to")), Trial, longest=200_000),
)

"""The manuals' lists 待审 · EDI · 待打印 · 已审核 · 作废 · 退回, and what is done to several rows of the queue at once."""

from dataclasses import dataclass
from functools import cache
from uuid import UUID

from console.web.asking import READERS, REVIEWERS, SENIORS, Ask, BadInput, Done, Field, Route, View
from console.web.listing import (
    CODES,
    QUEUE_FIELDS,
    QUEUES,
    REVIEW_FIELDS,
    SIZE,
    Chip,
    Listed,
    address,
    chips,
    clean_query,
    query_of,
    queue_named,
    sought_in_queue,
    spot_in,
    wish,
)
from console.web.pages.search import beside, listed_page
from domain.errors import Refusal
from review_worker import claims
from review_worker.batch import approve_many
from review_worker.policies import policies_of
from review_worker.policy import Policy, load_policy
from store import lists
from store.lists import Waiting, Wish
from store.search import Order

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class CertificateQueue:
    """A list of certificates; asked: its filters; empty_zh, empty_en: what would fill it; types: to choose from."""

    name: str
    zh: str
    en: str
    found: Listed
    asked: dict[str, str]
    empty_zh: str
    empty_en: str
    types: tuple[str, ...] = CODES


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """What waits, and whether it may be approved together with others."""

    waiting: Waiting
    batch: bool


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """The queue to review. earlier, later: addresses of the pages beside it; people: (key, name) of who may be given something."""

    rows: tuple[ReviewRow, ...]
    chips: tuple[Chip, ...]
    earlier: str
    later: str
    query: str
    asked: dict[str, str]
    desk: lists.Desk
    people: tuple[tuple[str, str], ...]
    types: tuple[str, ...] = CODES


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of several: done, or why not (zh, en)."""

    subject: UUID
    done: bool
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of each of them, in the order asked."""

    outcomes: tuple[Outcome, ...]


def queue(ask: Ask) -> View:
    """One of the lists, the newest first."""
    asked = queue_named(ask.path["queue"])
    path = f"/queues/{asked.name}"
    listed = listed_page(ask, path, sought_in_queue(ask.database, ask.branch, asked, ask.given), Order())
    return View("queue.html", CertificateQueue(
        asked.name, asked.zh, asked.en, listed, _asked(ask), asked.empty_zh, asked.empty_en))


def review(ask: Ask) -> View:
    """The queue to review, the nearest deadline first."""
    asked = wish(ask.database, ask.branch, ask.who, ask.given)
    page = lists.waiting_page(ask.database, ask.branch, asked, SIZE, spot_in(ask.given, "after"), spot_in(ask.given, "before"))
    path, rows = "/queues/review", tuple(ReviewRow(row, _batch(ask, row)) for row in page.rows)
    first, last = (page.rows[0].place, page.rows[-1].place) if page.rows else ("", "")
    return View("review_queue.html", ReviewQueue(
        rows, chips(path, REVIEW_FIELDS, ask.given), beside(ask, path, "before", first if page.earlier else None),
        beside(ask, path, "after", last if page.later else None), query_of(ask.given), _asked(ask),
        lists.desk(ask.database, ask.branch, ask.who),
        tuple(lists.people(ask.database, ask.branch)) if ask.may(SENIORS) else ()))


def approve(ask: Ask) -> Done:
    """Approve those selected that policy lets pass together; what lost a race or needs a closer look is told."""
    chosen = _chosen(ask)
    rows = {row.subject: row for row in _rows(ask, chosen)}
    refused = {one: _why_not(ask, rows.get(one)) for one, _, _ in chosen}
    allowed = [seen for seen in chosen if refused[seen[0]] is None]
    codes = {code for one in allowed for code in policy(ask, rows[one[0]].branch).batch_codes}
    results = {one.seen.certificate: one.refused for one in approve_many(ask.store, ask.who, allowed, codes)} if allowed else {}
    return _told(ask, [_outcome(one, refused[one] or results.get(one)) for one, _, _ in chosen], "审核通过", "approved")


def release(ask: Ask) -> Done:
    """Give back those of the selected ones that the person holds."""
    chosen = _chosen(ask)
    known = _known(ask, chosen)
    return _told(ask, [_each(claims.release, ask, one, known, token=token) for one, _, token in chosen], "已释放", "released")


def reassign(ask: Ask) -> Done:
    """Give those selected to a colleague, or with nobody named back to all."""
    to = ask.given.get("to")
    if to and to not in {key for key, _ in lists.people(ask.database, ask.branch)}:
        raise BadInput({"to": ("不是本分会的审核员", "is not a reviewer of this branch")})
    chosen = _chosen(ask)
    known, reason = _known(ask, chosen), ask.given.get("why", "")
    outcomes = [_each(claims.reassign, ask, one, known, to=to, reason=reason) for one, _, _ in chosen]
    return _told(ask, outcomes, "已指派", "reassigned")


def policy(ask: Ask, branch: str) -> Policy:
    """The review policy in force in a branch."""
    return policies_of(ask.database, built_in(ask.house.settings.policy)).policy_for(branch)


@cache
def built_in(path: str) -> Policy:
    """The built-in policy, or the file of COEDI_POLICY, read once."""
    return load_policy(path)


def _batch(ask: Ask, row: Waiting) -> bool:
    free = row.claimed_by in (None, ask.who) and row.assigned_to in (None, ask.who)
    return row.kind == "certificate" and row.eyes == 1 and free and policy(ask, row.branch).allows_batch(row.reasons)


def _chosen(ask: Ask) -> list[tuple[UUID, int, int | None]]:
    """The rows selected: id, version and token as they stood on the screen; raises BadInput."""
    if not ask.given["row"]:
        raise BadInput({"row": ("请先选择", "select something first")})
    if len(ask.given["row"]) > MOST_AT_ONCE:
        raise BadInput({"row": (f"一次最多{MOST_AT_ONCE}份", f"at most {MOST_AT_ONCE} at once")})
    found = [_read(text) for text in ask.given["row"]]
    if None in found:
        raise BadInput({"row": ("不是有效的选择", "is no row of the list")})
    return [one for one in found if one]


def _read(text: str) -> tuple[UUID, int, int | None] | None:
    identity, _, rest = text.partition(":")
    version, _, token = rest.partition(":")
    try:
        return UUID(identity), int(version[:9]), int(token[:9]) or None if token else None
    except ValueError:
        return None


def _rows(ask: Ask, chosen: list[tuple[UUID, int, int | None]]) -> list[Waiting]:
    """What of the selected still waits, within the person's branch."""
    asked = Wish(kinds=("certificate", "goods", "registration"), who=ask.who, subjects=tuple(one for one, _, _ in chosen))
    return lists.waiting(ask.database, ask.branch, asked, MOST_AT_ONCE)


def _known(ask: Ask, chosen: list[tuple[UUID, int, int | None]]) -> set[UUID]:
    return {row.subject for row in _rows(ask, chosen)}


def _why_not(ask: Ask, row: Waiting | None) -> Refusal | None:
    if row is None or row.kind != "certificate":
        return Refusal("it waits for nobody any more", zh="已不在待审")
    if ask.person.skills and row.type not in ask.person.skills:
        return Refusal(f"{row.type} is not among your skills", zh=f"{row.type}不在您的审核范围")
    if not policy(ask, row.branch).allows_batch(row.reasons):
        return Refusal("it needs a closer look", zh="须逐份审核")
    return None


def _each(act: "object", ask: Ask, subject: UUID, known: set[UUID], **given: object) -> Outcome:
    if subject not in known:
        return _outcome(subject, Refusal("it waits for nobody any more", zh="已不在待审"))
    try:
        act(ask.database, ask.who, subject, **given)  # type: ignore[operator] # release or reassign of the claims
    except Refusal as refused:
        return _outcome(subject, refused)
    return _outcome(subject, None)


def _outcome(subject: UUID, refused: Refusal | None) -> Outcome:
    return Outcome(subject, refused is None, (refused.zh or str(refused)) if refused else "", str(refused) if refused else "")


def _told(ask: Ask, outcomes: list[Outcome], zh: str, en: str) -> Done:
    done, left = sum(one.done for one in outcomes), [one for one in outcomes if not one.done]
    why_zh, why_en = "；".join(sorted({one.zh for one in left})), "; ".join(sorted({one.en for one in left}))
    said = (f"{zh}：{done}份" + (f"；未处理{len(left)}份：{why_zh}" if left else ""),
            f"{done} {en}" + (f"; {len(left)} left as they were: {why_en}" if left else ""))
    to = address("/queues/review", clean_query(ask.given.get("query", "")))
    return Done(to, Outcomes(tuple(outcomes)), said)


def _asked(ask: Ask) -> dict[str, str]:
    return {name: str(value) for name, value in ask.given.items() if value is not False}


_ROWS = (
    Field("row", "texts", longest=80, zh="所选", en="rows, id:version:token"), Field("query", longest=1000, zh="返回", en="query"))
ROUTES: tuple[Route, ...] = (
    Route("GET", "/queues/review", "queue-review", review, READERS, "待审队列", "The queue to review", REVIEW_FIELDS, ReviewQueue),
    Route("GET", "/queues/{queue}", "queue", queue, READERS, f"列表：{'、'.join(QUEUES)}", f"A list: {', '.join(QUEUES)}",
          QUEUE_FIELDS, CertificateQueue),
    Route("POST", "/queues/review/approve", "approve-many", approve, REVIEWERS, "批量审核通过", "Approve many", _ROWS, Outcomes),
    Route("POST", "/queues/review/release", "release-many", release, REVIEWERS, "释放领取", "Release claims", _ROWS, Outcomes),
    Route("POST", "/queues/review/reassign", "reassign-many", reassign, SENIORS, "指派给他人", "Give to a colleague", (
        *_ROWS, Field("to", longest=60, zh="指派给", en="to"), Field("why", longest=200, zh="原因", en="reason")), Outcomes),
)

"""What became of the demo's submissions, told by receipts."""

from collections import Counter
from dataclasses import dataclass, field

from console.demo_play import Played
from console.demo_samples import Submission
from console.settings import Settings
from messages.receipts import Receipt
from store.database import Database, masked

# receipt codes after which a submission needs nobody but, perhaps, a reviewer or its sender
ENDS = {"ISSUED": "issued", "RETURNED": "returned", "PENDING_REVIEW": "manual"}
# what else receipts tell: code -> key of `coedi demo --json`
ELSE = {
    "GOODS_APPROVED": "filings", "PRINT_NOTED": "printed", "SUPERSEDED": "amended", "VOID": "void",
    "STATE_NOT_ALLOWED": "too_late", "STATUS": "enquiries"}
_FIRST_WORDS = frozenset({"BYTES_RECEIVED", "PARKED", "NO_PROGRESS"})  # no answer to what was sent


@dataclass(slots=True, kw_only=True)
class Result:
    """What the demo found: the keys of `coedi demo --json`, explained in docs/cli.md.

    submitted = issued + returned + refused + manual + lost: applications and amendments. Of the issued ones some are
    preferential, printed on numbered forms, amended (replaced) or void since.
    """

    submitted: int
    issued: int
    returned: int
    refused: int
    manual: int
    receipts: int
    lost: int
    duplicates: int
    seconds: float
    transport: str
    database: str
    documents: str
    resent: int
    receipts_folder: str
    preferential: int
    filings: int
    printed: int
    amended: int
    void: int
    too_late: int
    enquiries: int
    unanswered: int
    issued_by_type: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)
    refusals: list[dict[str, str]] = field(default_factory=list)


def judge(played: Played, own: Settings, transport: str) -> Result:
    """What became of each submission, told by the receipts alone; the database is asked only for second certificates."""
    distinct = {s.sha256: s for s in played.applications if not s.again}
    once = sorted({receipt.id: receipt for receipt in played.receipts}.values(), key=lambda r: (r.enterprise, r.feed_no))
    ended = [(r, end) for r in once if (end := _end(r)) and r.delivery_sha256 in distinct]
    ends = {r.delivery_sha256: end for r, end in ended}
    counts = Counter(ends.get(sha256, "lost") for sha256 in distinct)
    types = {sha256: distinct[sha256].type for sha256, end in ends.items() if sha256 and end == "issued"}
    by_type = Counter(types.values())
    codes = Counter(ELSE[r.code] for r in once if r.code in ELSE)
    return Result(
        submitted=len(distinct), issued=counts["issued"], returned=counts["returned"], refused=counts["refused"],
        manual=counts["manual"], receipts=len(played.receipts), lost=counts["lost"], duplicates=_duplicates(own),
        seconds=round(played.seconds, 2), transport=transport, database=masked(own.database_url),
        documents=str(own.documents), resent=len(played.applications) - len(distinct),
        receipts_folder=str(own.state_dir / "receipts"), preferential=by_type.total() - by_type["CO"],
        **{key: codes[key] for key in ELSE.values()}, unanswered=_unanswered(played.others, once),
        issued_by_type=dict(sorted(by_type.items())), examples=_examples(types, once),
        refusals=[_refusal(r, end) for r, end in ended if end != "issued"])


def _end(receipt: Receipt) -> str | None:
    """How a submission ended, when this receipt is the end of one."""
    return ENDS.get(receipt.code) or ("refused" if receipt.findings and receipt.certificate is None else None)


def _unanswered(others: list[Submission], receipts: list[Receipt]) -> int:
    answered = {receipt.delivery_sha256 for receipt in receipts if receipt.code not in _FIRST_WORDS}
    return sum(other.sha256 not in answered for other in others)


def _examples(types: dict[str, str], receipts: list[Receipt]) -> dict[str, str]:
    """Certificate type -> the first document of it, below the folder of documents."""
    found: dict[str, str] = {}
    for receipt in receipts:
        if receipt.document and receipt.delivery_sha256 in types:
            found.setdefault(types[receipt.delivery_sha256], receipt.document.name)
    return dict(sorted(found.items()))


def _duplicates(own: Settings) -> int:
    database = Database(own.database_url)
    found: int = database.query("demo_duplicates")[0][0]
    database.close()
    return found


def _refusal(receipt: Receipt, end: str) -> dict[str, str]:
    """Why a submission was not issued: its findings, or the reasons for which a person has to decide."""
    reasons = [reason.partition(": ") for reason in receipt.reasons]
    codes = [finding.code for finding in receipt.findings] or [code for code, _, _ in reasons]
    texts = [f"{finding.zh} / {finding.en}" for finding in receipt.findings] or [text for _, _, text in reasons]
    return {
        "end": end, "enterprise": receipt.enterprise, "invoice": receipt.invoice or "-",
        "codes": " ".join(dict.fromkeys(codes)), "why": _first(texts) if texts else f"{receipt.zh} / {receipt.en}"}


def _first(texts: list[str]) -> str:
    return texts[0] + (f" (+{len(texts) - 1})" if len(texts) > 1 else "")

"""What must always be true of the database, as a table: a promise is a sentence, and a query that lists its violations.

Queries stand in `store/sql/doctor.sql` under `check_<name>`; each returns (subject, detail) rows. They are set-wise:
the server joins and groups, we see the first violations and their number, however many certificates there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.filing_lifecycle import LIVES
from domain.lifecycle import Lifecycle
from store.chain import Violation
from store.database import Database
from store.queries import queries

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Check:
    """A promise. id: its number in the list of invariants; name: of its query; zh, en: what is true when it holds."""

    id: str
    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Result:
    """How a promise stands: the number of violations and the first ten."""

    check: Check
    count: int
    first: tuple[Violation, ...]


CHECKS: tuple[Check, ...] = (
    Check("I1", "history_dense", "每份证书的历史版本连续，前后状态相接",
          "Every history runs 1, 2, 3 ..., each line from where the last one ended"),
    Check("I1", "moves_known", "历史中的每一步都在状态表内",
          "Every line of history is a move of the life cycle"),
    Check("I1", "state_is_newest", "证书的状态与最新一条历史一致",
          "Every certificate stands where its newest line of history says"),
    Check("I2", "delivery_answered", "每次投递都有回执，未知发送方有登记",
          "Every delivery has a receipt, or a ticket when nobody is known to have sent it"),
    Check("I2", "message_answered", "每个报文都有答复",
          "Every message is answered"),
    Check("I3", "transition_receipts", "每次状态变化恰有一份回执",
          "Every transition has exactly one receipt"),
    Check("I3", "streams_dense", "每个回执流的序号连续",
          "Every receipt stream is numbered without gaps"),
    Check("I3", "feeds_dense", "每家企业的回执编号连续，与计数器一致",
          "Every enterprise's receipts are numbered without gaps, up to its counter"),
    Check("I5", "ledger_dense", "证书编号台账连续，与计数器一致",
          "The number ledger has no gaps and ends at its counter"),
    Check("I5", "ledger_matches", "台账与证书的编号一致",
          "Ledger and certificates name the same numbers"),
    Check("I5", "numbered", "已审核的证书都有编号",
          "Every approved certificate has its number"),
    Check("I6", "archive_intact", "存档字节与登记的SHA-256一致",
          "The archived bytes have the SHA-256 on record"),
    Check("I7", "inbox_complete", "每个报文编号都有首次使用的登记",
          "Every message id is on record with its first use"),
    Check("I8", "outbox_drained", "没有滞留超过一分钟的待发消息",
          "Nothing waits to be sent for more than a minute"),
    Check("I2", "interchange_counts", "交换包的计数与历史一致",
          "Every interchange counts its messages as history tells them"),
    Check("I2", "summaries", "答复完毕的交换包恰有一份汇总回执",
          "Every finished interchange has its one summary"),
    Check("I10", "documents_exist", "每份已发证的证书都有文件",
          "Every issued certificate has its document"),
    Check("I11", "orders_match", "等待处理的证书恰有一个工作单",
          "A work order stands for exactly the certificates that wait for a stage"),
    Check("I11", "orders_moving", "没有超时十分钟以上的工作单",
          "No certificate waits ten minutes longer than its state allows"),
    Check("I11", "desk_matches", "待审证书与审核队列一致",
          "The review queue holds exactly the certificates that wait for a person"),
    Check("I11", "claims_on_record", "审核员的每次领取都有记录",
          "Every claim of a reviewer stands in the audit under its token"),
    Check("I11", "four_eyes", "须双人复核的决定均有足够人数同意",
          "What needed several persons was agreed to by so many"),
    Check("I11", "replays_on_record", "每次重新处理都有计划、结果和记录",
          "Whatever was replayed stands in a plan, in the audit and, for a certificate, in its history"),
    Check("I11", "attempts_settled", "没有悬而未决的处理尝试",
          "No try of a message is left unsettled"),
    Check("I12", "tenants_apart", "回执只发给证书所属的企业和分会",
          "Receipts go to the certificate's own enterprise and branch only"),
    Check("I15", "invoices_held", "发票号占用与证书状态一致",
          "Invoice numbers are held by exactly the certificates that should"),
    Check("I1", "filing_history", "备案的历史版本连续，每一步都在状态表内",
          "Every history of a filing runs 1, 2, 3 ... and is made of moves of its life cycle"),
    Check("I1", "filing_state", "备案的状态与最新一条历史一致",
          "Every filing stands where its newest line of history says"),
    Check("I3", "filing_receipts", "备案的每次状态变化恰有一份回执",
          "Every transition of a filing has exactly one receipt"),
    Check("I5", "filing_numbers", "备案号连续，已审核的商品备案都有备案号",
          "Every approved goods filing has its number, and numbers have no gaps"),
    Check("I15", "filings_held", "备案占用与状态一致",
          "Subjects are held by exactly the filings that should"),
    Check("I15", "amendments_held", "办理中的改证与登记一致", "Amendments under way are those on record"),
    Check("I15", "superseded", "已更换的证书恰由一份已签发的证书替换",
          "Every superseded certificate was replaced by one that was issued"),
)  # fmt: skip

# promises that are checked in Python, one line or file at a time
CHAINS = Check("I13", "chains", "历史哈希链完整",
               "Every hash chain of history verifies")
CHECKPOINTS = Check("I13", "checkpoints", "签名检查点与数据库一致",
                    "The signed checkpoints verify, and everything they cover is still there")
DOCUMENT_FILES = Check("I10", "document_files", "文件存在且哈希一致",
                       "Every document's file exists and has the hash on record")

# not violations: what an operator wants to know beside them; (name of the query `note_<name>`, zh, en)
NOTES: tuple[tuple[str, str, str], ...] = (
    ("certificates", "证书总数", "certificates"),
    ("parked", "待人工处理的滞留报文", "open tickets (coedi parked list)"),
    ("set_aside", "工作单已搁置的证书", "certificates whose work order was set aside"),
    ("refused_by_queue", "因对方队列已满而等待的消息", "messages that wait for a full queue"),
    ("reviews_late", "超过期限的待审证书", "reviews past their deadline"),
)


def parameters(table: Lifecycle) -> dict[str, Any]:
    """The life-cycle table as arrays for the queries; the source of a first move is ""."""
    return {
        "sources": [move.source or "" for move in table.moves],
        "events": [move.event for move in table.moves],
        "targets": [move.target for move in table.moves],
        "answers": [move.answers for move in table.moves],
        "numbered": sorted(numbered_states(table)),
        "holding": [state.code for state in table.states if state.holds_invoice],
        "reviewed": [state.code for state in table.states if state.desk == "review"],
        "patient": [state.code for state in table.states if state.waits_for],
        "minutes": [state.patience_minutes or 24 * 60 for state in table.states if state.waits_for],
    } | _of_filings()


def _of_filings() -> dict[str, Any]:
    """The same of the lives of filings, with the kind of each."""
    moves = [(kind, move) for kind, life in LIVES.items() for move in life.moves]
    holding = [(kind, state.code) for kind, life in LIVES.items() for state in life.states if state.holds_invoice]
    return {
        "filing_kinds": [kind for kind, _ in moves],
        "filing_sources": [move.source or "" for _, move in moves],
        "filing_events": [move.event for _, move in moves],
        "filing_targets": [move.target for _, move in moves],
        "filing_holders": [kind for kind, _ in holding],
        "filing_held": [code for _, code in holding],
    }


def numbered_states(table: Lifecycle) -> set[str]:
    """States that cannot be reached without passing one that gives the number."""
    numberless: set[str | None] = {None}
    while more := {
        move.target for move in table.moves
        if move.source in numberless and move.target not in numberless and not table.state(move.target).numbered
    }:
        numberless |= more
    return {state.code for state in table.states} - numberless


def run(database: Database, check: Check, given: dict[str, Any]) -> Result:
    """Look for violations of one promise. given: `parameters` of the life cycle."""
    # the query's text is ours, from the package
    sql = (
        f"with found as materialized ({queries()[f'check_{check.name}']}) "  # noqa: S608
        f"select subject, detail, (select count(*) from found) from found limit {SHOWN}"
    )
    rows = database.run(sql, given)
    return Result(check, rows[0][2] if rows else 0, tuple(Violation(str(row[0]), row[1]) for row in rows))


def collect(check: Check, violations: Iterable[Violation]) -> Result:
    """A result from violations found one by one; only the first ten are kept."""
    first: list[Violation] = []
    count = 0
    for violation in violations:
        count += 1
        if len(first) < SHOWN:
            first.append(violation)
    return Result(check, count, tuple(first))


def note(database: Database, name: str) -> int:
    """The number behind one of NOTES."""
    count: int = database.query(f"note_{name}")[0][0]
    return count

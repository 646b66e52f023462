"""The unit of work on PostgreSQL: one function that locks, one that writes, one transaction around both."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from domain.certificate import Certificate
from domain.filing import Filing
from store.database import Database
from store.tables import ROWS
from store.wanted import Held, Progress, Wanted
from store.work import Texts, Work


class PostgresStore:
    """WorkStore on a `Database`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @contextlib.contextmanager
    def work(self, wanted: Wanted, owner: int | None = None) -> Iterator[Work]:
        """Lock, hand out the Work, write it, commit. Raises DatabaseGone, CommitUnknown, TryAgain."""
        with self.database.transaction():
            work = Work(take_locks(self.database, wanted), owner)
            yield work
            write(self.database, work)

    def certificate(self, identity: UUID) -> Certificate | None:
        """One certificate as committed."""
        rows = self.database.run(
            "select id, enterprise, branch, type, invoice, message, version, revision, state, number, approved_at, head,"
            " replaces, replacing from certificate where id = %s", (identity,))
        return certificate_from(rows[0]) if rows else None

    def outbox_keys(self) -> Iterable[str]:
        """Keys of what is still to be sent."""
        return [row[0] for row in self.database.run("select key from outbox order by id")]


def take_locks(database: Database, wanted: Wanted) -> Held:
    """All locks of a batch, keys sorted, in the one order: inbox, certificates, invoices, interchanges, counters."""
    won_inbox = database.query("claim_inbox", **_columns(wanted.inbox, "enterprise message_id message digest"))  \
        if wanted.inbox else []
    certificates = _ask(database, "lock_certificates", ids=_texts(wanted.certificates))
    won_invoices = database.query("claim_invoices", **_columns(wanted.invoices, "enterprise invoice certificate")) \
        if wanted.invoices else []
    won_amendments = database.query("claim_amendments", **_columns(wanted.amendments, "original amendment")) \
        if wanted.amendments else []
    filings = _ask(database, "lock_filings", ids=_texts(wanted.filings))
    won_subjects = database.query("claim_filings", **_columns(wanted.subjects, "kind enterprise subject filing")) \
        if wanted.subjects else []
    arrived = database.query("claim_interchanges", **_columns(
        wanted.arrivals, "id exchange sha256 body enterprise branch interchange_id refusal total")) if wanted.arrivals else []
    known = {arrival.id for arrival in wanted.arrivals}
    interchanges = _ask(database, "lock_interchanges", ids=_texts([i for i in wanted.interchanges if i not in known]))
    feeds = _ask(database, "lock_feeds", enterprises=sorted(set(wanted.enterprises)))
    numbers = _lock_numbers(database, wanted)
    filing_numbers = _ask(database, "lock_filing_numbers", enterprises=sorted(set(wanted.filing_numbers)))
    held = Held(
        now=database.query("now")[0][0],
        inbox={(row[0], row[1]) for row in won_inbox},
        certificates={row[0]: certificate_from(row) for row in certificates},
        invoices={(row[0], row[1]) for row in won_invoices},
        amendments={row[0] for row in won_amendments},
        filings={row[0]: filing_from(row) for row in filings},
        subjects={(row[0], row[1], row[2]) for row in won_subjects},
        filing_numbers={(row[0], row[1]): row[2] for row in filing_numbers},
        arrivals={row[0] for row in arrived},
        interchanges={row[0]: Progress(*row) for row in interchanges},
        feeds={row[0]: row[1] for row in feeds},
        numbers=numbers,
    )
    for arrival in wanted.arrivals:
        if arrival.id in held.arrivals:
            held.interchanges[arrival.id] = Progress(
                arrival.id, arrival.enterprise, arrival.branch, arrival.interchange_id, arrival.sha256.hex(),
                arrival.total, arrival.total)
    old = [*(f"message:{row[0]}" for row in interchanges), *wanted.streams]
    held.streams = dict(_ask(database, "streams", streams=old))
    return held


def _lock_numbers(database: Database, wanted: Wanted) -> dict[tuple[str, str, int], int]:
    keys = sorted(set(wanted.numbers))
    if not keys:
        return {}
    rows = database.query("lock_numbers", enterprise=[k[0] for k in keys], letter=[k[1] for k in keys])
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def _ask(database: Database, name: str, **parameters: Sequence[Any]) -> list[Any]:
    """Run a query over arrays, unless they are empty."""
    return database.query(name, **parameters) if any(parameters.values()) else []


def write(database: Database, work: Work) -> None:
    """Everything the work collected, in one round trip: a statement per table, whatever the number of certificates."""
    statements = [
        database.quote(name, **_columns(rows, columns), now=work.now, owner=work.owner)
        for name, columns, rows in _inserts(work) if rows
    ]
    statements += [database.quote("insert_audit", **line, ) for line in _audit_lines(work)]
    if work.owner is None and work.outbox:
        statements.append(database.quote("wake_relay"))
    if statements:
        database.run(";\n".join(statements))


def _inserts(work: Work) -> list[tuple[str, str, list[tuple[Any, ...]]]]:
    """(query, columns, rows) in an order that satisfies the foreign keys: the table of what a batch writes."""
    moved = list(work.certificates.values())
    seen = work.held.certificates
    new = [c for c in moved if c.id not in seen]
    old = [c for c in moved if c.id in seen]
    old_ids = [(c.id,) for c in old]
    texts = work.texts
    return [
        ("update_interchanges", "id open accepted refused repeated",
         [(p.id, p.open, p.accepted, p.refused, p.repeated) for p in work.held.interchanges.values()]),
        ("insert_messages", "id interchange position enterprise message_id digest kind disposition certificate of_message",
         list(work.messages)),
        ("insert_certificates",
         "id enterprise branch type invoice message version revision state number approved_at head replaces replacing"
         " exporter consignee destination invoice_date amount currency signatory hs small",
         [(c.id, c.enterprise, c.branch, c.type, c.invoice, c.message, c.version, c.revision, c.state, c.number,
           c.approved_at, c.head, c.replaces, c.replacing, *_searchable(texts.get(c.id))) for c in new]),
        ("move_certificates", _MOVED, [(*_moved(c), seen[c.id].version) for c in old if c.id not in texts]),
        ("update_certificates",
         f"{_MOVED} exporter consignee destination invoice_date amount currency signatory hs small",
         [(*_moved(c), seen[c.id].version, *_searchable(texts[c.id])) for c in old if c.id in texts]),
        ("insert_receipts", "id stream sequence enterprise branch feed_no code correlation state body",
         [(r.id, r.stream, r.sequence, r.enterprise, r.branch, r.feed_no, r.code, r.message_id, r.state, body)
          for r, body in work.receipts]),
        ("insert_transitions",
         "certificate version revision source event state actor detail previous_hash hash receipt",
         [(t.certificate, t.version, t.revision, t.source, t.event, t.state, t.actor,
           json.dumps(t.detail, ensure_ascii=False), t.previous_hash, t.hash, receipt)
          for t, receipt in work.transitions]),
        ("delete_orders", "ids", old_ids),
        ("insert_orders", "certificate version stage patience", list(work.orders.values())),
        ("move_invoices", "original amendment", work.superseded),
        ("release_amendments", "ids",
         [(c.id,) for c in moved if c.replaces and (not c.lifecycle_state.holds_invoice or c.state == "ISSUED")]),
        ("release_invoices", "ids", [(c.id,) for c in moved if not c.lifecycle_state.holds_invoice]),
        ("delete_tasks", "ids", [*old_ids, *((f.id,) for f in work.filings.values() if f.id in work.held.filings)]),
        ("insert_documents", "certificate revision medium sha256 name size pages",
         [(c, revision, d.medium, bytes.fromhex(d.sha256), d.name, d.size, d.pages) for c, revision, d in work.documents]),
        ("insert_ledger", "enterprise letter year n number certificate", list(work.ledger)),
        ("update_numbers", "enterprise letter year last", [(*key, last) for key, last in work.held.numbers.items()]),
        ("update_feeds", "enterprise last", list(work.held.feeds.items())),
        ("insert_parked",
         "id key source exchange enterprise sha256 body certificate version stage error traceback fingerprint tries",
         list(work.parked)),
        ("mark_parked", "ids", [(row.certificate,) for row in work.parked if row.certificate]),
        ("mark_overdue", "ids", [(identity,) for identity in work.told_overdue]),
        ("forget_attempts", "keys", [(key,) for key in work.settled_attempts]),
        ("insert_outbox", "key kind receipt destination address repeat certificate version stage",
         [(r.key, r.kind, r.receipt, r.destination, r.address, r.repeat, r.certificate, r.version, r.stage)
          for r in work.all_rows()]),
        ("delete_outbox", "keys", [(key,) for key in work.sent]),
        *_filings(work),
        ("insert_tasks", "subject kind version branch enterprise type reasons deadline patience eyes senior",
         [task._replace(reasons=json.dumps(task.reasons, ensure_ascii=False)) for task in work.tasks.values()]),  # type: ignore[arg-type]
        *((query, columns, work.rows.get(query, [])) for query, columns in ROWS.items()),
    ]


_MOVED = "id branch type message version revision state number approved_at head seen"


def _moved(c: Certificate) -> tuple[Any, ...]:
    return c.id, c.branch, c.type, c.message, c.version, c.revision, c.state, c.number, c.approved_at, c.head


def _filings(work: Work) -> list[tuple[str, str, list[tuple[Any, ...]]]]:
    """The same of filings."""
    moved = list(work.filings.values())
    rows = [(f.id, f.kind, f.enterprise, f.branch, f.subject, f.number, f.message, f.version, f.revision, f.state, f.head,
             json.dumps(f.content, ensure_ascii=False), f.certificate_type, f.hs6, f.valid_to, f.replaces) for f in moved]
    new = [row for row in rows if row[0] not in work.held.filings]
    old = [(*row, work.held.filings[row[0]].version) for row in rows if row[0] in work.held.filings]
    return [
        ("insert_filings", _FILING, new),
        ("update_filings", f"{_FILING} seen", old),
        ("insert_filing_transitions",
         "filing version revision source event state actor detail previous_hash hash receipt",
         [(t.certificate, t.version, t.revision, t.source, t.event, t.state, t.actor,
           json.dumps(t.detail, ensure_ascii=False), t.previous_hash, t.hash, receipt)
          for t, receipt in work.filing_transitions]),
        ("release_filings", "ids", [(f.id,) for f in moved if not f.lifecycle_state.holds_invoice]),
        ("settle_changes", "ids", [(f.id,) for f in moved if f.replaces and f.state == "APPROVED"]),
        ("mark_overdue_filings", "ids", [(identity,) for identity in work.told_overdue_filings]),
        ("update_filing_numbers", "enterprise year last",
         [(*key, last) for key, last in work.held.filing_numbers.items()]),
    ]


_FILING = ("id kind enterprise branch subject number message version revision state head content certificate_type hs6 valid_to"
           " replaces")


def _audit_lines(work: Work) -> list[dict[str, Any]]:
    return [line | {"detail": json.dumps(line["detail"], ensure_ascii=False)} for line in work.audit]


def _searchable(texts: Texts | None) -> tuple[Any, ...]:
    if texts is None:
        return (None,) * 9
    return (texts.exporter, texts.consignee, texts.destination, texts.invoice_date, texts.amount, texts.currency, texts.signatory,
            texts.hs, texts.small)


def _columns(rows: Iterable[tuple[Any, ...]], names: str) -> dict[str, list[Any]]:
    """Rows as one array per column; UUIDs as text, which psycopg2 quotes faster."""
    columns = zip(*rows, strict=True)
    return {
        name: [str(value) if isinstance(value, UUID) else value for value in column]
        for name, column in zip(names.split(), columns, strict=True)
    }


def _texts(ids: Iterable[UUID]) -> list[str]:
    return sorted({str(identity) for identity in ids})


def certificate_from(row: Sequence[Any]) -> Certificate:
    """A certificate from the fourteen columns that `lock_certificates` selects."""
    return Certificate(
        id=row[0], enterprise=row[1], branch=row[2], type=row[3], invoice=row[4], message=row[5], version=row[6],
        revision=row[7], state=row[8], number=row[9], approved_at=row[10], head=bytes(row[11]),
        replaces=row[12], replacing=row[13],
    )


def filing_from(row: Sequence[Any]) -> Filing:
    """A filing from the columns that `lock_filings` selects."""
    return Filing(
        id=row[0], kind=row[1], enterprise=row[2], branch=row[3], subject=row[4], number=row[5], message=row[6],
        version=row[7], revision=row[8], state=row[9], head=bytes(row[10]), content=row[11], certificate_type=row[12],
        hs6=row[13], valid_to=row[14], replaces=row[15])

"""The demo: real samples through the real broker and database, in a database and under names of its own."""

import contextlib
import hashlib
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from console.sampler import BRANCHES, FAULTS, FIRMS, sample
from console.settings import NAMES, Settings
from console.wiring import STAGES
from domain.errors import DatabaseGone, Refusal
from messages.receipts import Receipt, read
from pipeline.rabbit import RabbitPublisher, declare, delete, drain
from pipeline.topology import Names, Topology, core, for_branch, for_enterprise
from pipeline.transport import Outgoing
from store import registry
from store.database import Database, masked
from store.migrate import migrate, pending

DATABASE = "coedi_demo"
PREFIX = "demo."
# receipt codes after which a submission needs nobody but, perhaps, a reviewer or its sender
ENDS = {"ISSUED": "issued", "RETURNED": "returned", "PENDING_REVIEW": "manual"}


@dataclass(frozen=True, slots=True)
class Submission:
    """One interchange of the demo: who sends it, what is in it, and whether it is a second copy of an earlier one."""

    exchange: str
    body: bytes
    note: str
    again: bool = False

    @property
    def sha256(self) -> str:
        """Its name in receipts."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(slots=True)
class Result:
    """What the demo found; the first twelve are the keys of `coedi demo --json`."""

    submitted: int = 0
    issued: int = 0
    returned: int = 0
    refused: int = 0
    manual: int = 0
    receipts: int = 0
    lost: int = 0
    duplicates: int = 0
    seconds: float = 0.0
    transport: str = ""
    database: str = ""
    documents: str = ""
    resent: int = 0
    receipts_folder: str = ""
    refusals: list[dict[str, str]] = field(default_factory=list)


def submissions(count: int, today: date, names: Names) -> list[Submission]:
    """`count` distinct submissions, every tenth faulty, some not readable or in conflict, and a few sent twice."""
    made = [_submission(number, today, names) for number in range(count)]
    twice = [replace(s, note="sent again", again=True) for s in made[5::20]]
    return made + twice


def _submission(number: int, today: date, names: Names) -> Submission:
    fault = FAULTS[number // 10 % len(FAULTS)] if number % 10 == 3 else None
    like = sample(number, today, tag="D", fault=fault)
    exchange = names.enterprise_exchange(like.firm.record.no)
    if number % 25 == 13:
        return Submission(exchange, like.body[: len(like.body) // 2], "cut off in the middle")
    if number % 25 == 20:
        earlier = sample(number - 6, today, tag="D")
        return Submission(exchange, like.body.replace(like.invoice.encode(), earlier.invoice.encode()), "an invoice number in use")
    if number % 25 == 21:
        return Submission(exchange, like.body.replace(b"</Created>", b"</Created>\n    <Test>true</Test>"), "test flag set")
    return Submission(exchange, like.body, fault or "clean")


def demo_settings(settings: Settings) -> Settings:
    """The demo's own database, names and folders beside those of `settings`."""
    parts = urlsplit(settings.database_url)
    home = settings.state_dir / "demo"
    return replace(
        settings, database_url=urlunsplit(parts._replace(path=f"/{DATABASE}")), prefix=PREFIX, state_dir=home,
        documents=home / "documents", policy="")


@contextlib.contextmanager
def one_at_a_time(settings: Settings) -> Iterator[Database]:
    """An administrative connection that only one demo can hold; raises Refusal when another runs."""
    server = _server(settings)
    if not server.run("select pg_try_advisory_lock(hashtext('coedi demo'))")[0][0]:
        raise Refusal("another demo is running on this database server; wait for it to end")
    try:
        yield server
    finally:
        server.close()


def _server(settings: Settings) -> Database:
    """The maintenance database of the server that COEDI_DATABASE_URL names."""
    server = Database(urlunsplit(urlsplit(settings.database_url)._replace(path="/postgres")), name="coedi demo")
    server.connect()
    return server


def prepare(own: Settings, server: Database) -> Topology:
    """An empty database with the sample register, and empty queues; what an earlier demo left behind is removed."""
    names = Names(own.prefix)
    _remove_old(own, server)
    server.run(f'create database "{DATABASE}"')
    for folder in ("documents", "receipts"):
        shutil.rmtree(own.state_dir / folder, ignore_errors=True)
    own.state_dir.mkdir(parents=True, exist_ok=True)
    database = Database(own.database_url)
    migrate(database)
    topology = core(names, STAGES)
    for branch in BRANCHES:
        registry.add_branch(database, branch)
        topology += for_branch(names, branch.code)
    for firm in FIRMS:
        queue = names.new_receipt_queue(firm.record.no)
        registry.add_enterprise(database, firm.record, names.enterprise_exchange(firm.record.no), queue)
        topology += for_enterprise(names, firm.record.no, queue)
    database.close()
    declare(own.amqp_url, topology)
    return topology


def _remove_old(own: Settings, server: Database) -> None:
    names, old = Names(own.prefix), core(Names(own.prefix), STAGES)
    with contextlib.suppress(DatabaseGone):  # there was no demo yet
        database = Database(own.database_url)
        if not pending(database):
            for partner in registry.partners(database):
                old += for_enterprise(names, partner.no, partner.receipt_queue)
            for branch in registry.branches(database):
                old += for_branch(names, branch.code)
        database.close()
    delete(own.amqp_url, old)
    server.run(f'drop database if exists "{DATABASE}" with (force)')


@contextlib.contextmanager
def pipeline(own: Settings, environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """`coedi up` for the demo; ended with this block, whatever happens."""
    values = {NAMES[name][0]: str(getattr(own, name)) for name in NAMES}
    with (own.state_dir / "up.log").open("wb") as log:
        up = subprocess.Popen(
            [sys.executable, "-m", "console", "up"], env=environment | values, stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            yield up
        finally:
            up.terminate()
            up.wait()


def publish(own: Settings, todo: list[Submission]) -> None:
    """Send everything with confirms; raises Refusal when the broker did not take it."""
    publisher = RabbitPublisher(own.amqp_url)
    try:
        outcome = publisher.publish(
            [Outgoing(number, s.exchange, "", s.body, f"demo-{number}", "interchange", datetime.now(UTC))
             for number, s in enumerate(todo)], 60)
    finally:
        publisher.close()
    if outcome.unsent:
        raise Refusal(f"the broker did not confirm {len(outcome.unsent)} of {len(todo)} submissions")


def watch(
    own: Settings, todo: list[Submission], up: "subprocess.Popen[bytes]", told: Callable[[int], None], seconds: float = 180
) -> None:
    """Wait until every submission has its answer and every receipt has left, telling how many are done."""
    database, deadline = Database(own.database_url), time.monotonic() + seconds
    wanted = {bytes.fromhex(s.sha256) for s in todo if not s.again}
    repeats = sum(1 for s in todo if s.again)
    while time.monotonic() < deadline and up.poll() is None:
        answered = database.query("demo_answered", sha256=list(wanted))[0][0]
        told(answered)
        if answered >= len(wanted) and database.query("demo_unsent")[0][0] == 0:
            break
        time.sleep(0.1)
    if up.poll() is not None:
        raise Refusal(f"the pipeline ended with code {up.returncode}; its log: {own.state_dir / 'up.log'}")
    if repeats:
        time.sleep(0.5)  # the answers to second copies make no new state that could be waited for
    database.close()


def collect(own: Settings, topology: Topology) -> list[Receipt]:
    """Take every enterprise's receipts from its queue and write them as files, one an enterprise and number."""
    database, found = Database(own.database_url), []
    for partner in registry.partners(database):
        folder = own.state_dir / "receipts" / partner.no
        folder.mkdir(parents=True, exist_ok=True)
        for delivery in drain(own.amqp_url, partner.receipt_queue, 100_000, 0.3):
            receipt = read(delivery.body)
            (folder / f"{receipt.feed_no:06d}-{receipt.code}.xml").write_bytes(delivery.body)
            found.append(receipt)
    database.close()
    return found


def judge(todo: list[Submission], receipts: list[Receipt], own: Settings, seconds: float) -> Result:
    """What became of each submission, told by the receipts alone; the database is asked only for second certificates."""
    ends: dict[str, str] = {}
    refusals = []
    once = {receipt.id: receipt for receipt in receipts}  # second copies repeat a receipt
    for receipt in sorted(once.values(), key=lambda r: (r.enterprise, r.feed_no)):
        end = ENDS.get(receipt.code) or ("refused" if receipt.findings and receipt.certificate is None else None)
        if end and receipt.delivery_sha256:
            ends[receipt.delivery_sha256] = end
            if end in ("refused", "returned", "manual"):
                refusals.append(_refusal(receipt, end))
    distinct = [s for s in todo if not s.again]
    counts = Counter(ends.get(s.sha256, "lost") for s in distinct)
    database = Database(own.database_url)
    duplicates = database.query("demo_duplicates")[0][0]
    database.close()
    return Result(
        submitted=len(distinct), issued=counts["issued"], returned=counts["returned"], refused=counts["refused"],
        manual=counts["manual"], receipts=len(receipts), lost=counts["lost"], duplicates=duplicates, seconds=round(seconds, 2),
        transport="rabbitmq", database=masked(own.database_url), documents=str(own.documents),
        resent=len(todo) - len(distinct), receipts_folder=str(own.state_dir / "receipts"), refusals=refusals)


def _refusal(receipt: Receipt, end: str) -> dict[str, str]:
    """Why a submission was not issued: its findings, or the reasons for which a person has to decide."""
    reasons = [reason.partition(": ") for reason in receipt.reasons]
    codes = [finding.code for finding in receipt.findings] or [code for code, _, _ in reasons]
    texts = [f"{finding.zh} / {finding.en}" for finding in receipt.findings] or [text for _, _, text in reasons]
    return {
        "end": end, "enterprise": receipt.enterprise, "invoice": receipt.invoice or "-",
        "codes": " ".join(dict.fromkeys(codes)), "why": texts[0] if texts else f"{receipt.zh} / {receipt.en}"}


def evidence(result: Result) -> list[Path]:
    """The finished PDFs."""
    return sorted(Path(result.documents).rglob("*.pdf"))


def as_json(result: Result) -> dict[str, Any]:
    """The document of `coedi demo --json`."""
    from dataclasses import asdict

    return asdict(result)

"""Sample messages of every kind about a certificate: each is answered by exactly the receipts that stand beside it."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from gateway.intake import Intake
from messages.receipts import Receipt, read
from pipeline.effects import finish
from tests.desk import Desk, make_desk
from tests.samples.kinds import SAMPLES, expected, files
from tests.services import make_world
from tests.trade import void

pytestmark = pytest.mark.database
FOLDERS = ("amendment", "withdrawal", "review_decision", "void", "status_enquiry", "receipt_resend", "print_report", "local_print",
           "unknown_kind")
MOVING = {"amendment", "withdrawal", "review_decision", "void"}  # their good samples change a certificate
WRITTEN = date(2026, 11, 16)  # the day of the samples
GOOD = SAMPLES / "application" / "good"
BAD = [file for folder in FOLDERS for file in files(folder, "bad")]
HARMLESS = [file for folder in FOLDERS if folder not in MOVING for file in files(folder, "good")]
ONCE = [file for folder in FOLDERS if folder in MOVING for file in files(folder, "good")]
STANDING = [
    ("GW26-0933", "ISSUED", 1), ("HL2026-1150", "VOID", 1), ("HL2026-1187", "ISSUED", 1), ("HL2026-1201", "PENDING_REVIEW", 1)]


def name(file: Path) -> str:
    return f"{file.parent.parent.name}-{file.stem}"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, template: str) -> Iterator[Desk]:
    """One system for all samples that change no certificate."""
    for world in make_world(tmp_path_factory.mktemp("shared"), template, with_broker=False):
        desk = make_desk(world)
        prepare(desk)
        yield desk
        desk.session.database.close()
        desk.owner.close()


def prepare(desk: Desk) -> None:
    """The system that tests/samples/amendment/README.md describes."""
    pumps = GOOD / "one-line-pumps-to-germany.xml"
    send(desk, todays(desk, pumps))
    send(desk, other(todays(desk, pumps), "HL2026-1150"))
    send(desk, void(f"{year(desk)}C1100A0017/00002", "B0-OLD-1", reason="issued twice"))
    swiss = b"<OriginCountry>CN</OriginCountry>", b"<OriginCountry>CH</OriginCountry>"
    send(desk, other(todays(desk, pumps), "HL2026-1201").replace(*swiss))
    send(desk, todays(desk, GOOD / "bulk-steel-bars-to-kenya.xml"))
    desk.owner.run("""insert into form_serial (branch, stock, serial, status, certificate, actor, at)
        select '1100B0', 'CO', 'C260031870', 'used', id, 'operator:x', clock_timestamp() from certificate
        where invoice = 'HL2026-1150'""")


def other(pumps: bytes, invoice: str) -> bytes:
    """The same goods on another invoice."""
    return pumps.replace(b"HL2026-1187", invoice.encode()).replace(b"HL-CO-", f"{invoice}-".encode())


def today_of(desk: Desk) -> date:
    """The database's business date: samples are dated, and it has a day of its own."""
    ((day,),) = desk.query("select (now() at time zone 'Asia/Shanghai')::date")
    assert isinstance(day, date)
    return day


def year(desk: Desk) -> str:
    return f"{today_of(desk):%y}"


def todays(desk: Desk, file: Path) -> bytes:
    """A sample as if it had been written today."""
    today = today_of(desk)

    def shifted(found: re.Match[str]) -> str:
        return (today + (date.fromisoformat(found[0]) - WRITTEN)).isoformat()

    text = re.sub(r"2026-11-\d\d(?=[<T])", shifted, file.read_text(encoding="utf-8"))
    return re.sub(r"26(?=C\d{4}[A-Z]\d{4}/)", f"{today:%y}", text).encode()


def send(desk: Desk, body: bytes) -> None:
    """Deliver it through the exchange of whom it names; what came too early waits until its time has run out."""
    sender = re.findall(rb"<Sender>(\w+)</Sender>", body)[0].decode()
    names = desk.world.names
    desk.deliver(body, exchange=names.branch_exchange(sender) if len(sender) == 6 else names.enterprise_exchange(sender))
    desk.owner.run("update early_message set retry_at = clock_timestamp(), expires_at = clock_timestamp()")
    intake = Intake(desk.session)
    ahead = intake.due()
    while ahead:
        done = intake.commit(ahead)
        finish(desk.session, done.waiting)
        ahead = done.rest


def answers(desk: Desk, file: Path) -> list[tuple[str, str, str]]:
    """What is expected of a sample, as it came: (message id, receipt code, path of the first finding that refuses)."""
    ids = list(dict.fromkeys(message for message, _, _ in expected(file)))
    rows = desk.query("select correlation, body from receipt where correlation = any(%s) order by feed_no", ids)
    receipts = [(row[0], read(bytes(row[1]))) for row in rows]
    return [(message, receipt.code, place(receipt)) for message, receipt in receipts]


def place(receipt: Receipt) -> str:
    return next((finding.path or "-" for finding in receipt.findings if finding.severity == "reject"), "-")


def standing(desk: Desk) -> list[tuple[object, ...]]:
    return [tuple(row) for row in desk.query(
        "select invoice, state, revision from certificate where replaces is null order by invoice")]


@pytest.mark.parametrize("file", BAD, ids=name)
def test_a_bad_sample_is_refused_with_its_code_and_changes_nothing(shared: Desk, file: Path) -> None:
    send(shared, todays(shared, file))
    assert answers(shared, file) == expected(file)
    assert standing(shared) == STANDING
    ((body,),) = shared.query("select body from receipt where correlation = %s order by feed_no desc limit 1", expected(file)[0][0])
    for finding in read(bytes(body)).findings:
        assert finding.zh and finding.en and finding.remedy and finding.line


@pytest.mark.parametrize("file", HARMLESS, ids=name)
def test_a_good_sample_that_only_asks_is_answered(shared: Desk, file: Path) -> None:
    send(shared, todays(shared, file))
    assert answers(shared, file) == expected(file)
    assert standing(shared) == STANDING


@pytest.mark.parametrize("file", ONCE, ids=name)
def test_a_good_sample_that_moves_a_certificate_is_done(desk: Desk, file: Path) -> None:
    prepare(desk)
    send(desk, todays(desk, file))
    assert answers(desk, file) == expected(file)
    made = desk.query("select state from certificate where replaces is not null")
    assert made or standing(desk) != STANDING


def test_the_neighbours_of_an_unknown_kind_are_handled_in_their_order(shared: Desk) -> None:
    [file] = files("unknown_kind", "good")
    send(shared, todays(shared, file))
    [row] = shared.query("select total, accepted, refused, open from interchange where interchange_id = %s", "HL-UK-20261116-01")
    assert tuple(row) == (3, 2, 1, 0)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_index_names_every_sample_with_its_receipts(folder: str) -> None:
    text = (SAMPLES / folder / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `((?:good|bad)/[^`]+)` \| [^|]+ \| ([A-Z_; ]+) \|$", text, re.M)
    given = {}
    for file in files(folder, "good") + files(folder, "bad"):
        by_message: dict[str, list[str]] = {}
        for message, code, _ in expected(file):
            by_message.setdefault(message, []).append(code)
        given[f"{file.parent.name}/{file.name}"] = "; ".join(" ".join(codes) for codes in by_message.values())
    assert dict(rows) == given
    assert len(rows) == len(given)

"""Sample messages about filings: each is answered by exactly the receipts that stand beside it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import goods_checks
from messages.receipts import read
from tests.desk import Desk, make_desk
from tests.filing_messages import decision, form_e, goods, registration
from tests.samples.kinds import SAMPLES, expected, files
from tests.services import World

pytestmark = pytest.mark.database
FOLDERS = ("goods_filing", "goods_filing_decision", "registration", "registration_decision")
FILES = [file for folder in FOLDERS for part in ("good", "bad") for file in files(folder, part)]
SHOWN_ID = b"01975a3e-5c1d-7d40-9d2e-6b1f0a4c8e21"  # what the samples of decisions name


@pytest.fixture
def place(stored: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    known = goods_checks.type_of
    monkeypatch.setattr(goods_checks, "type_of", lambda code: form_e() if code == "FORME2" else known(code))
    desk = make_desk(stored)
    yield desk
    desk.owner.close()
    desk.session.database.close()


def send(desk: Desk, body: bytes) -> None:
    sender = re.findall(rb"<Sender>(\w+)</Sender>", body)[0].decode()
    names = desk.world.names
    desk.deliver(body, exchange=names.branch_exchange(sender) if len(sender) == 6 else names.enterprise_exchange(sender))


def prepare(desk: Desk, file: Path) -> bytes:
    """What the sample is about stands there; the sample, with the id and year that it has here."""
    folder, body = file.parent.parent.name, file.read_bytes()
    if folder == "registration_decision":
        codes = "<CustomsCodes><CustomsCode><Code>1101960017</Code></CustomsCode></CustomsCodes>"
        send(desk, registration("P-1", more=codes))
    elif folder != "registration":
        send(desk, goods("P-1"))
    rows = desk.query("select id, number from filing")
    if folder == "goods_filing":
        send(desk, decision("P-2", rows[0][0], 2))
        rows = desk.query("select id, number from filing")
        body = body.replace(b"F26-1100A0017-0001", rows[0][1].encode())
    return body.replace(SHOWN_ID, str(rows[0][0]).encode()) if rows else body


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}-{file.parent.name}-{file.stem}")
def test_a_sample_is_answered_as_it_says(place: Desk, file: Path) -> None:
    send(place, prepare(place, file))
    [message] = {one for one, _, _ in expected(file)}
    rows = place.query("select enterprise, body from receipt where correlation = %s", message)
    receipts = [read(bytes(row[1])) for row in rows]
    found = sorted((one.code, next((f.path or "-" for f in one.findings if f.severity == "reject"), "-")) for one in receipts
                   if one.event not in ("approve", "return", "withdraw") or one.code.endswith("RETURNED"))
    moved = {"GOODS_APPROVED", "GOODS_WITHDRAWN", "REGISTRATION_REGISTERED"}  # these answer the filing's own message
    assert [one for one in found if one[0] not in moved] == sorted((code, path) for _, code, path in expected(file))
    for receipt in receipts:
        assert all(finding.zh and finding.en and finding.remedy and finding.line for finding in receipt.findings)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_index_names_every_sample(folder: str) -> None:
    text = (SAMPLES / folder / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `((?:good|bad)/[^`]+\.xml)` \| [^|]+ \|", text, re.M)
    assert listed == [f"{part}/{file.name}" for part in ("good", "bad") for file in files(folder, part)]

"""Following what was sent: a message that makes no certificate of its own is done when it has its answer."""

import hashlib

import pytest

from console.following import DONE, REFUSED, Followed, look
from tests.desk import Desk, clean
from tests.trade import BRANCH, give_branch_an_exchange, interchange, void

pytestmark = pytest.mark.database


def followed(desk: Desk, body: bytes, exchange: str) -> list[Followed]:
    desk.deliver(body, exchange=exchange)
    digest = hashlib.sha256(body).hexdigest()
    delivered = look(desk.owner, exchange, [digest])[digest]
    assert delivered.done
    return list(delivered.messages)


def test_what_is_answered_is_done_and_what_is_refused_is_not(desk: Desk) -> None:
    desk.deliver(clean())
    [(number, invoice)] = desk.query("select number, invoice from certificate")
    asked = "".join(
        f"<StatusEnquiry><MessageId>Q-{at}</MessageId><Certificate><CertificateNo>{one}</CertificateNo></Certificate></StatusEnquiry>"
        for at, one in enumerate((number, "26C0/1")))
    done, refused = followed(desk, interchange("Q", clean().firm.record.no, asked), desk.exchange())
    assert (done.state, done.invoice, done.certificate_no) == (DONE, invoice, number)
    assert refused.state == REFUSED


def test_a_void_is_done_although_its_certificate_is_void(desk: Desk) -> None:
    desk.deliver(clean())
    [(number,)] = desk.query("select number from certificate")
    exchange = give_branch_an_exchange(desk)
    [done] = followed(desk, void(number), exchange)
    assert done.state == DONE
    [again] = followed(desk, void(number).replace(b"I-V-1", b"I-V-1-again"), exchange)
    assert again.state == DONE  # a repetition shares the fate of the first
    assert desk.query("select disposition from message where enterprise = %s order by position, id", BRANCH) == [
        ("done",), ("repeated",)]

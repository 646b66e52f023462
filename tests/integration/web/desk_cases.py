"""What the tests of the review desk begin with: certificates that wait for a person, and the hostile text that stands in them."""

import re
from typing import Any

from console.sampler import SEVERAL, Sample
from tests.desk import Desk, clean
from tests.filing_messages import base64_of, png
from tests.scene import changed, ours, rifles
from tests.trade import amendment

HOSTILE = "<script>alert(1)</script> {{ 7*7 }} {% raw %} ' or 1=1 --"
TURNED = "\u202eGNINRUT \u05e9\u05dc\u05d5\u05dd \U0001f600"


def referred(number: int = 0) -> Sample:
    """Sample `number` of 1100B0 whose exporter box names an intermediary: a person looks at it."""
    return clean(ours(number), fault="intermediary")


def waiting(desk: Desk, sample: Sample) -> tuple[str, int]:
    """Deliver it; id and version of what waits for a person now."""
    desk.deliver(sample)
    return standing(desk, sample.invoice, "PENDING_REVIEW")


def standing(desk: Desk, invoice: str, state: str) -> tuple[str, int]:
    """Id and version of the newest certificate with this invoice, which is in this state."""
    rows = desk.query("select id::text, version, state from certificate where invoice = %s order by id desc limit 1", invoice)
    assert rows, f"no certificate {invoice}"
    assert rows[0][2] == state
    return rows[0][0], rows[0][1]


def on_hostile(desk: Desk, number: int = 0) -> str:
    """Id of one whose texts try everything that a page could fall for; rules send it back."""

    def said(text: str) -> str:
        text = re.sub(r"(<Consignee>\s*<Name>)[^<]*", rf"\1{escaped(HOSTILE)}", text)
        return text.replace("<Marks>", f"<Marks>{TURNED}\n")

    sample = changed(referred(number), said)
    desk.deliver(sample)
    return standing(desk, sample.invoice, "RETURNED")[0]


def escaped(text: str) -> str:
    """As it stands in XML; a backslash would mean something to re.sub."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def long_one(number: int = 0, lines: int = 60) -> Sample:
    """One with so many goods lines."""

    def said(text: str) -> str:
        line = re.search(r"      <Line>.*?</Line>\n", text, re.DOTALL)
        assert line
        head, _, rest = text.partition("<Goods>\n")
        many = "".join(line[0].replace(" OF ", f" OF MODEL {at:03d} ", 1) for at in range(lines))
        return f"{head}<Goods>\n{many}{rest[rest.index('    </Goods>'):]}"

    return changed(referred(number), said)


def with_picture(number: int, content: str) -> Sample:
    """One with a picture among its marks."""
    picture = f"<Pictures><Picture><Title>LOGO</Title><Content>{content}</Content></Picture></Pictures>"

    def said(text: str) -> str:
        text = text.replace("<Marks>", "<Marks>SEE ATTACHMENT\n")
        return text.replace("  </CertificateApplication>", f"    {picture}\n  </CertificateApplication>")

    return changed(referred(number), said)


def a_picture() -> str:
    """A small PNG in base64."""
    return base64_of(png(60, 40))


def second_revision(desk: Desk, number: int = 0) -> tuple[str, int]:
    """Returned by the rules, sent again with corrections, and waiting for a person."""
    desk.deliver(clean(ours(number), fault=SEVERAL))
    again = referred(number)
    return waiting(desk, Sample(again.firm, "AGAIN", again.invoice, again.body.replace(again.message_id.encode(), b"AGAIN"), None))


def amending(desk: Desk, number: int = 0) -> tuple[str, str, str]:
    """Id of an amendment that waits, id and number of its original."""
    like = clean(ours(number))
    desk.deliver(like)
    [(original, certificate_no)] = desk.query("select id::text, number from certificate where invoice = %s", like.invoice)
    change = "CO., LTD.</Name>", "CO., LTD. VIA GOLDEN STRAIT TRADING LIMITED</Name>"
    body = amendment(like, "AMEND", certificate_no, 1, change=change)
    desk.deliver(body, exchange=desk.world.names.enterprise_exchange(like.firm.record.no))
    return standing(desk, like.invoice, "PENDING_REVIEW")[0], original, certificate_no


def for_two(desk: Desk, number: int = 0) -> tuple[str, int]:
    """One that two persons have to approve."""
    return waiting(desk, changed(clean(ours(number)), rifles))


def claimed(visitor: Any, identity: str) -> int:
    """Claim it as this visitor; the token."""
    answer = visitor.ask(f"/desk/{identity}/claim", {})
    assert answer.status_code == 200, answer.text
    token = answer.json()["token"]
    assert isinstance(token, int)
    return token

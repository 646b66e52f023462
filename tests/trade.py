"""Messages about certificates, made for tests: amendments, decisions of a branch, and what a desk has received."""

from datetime import datetime

from console.sampler import Sample
from store.work import SHANGHAI
from tests.desk import Desk

BRANCH = "1100B0"
_ENVELOPE = """<Interchange xmlns="urn:coedi:message:1"><Header><InterchangeId>I-{id}</InterchangeId><Sender>{sender}</Sender>
<Branch>1100B0</Branch><Created>2026-11-16T09:00:00+08:00</Created></Header>{message}</Interchange>"""


def interchange(message_id: str, sender: str, message: str) -> bytes:
    """One message in an envelope of its own."""
    return _ENVELOPE.format(id=message_id, sender=sender, message=message).encode()


def amendment(
    like: Sample, message_id: str, number: str, revision: int, *, kind: str = "AMEND", change: tuple[str, str] = ("", "")
) -> bytes:
    """The content of a sample as an amendment of the certificate `number`, with one text replaced."""
    text = like.body.decode().replace(*change) if change[0] else like.body.decode()
    head, _, rest = text.partition("</MessageId>")
    said = f"""<Amendment><Kind>{kind}</Kind><OriginalNo>{number}</OriginalNo>
<OriginalDate>{datetime.now(SHANGHAI).date()}</OriginalDate><Revision>{revision}</Revision>
<Reason>consignee moved</Reason></Amendment>"""
    opened = head[: head.rindex("<MessageId>")] + f"<MessageId>{message_id}"
    opened = opened.replace("<InterchangeId>", f"<InterchangeId>{message_id}-")
    return (opened + "</MessageId>" + said + rest).replace("CertificateApplication>", "CertificateAmendment>").encode()


def void(number: str, message_id: str = "V-1", sender: str = BRANCH, reason: str = "issued by mistake") -> bytes:
    """A branch voids a certificate."""
    return interchange(message_id, sender, f"""<CertificateVoid><MessageId>{message_id}</MessageId><Certificate>
<CertificateNo>{number}</CertificateNo></Certificate><Reason>{reason}</Reason></CertificateVoid>""")


def review(
    invoice: str, enterprise: str, version: int, decision: str = "APPROVE", message_id: str = "R-1", reason: str = ""
) -> bytes:
    """A branch decides on a certificate that waits for review."""
    return interchange(message_id, BRANCH, f"""<ReviewDecision><MessageId>{message_id}</MessageId><Certificate>
<RegistrationNo>{enterprise}</RegistrationNo><InvoiceNo>{invoice}</InvoiceNo></Certificate><Version>{version}</Version>
<Decision>{decision}</Decision><Reason>{reason}</Reason></ReviewDecision>""")


def codes(desk: Desk, correlation: str) -> list[str]:
    """Codes of the receipts that answer a message, in the order of their feed."""
    rows = desk.query("select code from receipt where correlation = %s order by at, feed_no", correlation)
    return [row[0] for row in rows]


def give_branch_an_exchange(desk: Desk) -> str:
    """The exchange of the branch, on file as `coedi branch add` puts it there."""
    exchange = f"{desk.world.names.prefix}in.branch.{BRANCH}"
    desk.owner.run("update branch set exchange = %s where code = %s", (exchange, BRANCH))
    desk.owner.run("insert into feed_counter (enterprise) values (%s) on conflict do nothing", (BRANCH,))
    return exchange

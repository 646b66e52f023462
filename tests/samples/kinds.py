"""The sample messages of each kind: where they lie, and what is expected of them."""

from pathlib import Path

SAMPLES = Path(__file__).parent
# kind of message -> folder of its samples
FOLDERS = {
    "CertificateApplication": "application", "CertificateAmendment": "amendment", "Withdrawal": "withdrawal",
    "ReviewDecision": "review_decision", "CertificateVoid": "void", "StatusEnquiry": "status_enquiry",
    "ReceiptResendRequest": "receipt_resend", "PrintReport": "print_report", "LocalPrintRequest": "local_print",
    "GoodsFiling": "goods_filing", "GoodsFilingDecision": "goods_filing_decision", "Registration": "registration",
    "RegistrationDecision": "registration_decision",
}
UNKNOWN = "unknown_kind"  # and one folder for messages of no kind that coedi knows


def files(folder: str, part: str) -> list[Path]:
    """The samples of a folder; part: "good" or "bad"."""
    return sorted((SAMPLES / folder / part).glob("*.xml"))


def expected(file: Path) -> list[tuple[str, str, str]]:
    """(message id, receipt code, path of the finding or "-") of every receipt to the messages of a file, in order."""
    lines = file.with_suffix(".expected").read_text(encoding="utf-8").splitlines()
    return [(message, code, path) for message, code, path in (line.split() for line in lines)]

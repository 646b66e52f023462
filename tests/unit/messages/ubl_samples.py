"""Certificates to export: the good sample applications, and one that uses every field a form prints."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from domain.application import Amendment, Applicant, Application, GoodsLine, Invoice, Party, Picture, Transport
from domain.branch import Branch
from domain.certificate import Certificate
from messages.application import extract
from messages.interchange import Interchange, read
from messages.parsing import parse
from messages.ubl_export import certificate_of_origin

SAMPLES = Path(__file__).parents[2] / "samples"
GOOD = sorted((SAMPLES / "application" / "good").glob("*.xml"))
BRANCH = Branch("1100B0", "北京市分会", "BEIJING SUB-COUNCIL", "BEIJING, CHINA", "NO. 1 EXAMPLE STREET, TEL. 010-00000000")
NUMBER = "26C1100A0017/00001"

FULL = Application(
    message_id="M1", certificate_type="FORME2",
    applicant=Applicant("1100A0017", "1100B0", "北京某公司", "SOME COMPANY LTD.", "1101960017", "01", "李文博", True),
    exporter=Party("SOME COMPANY LTD.", "NO. 5 ROAD\nBEIJING 100000", "CN"),
    consignee=Party("A BUYER PT", "JALAN 1, JAKARTA", "ID"),
    transport=Transport("TIANJIN, CHINA", "JAKARTA, INDONESIA", "SINGAPORE", "SEA", "EVER GLADE V.0132S", "2026-11-20"),
    destination="INDONESIA", official_use="SEEN", marks="A BUYER\nC/NO. 1-100",
    goods=(
        GoodsLine("ONE HUNDRED (100) CARTONS OF PUMPS", "841370", "200", "PCS", "100", "CARTONS", "PACKED", "1250.5", "1100", "CN",
                  "RVC", "1", "45", "RVC", "9800.00", "GF-1", "PUMP WORKS LTD.", "casting"),
        GoodsLine("SCRAP IRON IN BULK", "720429", "20", "TNE", packing="BULK", gross_weight="20000", origin_country="CN",
                  criterion="WO", item_no="2", fob_value="200.00"),
    ),
    goods_total="TOTAL: ONE HUNDRED (100) CARTONS AND BULK", goods_note="L/C NO. 77",
    invoices=(Invoice("INV-1", "2026-11-10", "9000.00", "USD"), Invoice("INV-2", "2026-11-11", "1000.00", "USD", "SG")),
    application_place="BEIJING, CHINA", application_date="2026-11-16", exit_customs="TIANJIN CUSTOMS",
    export_declaration="020220261234567890", signing_point="1100B1", remarks="for the reviewer", local_print=True, print_seal=True,
    producer=Party("SEE BOX 7", "", ""), form_remarks="IN REPLACEMENT", endorsement="ISSUED RETROACTIVELY", retrospective=True,
    non_party_invoice=True, operator=Party("A TRADER PTE LTD", "RAFFLES QUAY 1", "SG"), exhibition=True, movement_certificate=True,
    back_to_back=True, pictures=(Picture("mark", "iVBORw0KGgo="),), linked_document="none",
    amendment=Amendment("AMEND", "26E1100A0017/00007", "2026-10-01", "2", "a wrong weight"),
)


def applications(file: Path) -> list[Application]:
    """The applications in a sample file."""
    interchange = read(parse(file.read_bytes()))  # type: ignore[arg-type] # the samples are good
    assert isinstance(interchange, Interchange)
    return [extract(message.element) for message in interchange.messages]


ALL = [*(application for file in GOOD for application in applications(file)), FULL]


def issued(application: Application, state: str = "ISSUED") -> Certificate:
    """The certificate of this application, approved in the evening of 16 November in UTC: the 17th in Shanghai."""
    return Certificate(
        UUID(int=1), application.applicant.registration_no, "1100B0", application.certificate_type, application.invoice_key,
        UUID(int=2), state=state, number=NUMBER, approved_at=datetime(2026, 11, 16, 17, 30, tzinfo=UTC))


def exported(application: Application, *replaced: str) -> bytes:
    """The document of an issued certificate with this content."""
    return certificate_of_origin(issued(application), application, BRANCH, replaced)


def what_is_exported(application: Application) -> Application:
    """The application without what an export leaves out: the sender's id, what is for the reviewer, and how it is printed."""
    return replace(
        application, message_id="", remarks="", local_print=False, print_seal=False, linked_document="",
        applicant=replace(application.applicant, small_enterprise=False),
        goods=tuple(replace(line, processing="") for line in application.goods))


def texts(value: object) -> Iterator[str]:
    """Every text in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from texts(part)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))

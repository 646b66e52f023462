"""Which fields are printed on the certificate, where they stand in the message, and in which box of the form."""

from collections.abc import Iterator

from domain.application import Application


def printed_text(application: Application) -> str:
    """Everything that is printed as sent, joined by blanks: the quick question before `printed_fields` is asked."""
    exporter, consignee, transport = application.exporter, application.consignee, application.transport
    return " ".join([
        exporter.name, exporter.address, consignee.name, consignee.address, transport.origin, transport.destination,
        transport.via, transport.vehicle, application.destination, application.marks, application.goods_total,
        application.goods_note, *[line.description for line in application.goods],
        *[invoice.number for invoice in application.invoices],
    ])  # fmt: skip


def printed_fields(application: Application) -> Iterator[tuple[str, str, str]]:
    """The same fields one by one: relative path, printed box number, text."""
    exporter, consignee, transport = application.exporter, application.consignee, application.transport
    yield "Exporter/Name", "1", exporter.name
    yield "Exporter/Address", "1", exporter.address
    yield "Consignee/Name", "2", consignee.name
    yield "Consignee/Address", "2", consignee.address
    yield "Transport/Origin", "3", transport.origin
    yield "Transport/Destination", "3", transport.destination
    yield "Transport/Via", "3", transport.via
    yield "Transport/Vehicle", "3", transport.vehicle
    yield "Destination", "4", application.destination
    yield "Marks", "6", application.marks
    for position, line in enumerate(application.goods, 1):
        yield f"Goods/Line[{position}]/Description", "7", line.description
    yield "Goods/Total", "7", application.goods_total
    yield "Goods/Note", "7", application.goods_note
    for position, invoice in enumerate(application.invoices, 1):
        yield f"Invoices/Invoice[{position}]/Number", "10", invoice.number

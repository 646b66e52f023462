"""Which fields are printed on the certificate, where they stand in the message, and as what the form shows them."""

from collections.abc import Iterator

from domain.application import Application


def printed_text(application: Application) -> str:
    """Everything that is printed as sent, joined by blanks: the quick question before `printed_fields` is asked."""
    exporter, consignee, transport = application.exporter, application.consignee, application.transport
    return " ".join([
        exporter.name, exporter.address, consignee.name, consignee.address, transport.origin, transport.destination,
        transport.via, transport.vehicle, application.destination, application.marks, application.goods_total,
        application.goods_note, *[line.description for line in application.goods],
        *[invoice.number for invoice in application.invoices], application.producer.name, application.producer.address,
        application.form_remarks, application.endorsement, application.operator.name, application.operator.address,
        *([line.producer for line in application.goods] if application.producer.name else ()),
    ])  # fmt: skip


def printed_fields(application: Application) -> Iterator[tuple[str, str, str]]:
    """The same fields one by one: relative path, field of the form, text."""
    exporter, consignee, transport = application.exporter, application.consignee, application.transport
    yield "Exporter/Name", "exporter", exporter.name
    yield "Exporter/Address", "exporter", exporter.address
    yield "Consignee/Name", "consignee", consignee.name
    yield "Consignee/Address", "consignee", consignee.address
    yield "Transport/Origin", "transport", transport.origin
    yield "Transport/Destination", "transport", transport.destination
    yield "Transport/Via", "transport", transport.via
    yield "Transport/Vehicle", "transport", transport.vehicle
    yield "Destination", "destination", application.destination
    yield "Marks", "marks", application.marks
    for position, line in enumerate(application.goods, 1):
        yield f"Goods/Line[{position}]/Description", "description", line.description
    yield "Goods/Total", "description", application.goods_total
    yield "Goods/Note", "description", application.goods_note
    for position, invoice in enumerate(application.invoices, 1):
        yield f"Invoices/Invoice[{position}]/Number", "invoices", invoice.number
    yield from _of_agreements(application)


def _of_agreements(application: Application) -> Iterator[tuple[str, str, str]]:
    """What only preferential forms have: producer, remarks, endorsement, and who issued the invoice."""
    producer, operator = application.producer, application.operator
    if producer.name:
        yield "Producer/Name", "producer", producer.name
        yield "Producer/Address", "producer", producer.address
        for position, line in enumerate(application.goods, 1):
            yield f"Goods/Line[{position}]/Producer", "description", line.producer
    if application.form_remarks:
        yield "FormRemarks", "remarks", application.form_remarks
    if application.endorsement:
        yield "Endorsement", "remarks", application.endorsement
    if operator.name:
        yield "Operator/Name", "remarks", operator.name
        yield "Operator/Address", "remarks", operator.address

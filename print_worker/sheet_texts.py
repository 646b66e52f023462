"""What the boxes say that stand once on a certificate: parties, route, invoices, remarks, declaration, certification."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from domain.application import Invoice, Party
from print_worker.printed_words import MODES, country_name, names_country, printed_date, printed_date_of
from print_worker.sheet import Sheet
from schemas.certificate_types import CertificateType


def exporter(sheet: Sheet) -> str:
    """Name, address, country."""
    return party(sheet.application.exporter)


def producer(sheet: Sheet) -> str:
    """Name, address, country; one of the type's phrases (SAME, CONFIDENTIAL ...) stands alone."""
    who = sheet.application.producer
    return who.name if who.name in _phrases(sheet.kind) else party(who)


def consignee(sheet: Sheet) -> str:
    """Name, address, country."""
    return party(sheet.application.consignee)


def party(who: Party) -> str:
    """Name, address, and the country unless the address names it."""
    country = who.country and country_name(who.country)
    if country and names_country(who.address, who.country):
        country = ""
    return lines(who.name, who.address, country)


def transport(sheet: Sheet) -> str:
    """How the goods travel: in the words of the general certificate, or as the labelled lines of preferential forms."""
    return labelled_route(sheet) if sheet.kind.preferential else route(sheet)


def route(sheet: Sheet) -> str:
    """FROM ... TO ..., VIA, mode, vehicle and date of departure, each where it was sent."""
    sent = sheet.application.transport
    ends = " ".join(f"{word} {place}" for word, place in (("FROM", sent.origin), ("TO", sent.destination)) if place)
    departure = sent.departure_date and f"DEPARTURE DATE: {printed_date_of(sent.departure_date)}"
    return lines(ends, sent.via and f"VIA {sent.via}", _conveyance(sheet), departure)


def labelled_route(sheet: Sheet) -> str:
    """Date of departure, means, port of loading and of discharge, a line each where it was sent."""
    sent = sheet.application.transport
    found = (
        ("DEPARTURE DATE", printed_date_of(sent.departure_date)),
        ("VESSEL / FLIGHT / VEHICLE NO.", _conveyance(sheet)),
        ("PORT OF LOADING", sent.origin),
        ("VIA", sent.via),
        ("PORT OF DISCHARGE", sent.destination),
    )
    return lines(*(f"{label}: {text}" for label, text in found if text))


def _conveyance(sheet: Sheet) -> str:
    """Mode and vehicle."""
    sent = sheet.application.transport
    mode = MODES.get(sent.mode, sent.mode)
    # a vehicle like "BY SEA" or "***" is the customary word for one that is not known yet: print it as it is
    vehicle = "" if sent.vehicle == mode else sent.vehicle
    return ", ".join(filter(None, (mode, vehicle)))


def destination(sheet: Sheet) -> str:
    """The country or region of destination; an ISO 3166 code is spelt out."""
    return country_name(sheet.application.destination)


def invoices(sheet: Sheet) -> str:
    """Number and date of each invoice, one under the other; the invoiced value below where the box shows values too."""
    kind = sheet.kind
    valued = kind.value != "never" and kind.box_number("value") == kind.box_number("invoices") is not None
    return "\n".join(
        lines(invoice.number, printed_date_of(invoice.date), invoiced(invoice) if valued else "")
        for invoice in sheet.application.invoices
    )


def invoiced(invoice: Invoice) -> str:
    """ "USD 48000.00", "" without an amount."""
    return " ".join(filter(None, (invoice.currency, invoice.amount))) if invoice.amount else ""


def invoiced_values(sheet: Sheet) -> str:
    """Currency and amount of each invoice for a box of their own, two lines each, beside its number and date."""
    if sheet.kind.value == "never":
        return ""
    return "\n".join(f"{invoice.currency}\n{invoice.amount}" for invoice in sheet.application.invoices)


def remarks(sheet: Sheet) -> str:
    """References such as an L/C number: a form with a remarks box wants them there, not below its goods."""
    return sheet.application.goods_note


def declaration(sheet: Sheet) -> str:
    """Place and date of the exporter's declaration."""
    application = sheet.application
    return ", ".join(filter(None, (application.application_place, printed_date_of(application.application_date))))


def importing_country(sheet: Sheet) -> str:
    """The destination as the declaration names it."""
    return f"IMPORTING COUNTRY: {destination(sheet)}" if sheet.application.destination else ""


def certification(sheet: Sheet) -> str:
    """The branch, how to reach it, and place and date of certification."""
    branch = sheet.branch
    place = ", ".join(filter(None, (branch.place, printed_date(sheet.certified_on))))
    return lines(branch.name_en, branch.contact, place)


def lines(*parts: str) -> str:
    """The parts that are not empty, a line each."""
    return "\n".join(filter(None, parts))


def nothing(sheet: Sheet) -> str:
    """For boxes that others fill: the customs of the importing country, or a cross."""
    return ""


def _phrases(kind: CertificateType) -> tuple[str, ...]:
    """What may stand instead of a producer's name; "" for none of them."""
    terms = kind.producer
    return (terms.same, terms.confidential, terms.unknown, terms.several, *terms.phrases) if terms else ()


# field -> its text; "destination" reads otherwise in a box that shows something else first, see `importing_country`
SHEET_FIELDS: Mapping[str, Callable[[Sheet], str]] = MappingProxyType({
    "exporter": exporter,
    "producer": producer,
    "consignee": consignee,
    "transport": transport,
    "destination": destination,
    "official_use": lambda sheet: sheet.application.official_use,
    "remarks": remarks,
    "marks": lambda sheet: sheet.application.marks,
    "invoices": invoices,
    "value": invoiced_values,
    "declaration": declaration,
    "certification": certification,
    "ticks": nothing,
    "verification_request": nothing,
    "verification_result": nothing,
})

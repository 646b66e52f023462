"""A sheet becomes a printable file. Pure: the same sheet gives the same bytes, in every process."""

from dataclasses import dataclass

from print_worker.layout import lay_out
from print_worker.pdf_file import pdf_of
from print_worker.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished PDF and how many pages it has."""

    body: bytes
    pages: int


def render(sheet: Sheet) -> Rendered:
    """The certificate as PDF.

    Raises MissingGlyph for a character that cannot be printed, UnknownThing for an unknown certificate type,
    ValueError for a type whose form is not there yet.
    """
    pages = lay_out(sheet)
    title = f"Certificate of Origin {sheet.number}"
    kind = sheet.application.certificate_type
    return Rendered(pdf_of(pages, kind, title, f"{kind} {sheet.number}, revision {sheet.revision}"), len(pages))

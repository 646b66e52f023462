"""What a special certificate carries: the words of its type, each with the field in whose box it stands, and ticks.

Words that the sender wrote already are not printed twice.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from domain.application import Application, Party, date_of
from print_worker.printed_words import country_name, names_country, printed_date_of
from print_worker.sheet import Sheet
from schemas.certificate_types import Mark, Retrospective

SATURDAY = 5
ORIGINAL = " OF THE ORIGINAL CERTIFICATE OF ORIGIN NUMBER {number} DATED {date}"


def extras(sheet: Sheet) -> tuple[tuple[str, str], ...]:
    """(field, text) of what goes into a box beside its own text: marks of the type, endorsement, remarks, companies."""
    application = sheet.application
    if not _special(application):
        return ()
    marks = due_marks(sheet)
    written = "\n".join((application.form_remarks, application.endorsement, application.goods_note))
    words = [mark for mark in marks if not mark.tick]
    found = [(mark.field, words_of(mark, sheet)) for mark in words if not _says(written, mark, sheet)]
    if not any(_same(application.endorsement, mark.words) for mark in marks if mark.tick):
        found.append((words[0].field if words else "remarks", application.endorsement))
    found += [("remarks", application.form_remarks), *_companies(sheet, written)]
    return tuple((field, text) for field, text in found if text)


def due_marks(sheet: Sheet) -> tuple[Mark, ...]:
    """The marks that this certificate has to carry, ticks among them."""
    kind, how = sheet.kind, sheet.amendment.kind
    replacing = {
        "AMEND": kind.replacement,
        "REISSUE": kind.reissue,
        "AMEND_REISSUE": kind.replacement or kind.reissue,
    }
    late = kind.retrospective.mark if is_retrospective(sheet) else None
    return tuple(mark for mark in (late, replacing.get(how)) if mark is not None)


def words_of(mark: Mark, sheet: Sheet) -> str:
    """The words of a mark; that of a reissued certificate names number and date of the original even where it has no place
    for them (A26)."""
    original, words = sheet.amendment, mark.words
    if mark is sheet.kind.reissue and "{number}" not in words:
        words += ORIGINAL
    return words.replace("{number}", original.original_no).replace("{date}", printed_date_of(original.original_date))


def is_retrospective(sheet: Sheet) -> bool:
    """Whether it is issued after shipment 补发: asked for, and certified after the days of grace of its type.

    Public holidays are not counted: what was asked for and accepted can only be later than this.
    """
    if not sheet.application.retrospective:
        return False
    departure = date_of(sheet.application.transport.departure_date)
    return departure is None or sheet.certified_on > last_day_of_grace(departure, sheet.kind.retrospective)


def last_day_of_grace(departure: date, terms: Retrospective) -> date:
    """The last day on which no mark is needed."""
    if not terms.working:
        return departure + timedelta(terms.grace_days)
    day, ahead = departure, terms.grace_days
    while ahead:
        day += timedelta(1)
        ahead -= day.weekday() < SATURDAY
    return day


def is_ticked(sheet: Sheet, tick: str) -> bool:
    """Whether this tick, a flag of the application, carries a cross; AttributeError for one that the application lacks."""
    return is_retrospective(sheet) if tick == "retrospective" else bool(getattr(sheet.application, tick))


def in_one_line(who: Party) -> str:
    """Name, address, and country unless the address names it, of a company that stands among other text."""
    country = "" if names_country(who.address, who.country) else country_name(who.country)
    return ", ".join(filter(None, (who.name, *who.address.splitlines(), country)))


def _special(application: Application) -> bool:
    """Whether it asks for anything of all this: few do."""
    return bool(
        application.amendment or application.retrospective or application.non_party_invoice or application.endorsement
        or application.form_remarks or application.operator.name
    )  # fmt: skip


def _companies(sheet: Sheet, written: str) -> Iterator[tuple[str, str]]:
    """Who issued an invoice of a non-party 第三方发票, and the producer where the type wants it named beside."""
    application, terms = sheet.application, sheet.kind.non_party
    field = terms.field if terms else "remarks"
    if application.operator.name and not _contains(written, application.operator.name):
        yield field, f"NON-PARTY OPERATOR: {in_one_line(application.operator)}"
    needed = application.non_party_invoice and terms is not None and "producer" in terms.needs
    if needed and application.producer.name and not _contains(written, application.producer.name):
        yield field, f"PRODUCER: {in_one_line(application.producer)}"


def _says(written: str, mark: Mark, sheet: Sheet) -> bool:
    """Whether the sender wrote the words of the mark, with the number of the original if they ask for it."""
    original = "" if mark is sheet.kind.retrospective.mark else sheet.amendment.original_no
    return _contains(written, mark.words.partition("{")[0]) and original in written


def _contains(text: str, words: str) -> bool:
    return _plain(words) in _plain(text)


def _same(text: str, words: str) -> bool:
    return _plain(text) == _plain(words)


def _plain(text: str) -> str:
    """Letters and figures alone, in capitals."""
    return re.sub(r"[\W_]+", " ", text).strip().upper()

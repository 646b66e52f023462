"""What the demo submits: clean applications of twelve firms, and among every thirty some that a clerk would remember."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from console.sample_firms import ALL_FIRMS
from console.sampler import FAULTS, SEVERAL, Sample, sample_of

EVERY = 30  # the odd ones come back after so many


@dataclass(frozen=True, slots=True)
class Submission:
    """One interchange of the demo: who sends it, what is in it, and whether it is a second copy of an earlier one."""

    enterprise: str
    body: bytes
    note: str
    again: bool = False

    @property
    def sha256(self) -> str:
        """Its name in receipts."""
        return hashlib.sha256(self.body).hexdigest()


def submissions(count: int, today: date) -> list[Submission]:
    """`count` distinct submissions; every twentieth is sent twice."""
    made = [_submission(number, today) for number in range(count)]
    return made + [replace(each, note="sent again", again=True) for each in made[5::20]]


def _submission(number: int, today: date) -> Submission:
    place, block = number % EVERY, number // EVERY
    firm = ALL_FIRMS[_FIRM_OF.get(place, number % len(ALL_FIRMS))]
    if place in (3, 23):
        fault: str | None = FAULTS[(2 * block + (place == 23)) % len(FAULTS)]
    else:
        fault = _FAULTS.get(place)
    like = sample_of(firm, number, today, tag="D", fault=fault, lines=1 if place in _CHANGES else None)
    note, change = _CHANGES.get(place, (fault or "clean", _unchanged))
    return Submission(firm.record.no, change(like, number).encode(), note)


def _unchanged(like: Sample, number: int) -> str:
    return like.body.decode()


def _cut_off(like: Sample, number: int) -> str:
    text = like.body.decode()
    return text[: len(text) // 2]


def _test_flag(like: Sample, number: int) -> str:
    return like.body.decode().replace("</Created>", "</Created>\n    <Test>true</Test>")


def _invoice_in_use(like: Sample, number: int) -> str:
    """The invoice number of the firm's clean application twelve places before: it has been issued, or soon will be."""
    year, own = like.invoice.rsplit("-", 1)
    return like.body.decode().replace(like.invoice, f"{year}-{int(own) - len(ALL_FIRMS):06d}")


def _chinese_consignee(like: Sample, number: int) -> str:
    return _with(like, "Consignee>\n      <Name", "澳门海晖贸易行")


def _elsewhere(like: Sample, number: int) -> str:
    return _with(like, "</Transport>\n    <Destination", "SINGAPORE")


def _long_description(like: Sample, number: int) -> str:
    text = like.body.decode()
    contents = "\n".join(
        f"STYLE {style} AS PER BUYER'S ORDER NO. {8800 + number}-{style}, {colour}, PACKED IN COLOUR BOXES WITH "
        "HANG TAGS IN FOUR LANGUAGES" for style, colour in enumerate(_COLOURS * 3, 101))
    return text.replace("</Description>", f"\n{contents}</Description>", 1)


def _bulk(like: Sample, number: int) -> str:
    """Acid grade fluorspar in the ship's hold: no packages, no marks, tonnes instead of pieces."""
    text = like.body.decode()
    start, end = text.index("      <Line>"), text.index("    </Goods>")
    line = f"""      <Line>
        <Description>FLUORSPAR, ACID GRADE, CAF2 97% MIN., IN BULK</Description>
        <HSCode>25292200</HSCode>
        <Quantity>{2500 + number}</Quantity>
        <Unit>TNE</Unit>
        <Packing>IN BULK</Packing>
        <GrossWeight>{2500 + number}000</GrossWeight>
        <OriginCountry>CN</OriginCountry>
      </Line>
"""
    marks = text[text.index("<Marks>"): text.index("</Marks>")]
    return (text[:start] + line + text[end:]).replace(marks, "<Marks>N/M")


def _with(like: Sample, element: str, value: str) -> str:
    """The text of the first `element` (its tag, and what stands before it) replaced."""
    before, _, rest = like.body.decode().partition(f"{element}>")
    return f"{before}{element}>{value}{rest[rest.index('<'):]}"


_COLOURS = ("RED", "NAVY BLUE", "FOREST GREEN", "IVORY", "CHARCOAL GREY", "BURGUNDY")
# place among thirty -> what is wrong with it; 3 and 23 take the single faults in turn
_FAULTS = {8: SEVERAL, 18: "intermediary"}
# place -> the firm that sends it, where the goods ask for one
_FIRM_OF = {2: 8, 11: 7}
# place -> (note, how the sample is changed)
_CHANGES: dict[int, tuple[str, Callable[[Sample, int], str]]] = {
    2: ("long description", _long_description),
    11: ("bulk cargo", _bulk),
    13: ("cut off in the middle", _cut_off),
    16: ("consignee in Chinese", _chinese_consignee),
    21: ("test flag set", _test_flag),
    22: ("an invoice number in use", _invoice_in_use),
    26: ("destination is not the consignee's country", _elsewhere),
}

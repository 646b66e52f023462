"""What the demo submits: clean applications of twelve firms, and among every thirty some that a clerk would remember.

Of thirty and more some are for preferential certificates, and one is left for the amendment of an issued certificate.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from console.demo_goods import DEALS, Deal, Filed, sold
from console.sample_firms import ALL_FIRMS
from console.sampler import FAULTS, SEVERAL, Sample, sample_of

EVERY = 30  # the odd ones come back after so many


# samples that more is heard of: what is sent about them when they have their first answers
AMENDED, VOIDED, TOO_LATE, ASKED_ABOUT = 6, 12, 1, 18
_LEFT = 900_010  # numbers of those that are left to reviewers
AMENDMENT = 28  # the number that the amendment has instead of an application
_NOT_FILED: Filed = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Submission:
    """One interchange of the demo: who sends it, what is in it, and whether it is a second copy of an earlier one.

    enterprise: the sender, of what branches send the code of the branch; type: of the certificate that is applied for;
    number: of the sample, -1 for other messages.
    """

    enterprise: str
    body: bytes
    note: str
    again: bool = False
    type: str = "CO"
    number: int = -1

    @property
    def sha256(self) -> str:
        """Its name in receipts."""
        return hashlib.sha256(self.body).hexdigest()


def submissions(count: int, today: date, filed: Filed = _NOT_FILED) -> list[Submission]:
    """`count` distinct applications, or one less where an amendment will follow; every twentieth is sent twice."""
    numbers = [number for number in range(count) if not (whole_trade(count) and number == AMENDMENT)]
    deals = deals_of(count)
    made = [
        _application_under(deals[number], number, today, filed) if number in deals else _submission(number, today)
        for number in numbers]
    return made + [replace(each, note="sent again", again=True) for each in made if each.number % 20 == 5]


def to_review(branch: str, today: date) -> list[Submission]:
    """Applications of a branch's firms about which a person has to decide."""
    firms = [firm for firm in ALL_FIRMS if firm.record.branch == branch]
    made = []
    for number, firm in enumerate((*firms, firms[0]), _LEFT):
        like = sample_of(firm, number, today, tag="D", fault="intermediary" if number % 2 else None, lines=1)
        made.append(Submission(firm.record.no, _elsewhere(like, number).encode(), "to review", number=number))
    return made


def whole_trade(count: int) -> bool:
    """Whether a demo of so many submissions shows more than general certificates."""
    return count >= EVERY


def deals_of(count: int) -> Mapping[int, Deal]:
    """Which samples are for preferential certificates: number -> what is sold."""
    if not whole_trade(count):
        return {}
    places = (number for number in range(count) if number % EVERY in _PREFERENTIAL)
    return {number: DEALS[at % len(DEALS)] for at, number in enumerate(places)}


def _application_under(deal: Deal, number: int, today: date, filed: Filed) -> Submission:
    return Submission(deal.firm, sold(deal, number, today, filed), "preferential", type=deal.type, number=number)


def _submission(number: int, today: date) -> Submission:
    place, block = number % EVERY, number // EVERY
    firm = ALL_FIRMS[_FIRM_OF.get(place, number % len(ALL_FIRMS))]
    if place in (3, 23):
        fault: str | None = FAULTS[(2 * block + (place == 23)) % len(FAULTS)]
    else:
        fault = _FAULTS.get(place)
    like = sample_of(firm, number, today, tag="D", fault=fault, lines=1 if place in _CHANGES else None)
    note, change = _CHANGES.get(place, (fault or "clean", _unchanged))
    return Submission(firm.record.no, change(like, number).encode(), note, number=number)


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
# places of preferential applications: clean ones that nothing else counts on
_PREFERENTIAL = (6, 9, 14, 19, 24)
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

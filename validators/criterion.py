"""What a goods line declares as its origin criterion 原产地标准: the text as sent, read with the codes of its type."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from domain.application import Application, GoodsLine
from schemas.certificate_types import CertificateType, Criterion, certificate_type
from validators.reading import number

# a percentage, or a word: words stand apart by blanks, commas, a plus sign, a stroke or brackets, a percentage may follow one
# directly: RVC45%, CTC,DMI, PSR (RVC 45%)
_PERCENT = r"\d{1,3}(?:\.\d{1,6})?\s?%"
_WORD = re.compile(rf'{_PERCENT}|[^\s"%,+/()]+?(?={_PERCENT})|[^\s"%,+/()]+|%')
_HUNDRED = Decimal(100)
_SHARE = "RVC"


class Declared(NamedTuple):
    """The criterion of one line.

    main: the type's own criterion, None when the text names none; printed: the percentage that stands in the text;
    additions: such as ACU, in the order sent; strange: words that are none of these; first: the main criterion stands first.
    """

    main: Criterion | None = None
    printed: Decimal | None = None
    additions: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()
    first: bool = True


class Line(NamedTuple):
    """A goods line with its path and what it declares."""

    path: str
    goods: GoodsLine
    declared: Declared

    @property
    def main(self) -> Criterion | None:
        """The line's criterion, None when it names none of its type."""
        return self.declared.main


def lines(application: Application) -> Iterator[Line]:
    """The goods lines, for rules that look at criteria."""
    code = application.certificate_type
    for position, goods in enumerate(application.goods, 1):
        yield Line(f"Goods/Line[{position}]", goods, declared(goods.criterion, code))


@lru_cache(maxsize=2048)
def declared(text: str, type_code: str) -> Declared:
    """`text` read as a criterion of this type; a bare percentage is the criterion that the type prints so ("45%")."""
    kind = certificate_type(type_code)
    main, printed, first = None, None, True
    additions: list[str] = []
    strange: list[str] = []
    for word in _WORD.findall(text.upper()):
        if word[0].isdecimal() and word[-1] == "%" and printed is None:
            printed = Decimal(word[:-1].strip())
        elif main is None and (found := kind.criterion(word)):
            main, first = found, not additions
        elif word in kind.additions:
            additions.append(word)
        elif main and main.percent and word == _SHARE and main.content == "regional":
            continue  # PSR RVC 45%: a product-specific rule that counts value
        else:
            strange.append(word)
    if main is None and printed is not None:
        main = next((one for one in kind.criteria if one.short), None)
    return Declared(main, printed, tuple(additions), tuple(strange), first)


def value_of(line: Line) -> Decimal | None:
    """The percentage that the line states, in its own field or in the criterion; None when it states none that can be read."""
    return number(line.goods.value_content) if line.goods.value_content else line.declared.printed


def counts_value(line: Line) -> bool:
    """Whether the line's origin rests on a share of the value: a value criterion, or a product-specific rule that is one."""
    main = line.main
    if main is None:
        return False
    return line.goods.psr_basis.upper() == "RVC" if main.basis else main.percent == "required"


def within(value: Decimal, main: Criterion) -> bool:
    """Whether a percentage keeps the limits of its criterion; they are inclusive, and no share is above a hundred."""
    return (main.minimum or Decimal(0)) <= value <= (_HUNDRED if main.maximum is None else main.maximum)


def is_certain(kind: CertificateType) -> bool:
    """Whether sources confirm all criteria of the type: only then is another code certainly wrong."""
    return "criteria" not in kind.unverified and all(one.verified for one in kind.criteria)

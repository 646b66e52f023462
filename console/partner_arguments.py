"""What the command line accepts as codes, numbers and signatories of partners, each with a sentence that says it."""

import re
from collections.abc import Callable

import click

from console.terminal import one_line
from domain.registry import Signatory

_BRANCH = re.compile(r"[0-9]{4}[A-Z][0-9]")
_NUMBER = re.compile(r"[0-9A-Z]{9}|[0-9A-Z]{18}")
_CREDIT_CODE = re.compile(r"[0-9A-Z]{18}")
_CUSTOMS_CODE = re.compile(r"[0-9A-Z]{10}")
_SIGNATORY = re.compile(r"([0-9A-Za-z]{1,8})=\s*(\S.*)")

Callback = Callable[[click.Context, click.Parameter, str | None], str | None]


def signatories(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[Signatory, ...]:
    """Click callback: "01=李文博" becomes a Signatory."""
    found = [_SIGNATORY.fullmatch(value.strip()) for value in values]
    for value, match in zip(values, found, strict=True):
        if match is None:
            raise click.BadParameter(f"{one_line(value)!r}: write the code and the filed name, as in 01=李文博")
    return tuple(Signatory(match[1], match[2].strip()) for match in found if match)


def _matching(pattern: re.Pattern[str], sentence: str) -> Callback:
    """A click callback: the value, blanks at its ends dropped, if it matches; "" and None pass."""

    def check(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
        value = value.strip() if value else value
        if value and not pattern.fullmatch(value):
            raise click.BadParameter(f"{one_line(value)!r}: {sentence}")
        return value

    return check


branch_code = _matching(_BRANCH, "a branch code has six characters: 4 digits, a capital letter, a digit, as in 1100B0")
enterprise_number = _matching(
    _NUMBER, "an enterprise is named by its 9-character registration number (0-9, A-Z) or its 18-character credit code")
credit_code = _matching(_CREDIT_CODE, "a credit code has 18 digits or capital letters")
customs_code = _matching(_CUSTOMS_CODE, "a customs code has ten digits or capital letters")

"""What the command line accepts as codes, numbers and signatories."""

import click
import pytest

from console import partner_arguments as arguments
from domain.registry import Signatory

CONTEXT, PARAMETER = click.Context(click.Command("x")), click.Argument(["no"])


@pytest.mark.parametrize("number", ["1100A0017", " 1100A0017 ", "91110108MA01K5T41X"])
def test_registration_numbers_and_credit_codes_are_accepted(number: str) -> None:
    assert arguments.enterprise_number(CONTEXT, PARAMETER, number) == number.strip()


@pytest.mark.parametrize("number", ["1100A001", "1100A00171", "1100a0017", "1100A 017", "11００A0017", "1100A0017\n2"])
def test_other_enterprise_numbers_are_refused_in_a_sentence(number: str) -> None:
    with pytest.raises(click.BadParameter, match="9-character registration number"):
        arguments.enterprise_number(CONTEXT, PARAMETER, number)


@pytest.mark.parametrize("code", ["1100b0", "100B0", "1100B00", "ABCDEF"])
def test_other_branch_codes_are_refused(code: str) -> None:
    assert arguments.branch_code(CONTEXT, PARAMETER, "1100B0") == "1100B0"
    with pytest.raises(click.BadParameter, match="1100B0"):
        arguments.branch_code(CONTEXT, PARAMETER, code)


def test_a_signatory_is_a_code_and_a_name() -> None:
    assert arguments.signatories(CONTEXT, PARAMETER, ("01=李文博", "A2= 周 海燕 ")) == (
        Signatory("01", "李文博"), Signatory("A2", "周 海燕"))


@pytest.mark.parametrize("text", ["李文博", "=李文博", "01=", "01= ", "0 1=李"])
def test_anything_else_is_no_signatory(text: str) -> None:
    with pytest.raises(click.BadParameter, match="01=李文博"):
        arguments.signatories(CONTEXT, PARAMETER, (text,))

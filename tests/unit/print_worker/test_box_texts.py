"""What the boxes say, and how coded values read."""

from datetime import date

import pytest
from printing_samples import BRANCH, sheet

from domain.application import GoodsLine, Invoice, Party, Transport
from print_worker import line_texts, sheet_texts
from print_worker.printed_words import country_name, printed_date, printed_quantity


def test_a_party_is_name_address_and_country():
    who = Party("NORDWIND HANDELS GMBH", "SPEICHERSTADT 14, HAMBURG", "DE")
    assert sheet_texts.party(who) == "NORDWIND HANDELS GMBH\nSPEICHERSTADT 14, HAMBURG\nGERMANY"


@pytest.mark.parametrize(
    ("address", "country"),
    [("HANOI, VIETNAM", "VN"), ("NEW YORK, U.S.A.", "US"), ("SEOUL, KOREA", "KR"), ("KOWLOON, HONG KONG", "HK"),
     ("NINGBO, China", "CN")],
)  # fmt: skip
def test_a_country_that_the_address_names_is_not_printed_twice(address, country):
    assert sheet_texts.party(Party("A CO., LTD.", address, country)) == f"A CO., LTD.\n{address}"


def test_a_country_in_the_name_of_a_company_does_not_count_as_its_address():
    assert sheet_texts.party(Party("CHINA TEA CORP.", "88 EAST ROAD, NINGBO", "CN")).endswith("\nCHINA")


def test_to_order_without_a_country_is_just_that():
    assert sheet_texts.party(Party("TO ORDER")) == "TO ORDER"


def test_the_route_names_ends_way_mode_vehicle_and_departure():
    assert sheet_texts.transport(sheet()) == (
        "FROM NINGBO, CHINA TO HAMBURG, GERMANY\nVIA SINGAPORE\n"
        "BY SEA, MSC ELODIE FY643A\nDEPARTURE DATE: NOV. 24, 2026"
    )


def test_a_vehicle_that_only_repeats_the_mode_is_printed_once():
    route = Transport("NINGBO, CHINA", "HAMBURG, GERMANY", mode="SEA", vehicle="BY SEA")
    assert sheet_texts.transport(sheet(transport=route)) == "FROM NINGBO, CHINA TO HAMBURG, GERMANY\nBY SEA"


def test_a_mode_without_a_word_of_ours_and_a_date_that_is_none_are_printed_as_sent():
    route = Transport("A", "B", mode="PIPELINE", departure_date="24/11/2026")
    assert sheet_texts.transport(sheet(transport=route)) == "FROM A TO B\nPIPELINE\nDEPARTURE DATE: 24/11/2026"


def test_invoices_stand_one_under_the_other_without_their_amounts():
    two = (Invoice("A-1", "2026-11-12", "9.00", "USD"), Invoice("A-2", "2026-05-01", "8.00", "USD"))
    assert sheet_texts.invoices(sheet(invoices=two)) == "A-1\nNOV. 12, 2026\nA-2\nMAY 01, 2026"


def test_quantity_stands_above_gross_and_net_weight():
    line = GoodsLine("X", quantity="2400", unit="C62", gross_weight="1250.5", net_weight="1100")
    assert line_texts.quantity(sheet(), line, 1) == "2400 PCS\nG.W. 1250.5 KGS\nN.W. 1100 KGS"


def test_one_set_is_singular_and_printed_words_stay_as_sent():
    assert [printed_quantity("1", "SET"), printed_quantity("2", "SET"), printed_quantity("1", "PCS")] == [
        "1 SET", "2 SETS", "1 PCS",
    ]  # fmt: skip


def test_the_declaration_is_dated_by_the_exporter_and_the_certification_by_the_branch():
    assert sheet_texts.declaration(sheet()) == "NINGBO, CHINA, NOV. 20, 2026"
    assert sheet_texts.certification(sheet()) == (
        f"{BRANCH.name_en}\n{BRANCH.contact}\nNINGBO, CHINA, NOV. 22, 2026"
    )


@pytest.mark.parametrize("closed", ["TOTAL 5 ONLY\n***************", "TOTAL 5 ONLY ********", "TOTAL 5 ONLY"])
def test_an_end_mark_that_the_sender_wrote_gives_way_to_the_one_of_the_form(closed):
    assert line_texts.without_end_mark(closed) == "TOTAL 5 ONLY"


def test_a_single_asterisk_is_no_end_mark():
    assert line_texts.without_end_mark("SIZE 5*") == "SIZE 5*"


def test_dates_and_countries_read_as_on_certificates():
    assert printed_date(date(2026, 5, 7)) == "MAY 07, 2026"
    assert [country_name(code) for code in ("TW", "MO", "BO", "ZZ", "KENYA")] == [
        "TAIWAN, CHINA", "MACAO, CHINA", "BOLIVIA", "ZZ", "KENYA",
    ]  # fmt: skip

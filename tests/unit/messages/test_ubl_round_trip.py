"""What is exported and imported again is the same application, and is judged the same."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree
from ubl_samples import ALL, FULL, GOOD, applications, exported, what_is_exported

from domain.application import Amendment, Applicant, Application, GoodsLine, Invoice, Party, Picture, Transport
from messages.ubl import MODES
from messages.ubl_import import Draft, draft_from
from messages.writing import interchange_xml
from schemas.documents import ubl_schema
from tests.samples.evil.probe import facts_of_the_samples
from validators.check import check_bytes
from validators.pack import current_pack

CREATED = datetime(2026, 11, 16, tzinfo=UTC)
WORDS = st.text(st.characters(categories=("Lu", "Nd", "Po", "Lo"), exclude_characters="'"), min_size=1, max_size=10)
MAYBE = st.just("") | WORDS
BLOCKS = st.lists(WORDS, max_size=3).map("\n".join)
NUMBERS = st.decimals(0, 10**9, places=2).map(str)
COUNTS = st.integers(1, 999_999).map(str)
DAYS = st.dates(datetime(2020, 1, 1).date()).map(str)
COUNTRIES = st.sampled_from(["CN", "SG", "ID", "VN", "CHINA"])
PARTIES = st.builds(Party, MAYBE, BLOCKS, st.just("") | COUNTRIES)
LINES = st.builds(
    GoodsLine, MAYBE, MAYBE, NUMBERS, st.sampled_from(["PCS", "H87", "KGS G.W.", "WIDGETS"]), st.just(""),
    st.sampled_from(["", "CT", "CARTONS", "TUBS"]), MAYBE, st.just("") | NUMBERS, st.just("") | NUMBERS, st.just("") | COUNTRIES,
    *[MAYBE] * 4, st.just("") | NUMBERS, MAYBE, MAYBE, MAYBE)
PACKED = st.builds(
    lambda line, count, name: replace(line, package_count=count, description=f"({count}) {name}"), LINES, COUNTS, WORDS)
INVOICES = st.builds(Invoice, WORDS, st.just("") | DAYS, st.just("") | NUMBERS, st.sampled_from(["USD", "EUR", ""]),
                     st.just("") | COUNTRIES)
APPLICATIONS = st.builds(
    Application, message_id=st.just("M"), certificate_type=st.sampled_from(["CO", "RCEP", "FORME2"]),
    applicant=st.builds(Applicant, WORDS, WORDS, *[MAYBE] * 5), exporter=PARTIES, consignee=PARTIES,
    transport=st.builds(Transport, MAYBE, MAYBE, MAYBE, st.sampled_from(["", *MODES]), MAYBE, st.just("") | DAYS),
    destination=MAYBE, official_use=BLOCKS, marks=BLOCKS, goods=st.lists(LINES | PACKED, max_size=3).map(tuple), goods_total=BLOCKS,
    goods_note=BLOCKS, invoices=st.lists(INVOICES, min_size=1, max_size=3).map(tuple), application_place=MAYBE,
    application_date=st.just("") | DAYS, exit_customs=MAYBE, export_declaration=MAYBE, signing_point=MAYBE, remarks=BLOCKS,
    local_print=st.booleans(), print_seal=st.booleans(), producer=PARTIES, form_remarks=BLOCKS, endorsement=BLOCKS,
    retrospective=st.booleans(), non_party_invoice=st.booleans(), operator=PARTIES, exhibition=st.booleans(),
    movement_certificate=st.booleans(), back_to_back=st.booleans(),
    pictures=st.lists(st.builds(Picture, MAYBE, st.just("iVBORw0KGgo=")), max_size=2).map(tuple),
    amendment=st.none() | st.builds(Amendment, WORDS, WORDS, MAYBE, MAYBE, MAYBE))


def again(application: Application) -> Draft:
    """Exported and imported."""
    body = exported(application)
    assert ubl_schema().validate(etree.fromstring(body))
    made = draft_from(body)
    assert isinstance(made, Draft), made
    return made


@pytest.mark.parametrize("application", ALL, ids=lambda application: application.message_id)
def test_every_sample_comes_back_and_nothing_is_left(application: Application) -> None:
    made = again(application)
    assert replace(made.application, message_id="") == what_is_exported(application)
    assert made.not_taken == ()


@given(APPLICATIONS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_printed_comes_back(application: Application) -> None:
    assume(not application.operator.name or application.operator.name != application.exporter.name)
    made = again(application)
    assert replace(made.application, message_id="") == what_is_exported(application)
    assert made.not_taken == ()


def test_the_producer_of_a_line_alone_comes_back() -> None:
    plain = next(application for application in ALL if application.amendment is None)
    alone = replace(plain, goods=tuple(replace(line, producer="A WORKS LTD.") for line in plain.goods))
    assert again(alone).application.goods == alone.goods
    assert again(alone).not_taken == ()


def judged(application: Application) -> list[tuple[Any, ...]]:
    """Every finding on an application that is no amendment, without the line of the file."""
    body = interchange_xml(
        [replace(application, message_id="M", amendment=None)], interchange_id="I", sender=application.applicant.registration_no,
        branch=application.applicant.branch, created=CREATED)
    report = check_bytes("x", body, facts_of_the_samples(), current_pack())
    return [(one["code"], one["severity"], one["box"], one["path"], one["found"]) for one in report["findings"]]


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_a_sample_is_judged_the_same_before_and_after(file: Path) -> None:
    for application in applications(file):
        assert judged(again(application).application) == judged(application)


def test_an_application_with_faults_is_judged_the_same_before_and_after() -> None:
    before = judged(what_is_exported(FULL))
    assert len(before) > 5
    assert judged(again(FULL).application) == before


def test_a_damaged_import_is_judged_differently() -> None:
    body = exported(ALL[0]).replace(b"(60)", b"(61)")
    made = draft_from(body)
    assert isinstance(made, Draft)
    assert {"E10"} <= {code for code, *_ in judged(made.application)} - {code for code, *_ in judged(ALL[0])}
    assert re.search(r"\(61\)", made.application.goods[0].description)

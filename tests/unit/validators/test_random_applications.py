"""Applications that a trade clerk could type pass; one change of the table gives the finding that it names."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rule_cases import CLEAN, FACTS, both, invoice, line, put

from domain.application import Application, GoodsLine, Invoice, Party
from domain.finding import Severity
from validators.pack import current_pack
from validators.reading import number_words
from validators.rule_check import hits

Change = Callable[[Application], Application]

# name, HS code, unit, printed package, its code
GOODS = (
    ("CENTRIFUGAL PUMPS FOR CLEAN WATER", "84137099", "PCS", "WOODEN CASES", "7B"),
    ("COTTON TERRY TOWELS", "63026010", "H87", "CARTONS", "CT"),
    ("BRASS PADLOCKS WITH KEYS", "8301.10", "PCS", "CARTONS", "CT"),
    ("CITRIC ACID MONOHYDRATE", "29181400", "KGS G.W.", "BAGS", "BG"),
    ("LED LAMPS, E27, 9W", "85395200", "PCS", "CTNS", "CT"), ("MEN'S KNITTED T-SHIRTS", "61091000", "DOZEN", "BALES", "BL"),
)
# buyer, country, town, printed country
BUYERS = (
    ("NORDWASSER GMBH", "DE", "HAMBURG", "GERMANY"), ("COMERCIAL ANDINA LIMITADA", "CL", "VALPARAISO", "CHILE"),
    ("PWANI MERCHANTS LTD.", "KE", "MOMBASA", "KENYA"), ("FERRETERA DEL BAJIO S.A.", "MX", "MANZANILLO", "MEXICO"),
)
FROM = ("TIANJIN, CHINA", "NINGBO", "SHENZHEN, GUANGDONG, CHINA", "XI'AN, P.R. CHINA")


def words(count: int, with_and: bool) -> str:
    plain = " ".join(number_words(count))
    return plain.replace("HUNDRED ", "HUNDRED AND ") if with_and else plain


@st.composite
def goods_lines(draw: st.DrawFn) -> tuple[GoodsLine, int, str]:
    name, hs_code, unit, printed, kind = draw(st.sampled_from(GOODS))
    count = draw(st.integers(2, 9_999))
    net = draw(st.integers(1, 90_000))
    text = f"{words(count, draw(st.booleans()))} ({count}) {printed} OF {name}"
    made = GoodsLine(
        description=text, hs_code=hs_code, quantity=str(draw(st.integers(1, 10**6))), unit=unit, package_count=str(count),
        package_kind=draw(st.sampled_from([kind, printed])), packing="PACKED", gross_weight=str(net + draw(st.integers(0, 900))),
        net_weight=str(net), origin_country=draw(st.sampled_from(["CN", ""])))
    return made, count, kind


@st.composite
def applications(draw: st.DrawFn) -> Application:
    buyer, country, town, printed = draw(st.sampled_from(BUYERS))
    drawn = draw(st.lists(goods_lines(), min_size=1, max_size=5))
    total = sum(count for _, count, _ in drawn)
    serial, cents = draw(st.integers(1, 99_999)), draw(st.integers(1, 10**8))
    return replace(
        CLEAN, message_id=f"M-{serial}", goods=tuple(made for made, _, _ in drawn),
        goods_total=draw(st.sampled_from(["", f"TOTAL: {words(total, True)} ({total}) PACKAGES ONLY"])),
        goods_note=draw(st.sampled_from(["", f"L/C NO. LC26{serial}", f"CONTRACT NO. HL-{serial} OF OCT. 12, 2026"])),
        consignee=Party(buyer, f"{serial} HARBOUR ROAD, {town}, {printed}", country), destination=printed,
        transport=replace(
            CLEAN.transport, origin=draw(st.sampled_from(FROM)), destination=f"{town}, {printed}",
            mode=draw(st.sampled_from(["SEA", "AIR", "RAIL", "TRUCK", "MULTI"])),
            departure_date=draw(st.sampled_from(["", "2026-11-17", "2026-12-02"]))),
        marks=draw(st.sampled_from(["N/M", f"{town}\nMADE IN CHINA", f"{buyer}\nC/NO. 1-{total}"])),
        invoices=(Invoice(f"HL26-{serial}", "2026-11-12", f"{cents / 100:.2f}", "EUR"),))


# one change -> the one rule that it breaks
MUTATIONS: tuple[tuple[str, Change], ...] = (
    ("A11", put(applicant={"signatory_code": "77"})), ("A12", put(applicant={"signatory_name": "李文"})),
    ("A15", put(certificate_type="XX")), ("A31", put(applicant={"customs_code": ""})), ("B01", invoice(number="A'1")),
    ("B02", put(marks="唛头")), ("B03", put(application_date="2026-13-01")), ("B04", invoice(amount="USD 5")),
    ("B05", invoice(amount="0")), ("B06", invoice(currency="XXX")), ("B07", put(consignee={"name": "Nordwasser GmbH"})),
    ("B08", put(application_place="北京")), ("B09", put(application_place="BEIJING")), ("B13", put(marks="A\tB")),
    ("B16", put(marks="SEE ATTACHMENT")), ("C01", put(exporter={"address": ""})),
    ("C02", put(exporter={"name": "SOMEBODY ELSE LTD."})),
    ("C05", put(exporter={"address": "VIA HAPPY TRADING LTD., KOWLOON"})), ("C07", put(consignee={"name": ""})),
    ("D01", put(transport={"origin": ""})), ("D02", put(transport={"origin": "BUSAN, KOREA"})), ("D07", put(destination="CHINA")),
    ("D08", put(destination="BRAZIL")), ("D10", put(transport={"mode": "SHIP"})), ("E01", put(marks="")),
    ("E02", put(marks="AS PER INVOICE")), ("E03", put(marks="MADE IN INDIA")), ("E05", put(goods=(), goods_total="", marks="N/M")),
    ("E13", put(goods_total="TOTAL AS ABOVE")), ("E14", put(goods_total="TOTAL AS ABOVE ONLY ***")),
    ("E15", put(goods_note="UNIT PRICE: 5.00")), ("E16", line(hs_code="")), ("E18", line(hs_code="123")),
    ("E19", line(hs_code="770110")),
    ("E22", line(quantity="0")), ("E24", line(net_weight="999999")), ("E25", line(origin_country="VN")),
    ("E30", line(gross_weight="0")), ("F03", line(criterion="WO")), ("G01", invoice(number="")),
    ("G02", invoice(date="2026-11-17")),
    ("G04", put(application_date="2026-11-25", transport={"departure_date": ""})),
    ("G06", invoice(date="2024-11-12")), ("G16", put(official_use="X")), ("G18", put(goods_note="GOODS AS AGREED")),
    ("G19", put(export_declaration="1")), ("G05", both(put(application_date="2026-10-16"), invoice(date="2026-10-12"))),
)


def found(application: Application) -> list[tuple[str, Severity]]:
    return [(rule.id, hit.severity or rule.severity) for rule, hit in hits(application, FACTS, current_pack())]


@given(applications())
@settings(max_examples=150, deadline=None)
def test_what_a_clerk_could_type_is_accepted(application: Application) -> None:
    assert [one for one in found(application) if one[1] is not Severity.WARN] == []


@pytest.mark.parametrize(("code", "change"), MUTATIONS, ids=[code for code, _ in MUTATIONS])
@given(application=applications())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_change_gives_exactly_its_finding(code: str, change: Change, application: Application) -> None:
    before = {rule for rule, _ in found(application)}
    assert {rule for rule, _ in found(change(application))} - before == {code}

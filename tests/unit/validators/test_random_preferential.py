"""Preferential applications that a trade clerk could type pass for every type; whatever stands in their fields, no rule breaks."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from clean_types import clean, destination, facts_for, line_of, preferential_codes
from hypothesis import given, settings
from hypothesis import strategies as st
from test_random_applications import goods_lines

from domain.application import Application, Party
from domain.finding import Severity
from schemas.certificate_types import CertificateType, certificate_type
from schemas.codelists import code_lists
from validators.pack import current_pack
from validators.rule_check import hits

# what hostile or careless senders write: empty, long, other scripts, the signs that rules look for
ODD = (
    "", " VIA ", "***", "\\", "HONG KONG", "SEE BOX 8", "UPON REQUEST", "(1) CARTONS", "9" * 40, "国", "\n", "A" * 3_000, "-5",
    "NaN%",
)


@st.composite
def parties(draw: st.DrawFn, kind: CertificateType) -> tuple[Party, str, str]:
    """A consignee in a member country, the port and the destination as printed."""
    first, port = destination(kind)
    country = draw(st.sampled_from(kind.members))
    printed = code_lists().countries[country]
    buyer = draw(st.sampled_from(["OLYMPIA TOOLS LTD.", "PACIFIC MILLS PTY", "ANDES & SONS, S.A.", "HONG KONG STREET FOODS"]))
    if country != first:
        port = f"{printed} VIA SINGAPORE" if country in kind.landlocked else printed
    address = draw(st.sampled_from(["48 HARBOUR ROAD, ", "UNIT 3/12 VIADUCT STREET\n", "88 TAIWAN AVENUE, "])) + printed
    return Party(buyer, address, draw(st.sampled_from([country, printed, ""]))), port, printed


@st.composite
def producers(draw: st.DrawFn, kind: CertificateType) -> str:
    if not kind.producer:
        return ""
    allowed = [kind.producer.same, kind.producer.confidential, kind.producer.unknown, "HEBEI LINGTONG PUMP WORKS"]
    return draw(st.sampled_from([phrase for phrase in allowed if phrase]))


@st.composite
def applications(draw: st.DrawFn, code: str) -> Application:
    kind, base = certificate_type(code), clean(code)
    drawn = [made for made, _, _ in draw(st.lists(goods_lines(), min_size=1, max_size=5))]
    consignee, port, printed = draw(parties(kind))
    vehicle = draw(st.sampled_from(["COSCO ARIES V.031W", "***", "BY SEA", "CA1045"]))
    goods = tuple(line_of(kind, one, position, "100.00") for position, one in enumerate(drawn, 1))
    # the same goods in two lines are one filing
    lines = {line.hs_code: line for line in goods}
    return replace(
        base, goods=tuple(replace(line, item_no=str(at)) for at, line in enumerate(lines.values(), 1)), goods_total="",
        marks=draw(st.sampled_from(["N/M", "LONGFORD\nMADE IN CHINA"])), consignee=consignee, destination=printed,
        producer=Party(draw(producers(kind))), invoices=(replace(base.invoices[0], amount=f"{len(lines)}00.00"),),
        transport=replace(
            base.transport, destination=port, vehicle=vehicle, mode=draw(st.sampled_from(["SEA", "AIR", "RAIL"])),
            via=draw(st.sampled_from(["", "SHANGHAI", printed]))))


def filled(value: Any, text: str, place: str) -> Any:
    """The value with `text` in every text field whose name is `place`; "" for all of them but the type."""
    changes: dict[str, Any] = {}
    for one in fields(value):
        part = getattr(value, one.name)
        if isinstance(part, str) and one.name != "certificate_type" and place in {"", one.name}:
            changes[one.name] = text
        elif is_dataclass(part):
            changes[one.name] = filled(part, text, place)
        elif isinstance(part, tuple) and part and is_dataclass(part[0]):
            changes[one.name] = tuple(filled(each, text, place) for each in part)
    return replace(value, **changes)


@pytest.mark.parametrize("code", preferential_codes())
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_a_clerk_could_type_is_accepted(code: str, data: st.DataObject) -> None:
    application = data.draw(applications(code))
    producer = application.producer.name if application.producer.name.startswith("HEBEI") else ""
    facts = facts_for(application)
    filings = {hs6: tuple(replace(one, producer=producer) for one in filed) for hs6, filed in facts.filings.items()}
    given_hits = hits(application, replace(facts, filings=filings), current_pack())
    above = [(rule.id, hit) for rule, hit in given_hits if (hit.severity or rule.severity) is not Severity.WARN]
    assert above == []


@pytest.mark.parametrize("code", ["APTA", "FORME2", "KR", "PE", "RCEP"])
@pytest.mark.parametrize("text", ODD, ids=lambda text: repr(text[:12]))
def test_no_text_in_any_field_breaks_a_rule(code: str, text: str) -> None:
    base = clean(code)
    everywhere = filled(base, text, "")
    assert list(hits(everywhere, facts_for(base), current_pack()))
    for place in ("name", "address", "country", "destination", "via", "vehicle", "description", "hs_code", "item_no", "marks"):
        list(hits(filled(base, text, place), facts_for(base), current_pack()))

"""Every certificate type has a page that says what its definition says, in both languages."""

import re
from dataclasses import replace

import pytest

from docs.type_pages import index, page, pages
from schemas.certificate_types import CertificateType, all_types, certificate_type
from schemas.type_words import doubts, names_of, particulars, percentage_of, place_of, printed_as
from tests.unit.docs.shown_commands import ROOT

PAGES = pages()
KINDS = pytest.mark.parametrize("kind", all_types(), ids=lambda kind: kind.code)


def shown(code: str) -> str:
    return PAGES[f"types/{code.lower()}.md"]


def row(code: str, first: str) -> str:
    """The rest of the table row that begins with this cell."""
    found = re.search(rf"^\| {re.escape(first)} \| (.*) \|$", shown(code), re.M)
    assert found, first
    return found[1]


@KINDS
def test_a_page_names_the_type_and_everything_that_its_definition_has(kind: CertificateType) -> None:
    text = shown(kind.code)
    assert text.startswith(f"# {kind.code}: {kind.zh}\n\n{kind.en}.\n")
    assert kind.reason_zh in text
    for box in kind.boxes:
        assert f"| {box.number or '—'} | {box.caption}" in text
    for one in kind.criteria:
        assert f"| `{one.code}` | `{printed_as(one)}` | {one.zh}" in text
    for note in kind.notes:
        assert note.partition(" / ")[0] in text
    zh, en = doubts(kind)
    assert zh in text and en[1:] in text


def test_there_is_one_page_for_each_type_and_no_other() -> None:
    assert set(PAGES) == {f"types/{kind.code.lower()}.md" for kind in all_types()}


def test_the_list_leads_to_every_page_and_says_since_when_a_type_is_issued() -> None:
    assert re.findall(r"^\| \[`\w+`\]\((types/\w+\.md)\)", index(), re.M) == list(PAGES)
    assert re.search(r"^\| \[`RCEP`\].*\| RC \| eco \| yes from 2022-01-01 \|$", index(), re.M)
    assert re.search(r"^\| \[`FORME`\].*\| yes to 2019-08-19 \|$", index(), re.M)
    assert re.search(r"^\| \[`PE`\].*\| pco \| yes \|$", index(), re.M)


def test_countries_are_named_in_both_languages() -> None:
    assert row("APTA", "其他成员方<br>other members") == (
        "孟加拉国、印度、韩国、老挝、斯里兰卡、蒙古 | BANGLADESH, INDIA, SOUTH KOREA, LAOS, SRI LANKA, MONGOLIA | ")
    assert names_of(["*"]) == ("任何国家或地区", "any country")


def test_an_endorsement_is_said_with_its_box_and_its_doubt() -> None:
    late = row("FORME2", "补发<br>issued after shipment")
    assert 'tick "Issued Retroactively" in box 13, within 365 days of departure; no mark within 3 days |' in late
    assert "7个工作日内无须注明" in row("KR", "补发<br>issued after shipment")
    assert row("NZ", "补发<br>issued after shipment").endswith("for departures since 2022-04-07 | 未经证实 unverified")
    assert "3 working days after departure" in row("APTA", "补发<br>issued after shipment")
    assert place_of(certificate_type("PE"), "official_use") == ("签证机构用栏", "the box for official use")


def test_limits_and_days_are_said() -> None:
    assert row("CH", "商品项数上限<br>most goods lines") == "20项；2021-09-01起50项 | 20; 50 since 2021-09-01 | "
    assert row("FORME", "申请日期<br>application dates") == "至2019-08-19 | to 2019-08-19 | "
    assert row("CL", "价值<br>value") == "不打印 | never printed | "
    limits = {one.code: percentage_of(one)[1] for one in certificate_type("APTA").criteria}
    assert limits == {"A": "", "B": "at most 55%", "C": "at least 60%", "D": ""}


def test_a_type_that_can_be_applied_for_shows_a_sample_of_itself() -> None:
    for kind in all_types():
        links = re.findall(r"\]\(\.\./\.\./\.\./(tests/[^)]+)\)", shown(kind.code))
        assert bool(links) == (kind.enabled and kind.code != "FORME"), kind.code
        for link in links:
            assert f"<CertificateType>{kind.code}</CertificateType>" in (ROOT / link).read_text(encoding="utf-8")


def test_a_type_that_is_not_enabled_says_why_and_nothing_that_only_its_form_would_say() -> None:
    assert "**未启用 not enabled**" in shown("MU")
    assert {one.about for one in particulars(certificate_type("MU"))} == {"agreement", "members", "valid_from"}


def test_what_loses_its_doubt_is_no_longer_marked() -> None:
    kind = certificate_type("KR")
    assert "未经证实 unverified" in page(kind)
    certain = tuple(replace(one, verified=True) for one in kind.criteria)
    assert "unverified" not in page(replace(kind, unverified=(), criteria=certain))

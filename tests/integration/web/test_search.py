"""Search: every field finds what it should, in every order; saved searches are their owner's; hot questions use their index."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from store.database import Database
from store.search import SORTS, Order, Sought, found, parameters, text
from tests.integration.review.reviewing import ReviewDesk, review_desk, sees
from tests.services import World
from tests.web import OTHER, Site, Visitor, site


@pytest.fixture
def work(stored: World) -> Iterator[tuple[ReviewDesk, Site]]:
    with review_desk(stored) as desk, site(stored) as running:
        yield desk, running


def invoices(visitor: Visitor, **asked: str) -> list[str]:
    answer = visitor.client.get(f"{visitor.address}/api/v1/search", params=asked, headers=visitor.headers())
    assert answer.status_code == 200, answer.text
    return [row["invoice"] for row in answer.json()["found"]["rows"]]


def facts(desk: ReviewDesk, identity: object) -> dict[str, Any]:
    names = ["invoice", "number", "consignee", "exporter", "destination", "signatory", "hs", "amount", "currency", "enterprise",
             "invoice_date"]
    [row] = desk.desk.query(f"select {', '.join(names)} from certificate where id = %s", identity)
    return dict(zip(names, row, strict=True))


def test_every_field_finds_the_certificate_and_its_opposite_does_not(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    [identity], _ = desk.issue(1), desk.refer(2)
    one, visitor, today = facts(desk, identity), running.visitor("auditor"), date.today()
    [(message,)] = desk.desk.query(
        "select m.message_id from message m join certificate c on c.message = m.id where c.id = %s", identity)
    desk.desk.owner.run("insert into form_serial values ('1100B0', 'CO', 'PR9', 'used', %s, null, 'x', now())", (identity,))
    right = {
        "text": one["invoice"].lower(), "invoice": f" {one['invoice']} ", "number": one["number"], "message": message,
        "state": "ISSUED", "serial": "PR9", "print": "not-printed"}
    for field, value in right.items():
        assert invoices(visitor, **{field: value}) == [one["invoice"]], field
    for field, value in {
        "consignee": one["consignee"].split()[0][:5].lower(), "exporter": "yuanl", "destination": one["destination"][:4],
        "type": "CO",
        "signatory": one["signatory"], "hs": one["hs"][:4], "currency": one["currency"], "enterprise": one["enterprise"],
        "invoiced_from": str(one["invoice_date"]), "received_from": f"{today:%Y/%m/%d}", "received_to": f"{today:%Y%m%d}",
        "least": str(one["amount"]), "most": f"{one['amount']:,}", "place": "1100B0",
    }.items():
        assert one["invoice"] in invoices(visitor, **{field: value}), field
    for field, value in {
        "text": "NO SUCH", "number": "26C/1", "message": "NO", "type": "PE", "state": "VOID", "serial": "PR8", "print": "printed",
        "consignee": "zzzzz", "exporter": "***", "destination": "TUVALU", "signatory": "无此人", "hs": "0000", "currency": "EUR",
        "enterprise": "4403C9999", "invoiced_to": "2020-01-01", "received_to": "20200101", "least": "999999999", "place": "3302A0",
    }.items():
        assert invoices(visitor, **{field: value}) == [], field
    assert invoices(visitor, text=str(identity)) == [one["invoice"]]
    assert invoices(visitor, invoice=one["invoice"][:4] + "*") and invoices(visitor, text=one["invoice"][:5])


def test_every_order_shows_all_once_page_by_page_in_both_directions(work: tuple[ReviewDesk, Site]) -> None:
    desk, _ = work
    desk.issue(23)
    seat = sees(desk.world)
    for sort in SORTS:
        for down in (True, False):
            order, seen, place = Order(sort, down), [], None
            while rows := found(seat, "1100B0", Sought(), order, 5, place):
                seen += rows
                place = rows[-1].place(order)
            keys = [(row.place(order).key, row.id) for row in seen]
            assert len(seen) == 23 and keys == sorted(keys, reverse=down), order
    seat.close()


def test_amounts_and_dates_that_are_none_are_told(work: tuple[ReviewDesk, Site]) -> None:
    _, running = work
    for query in ("least=many", "least=NaN", "most=1e999", "most=1e-999999", "received_from=2026-13-01", "sort=colour"):
        answer = running.visitor("reviewer").ask(f"/search?{query}")
        assert answer.status_code == 422, query


def test_days_that_nobody_lives_in_find_nothing(work: tuple[ReviewDesk, Site]) -> None:
    _, running = work
    for query in ("received_to=0001-01-01", "received_from=9999-12-31&received_to=9999-12-31", "invoiced_to=0001-01-01"):
        assert running.visitor("reviewer").ask(f"/search?{query}").json()["found"]["rows"] == []


def test_a_number_leads_to_the_certificate_and_several_to_the_list(work: tuple[ReviewDesk, Site]) -> None:
    desk, running = work
    one, *_ = desk.issue(3)
    visitor, known = running.visitor("auditor"), facts(desk, one)
    assert visitor.get("/find", params={"text": known["number"]}).headers["location"] == f"/certificates/{one}"
    assert visitor.get("/find", params={"text": known["invoice"]}).headers["location"] == f"/certificates/{one}"
    assert visitor.get("/find", params={"text": known["invoice"][:3]}).headers["location"].startswith("/search?text=")
    elsewhere = running.visitor("auditor", branch=OTHER)
    assert elsewhere.ask(f"/find?text={known['invoice']}").json()["matches"] == []


def test_saved_searches_are_their_owner_s_alone(work: tuple[ReviewDesk, Site]) -> None:
    _, running = work
    mine, other = running.visitor("reviewer", name="wang"), running.visitor("reviewer", name="li")
    assert mine.post("/search/save", {"label": "德国 <b>", "query": "destination=GERMANY"}).status_code == 303
    assert mine.ask("/search").json()["saved"][0]["to"] == "/search?destination=GERMANY"
    assert "德国 &lt;b&gt;" in mine.get("/search").text and other.ask("/search").json()["saved"] == []
    assert other.post("/search/forget", {"label": "德国 <b>"}).status_code == 404
    assert mine.post("/search/forget", {"label": "德国 <b>"}).status_code == 303 and mine.ask("/search").json()["saved"] == []


def test_the_form_speaks_both_languages_and_says_when_nothing_was_found(work: tuple[ReviewDesk, Site]) -> None:
    _, running = work
    visitor = running.visitor("auditor")
    assert "Nothing was found" in visitor.get("/search?text=X").text
    visitor.language = "zh"
    page = visitor.get("/search").text
    for word in ("高级搜索", "申请号", "进口商名称", "制单日期自", "手签员", "印刷号", "签证点"):
        assert word in page, word


PLANS = {
    "certificate_of_branch_by_invoice": Sought(invoice="INV1"),
    "certificate_of_branch_by_number": Sought(number="26C1"),
    "certificate_words": Sought(consignee="hamburg"),
    "certificate_newest_of": Sought(enterprises=("1100A5001", "1100A5399")),
    "certificate_newest_by_state": Sought(states=("AWAIT_PRINT",)),
    "certificate_newest_by_type": Sought(types=("PE",), states=("VOID",)),
    "certificate_by_invoice_date": Sought(invoiced_from=date(2025, 1, 1), invoiced_to=date(2025, 1, 2)),
    "certificate_of_branch_by_amount": Sought(least=Decimal(899999)),
}
BY_ID = (Sought(serial="PR1"), Sought(message="M-1"), Sought(printed=True))


@pytest.fixture(scope="module")
def many(kept: World) -> Iterator[Database]:
    """Thirty thousand certificates, seen as the console sees them."""
    from bench.million import fill

    owner = kept.database()
    fill(owner, 30_000)
    owner.close()
    seat = sees(kept)
    yield seat
    seat.close()


def plan(database: Database, name: str, sought: Sought, order: Order) -> str:
    given = parameters("1100B0", sought, order, 51, None)
    assert given
    return "\n".join(row[0] for row in database.run(f"explain {text(name)}", given | {"depth": 400}))


@pytest.mark.parametrize("index", PLANS)
def test_a_hot_question_is_looked_up_in_its_index(many: Database, index: str) -> None:
    shown = plan(many, "search_far", PLANS[index], Order())
    if index == "certificate_newest_by_type":  # few are void: either index is right
        assert "certificate_newest_by_" in shown
    else:
        assert index in shown, shown
    assert "Seq Scan on certificate" not in shown, shown


@pytest.mark.parametrize("sought", BY_ID)
def test_what_other_tables_know_is_looked_up_by_id(many: Database, sought: Sought) -> None:
    shown = plan(many, "search_far", sought, Order())
    assert "Index Cond: (id = ANY" in shown and "Seq Scan on certificate" not in shown, shown


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_is_a_walk_along_an_index(many: Database, sort: str) -> None:
    for down in (True, False):
        shown = plan(many, "search_near", Sought(consignee="hamburg"), Order(sort, down))
        walk = shown[:shown.index("Nested Loop")]
        assert "Seq Scan" not in walk and "Index Scan" in walk, shown


def test_words_are_found_wherever_they_stand_in_time(many: Database) -> None:
    [(consignee, invoice)] = many.run("select consignee, invoice from certificate where state = 'ISSUED' order by id limit 1")
    rows = found(many, "1100B0", Sought(consignee=consignee), Order(), 51)
    assert invoice in {row.invoice for row in rows} and all(row.consignee == consignee for row in rows)

"""What the console's lists and searches cost over a million certificates of one branch: in the database, and as pages.

python bench/million.py                                                        once: it makes the database
python bench/console_search.py [--database URL] [--rounds 5] [--plans]         a table: milliseconds, and pages a second
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parent.parent))
from bench.million import BRANCH
from console.settings import Settings
from pipeline.topology import Topology
from store.database import Database
from store.search import Order, Sought, found, parameters, text
from tests.services import World
from tests.web import Visitor, site

URL = "postgresql://postgres@127.0.0.1:5432/coedi_million"
LONG_AGO = date.today() - timedelta(days=700)
OTHER_ORDERS = (Order("invoice", False), Order("number"), Order("enterprise", False))


def questions(database: Database) -> dict[str, tuple[Sought, dict[str, str]]]:
    """Name -> what is asked of the database, and the same as fields of the page."""
    [(enterprise, invoice, number, consignee, hs)] = database.run(
        "select enterprise, invoice, number, consignee, hs from certificate where state = 'ISSUED'"
        " order by id limit 1 offset (select (reltuples * 0.4)::int from pg_class where relname = 'certificate')")
    week = LONG_AGO + timedelta(days=6)
    rare = consignee.split()[1]
    return {
        "everything, newest first": (Sought(), {"sort": "received", "type": ""}),
        "invoice number": (Sought(invoice=invoice), {"invoice": invoice}),
        "beginning of an invoice number": (Sought(invoice="INV5000*"), {"invoice": "INV5000*"}),
        "certificate number": (Sought(number=number), {"number": number}),
        "one enterprise": (Sought(enterprises=(enterprise,)), {"enterprise": enterprise}),
        "consignee, a frequent word": (Sought(consignee="trading"), {"consignee": "trading"}),
        "consignee, a rare word": (Sought(consignee=rare), {"consignee": rare}),
        "consignee, no such word": (Sought(consignee="zzzz"), {"consignee": "zzzz"}),
        "destination and consignee": (Sought(destination="peru", consignee=rare), {"destination": "peru", "consignee": rare}),
        "HS code": (Sought(hs=hs), {"hs": hs}),
        "HS heading": (Sought(hs=hs[:4]), {"hs": hs[:4]}),
        "void": (Sought(states=("VOID",)), {"state": "VOID"}),
        "void, of a rare type": (Sought(states=("VOID",), types=("PE",)), {"state": "VOID", "type": "PE"}),
        "received in a week long ago": (
            Sought(received_from=LONG_AGO, received_to=week), {"received_from": str(LONG_AGO), "received_to": str(week)}),
        "invoices of a week long ago": (
            Sought(invoiced_from=LONG_AGO, invoiced_to=week), {"invoiced_from": str(LONG_AGO), "invoiced_to": str(week)}),
        "amount, the greatest": (Sought(least=Decimal(899_000)), {"least": "899000"}),
        "amount, a band in euros": (
            Sought(currency="EUR", least=Decimal(100_000), most=Decimal(101_000)),
            {"currency": "EUR", "least": "100000", "most": "101000"}),
        "signatory": (Sought(signatory="何雨晴"), {"signatory": "何雨晴"}),
        "printed on paper": (Sought(printed=True), {"print": "printed"}),
        "form serial": (Sought(serial="PR1"), {"serial": "PR1"}),
        "application number": (Sought(message="M-1"), {"message": "M-1"}),
    }


PAGES = ("/", "/counts", "/queues/review", "/queues/edi", "/queues/print", "/queues/approved", "/queues/void", "/queues/returned")


def timed(act: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median and slowest in milliseconds, after one round that is not counted."""
    act()
    seen = []
    for _ in range(rounds):
        begin = time.perf_counter()
        act()
        seen.append((time.perf_counter() - begin) * 1000)
    return statistics.median(seen), max(seen)


def server_ms(visitor: Visitor, path: str, rounds: int) -> tuple[float, float, float]:
    """Median and slowest server time of a page in milliseconds, and pages a second of one visitor."""
    visitor.get(path)
    begin, seen = time.perf_counter(), []
    for _ in range(rounds):
        answer = visitor.get(path, headers={"HX-Request": "true"} if path == "/counts" else {})
        assert answer.status_code == 200, (path, answer.status_code)
        seen.append(float(answer.headers["server-timing"].rpartition("=")[2]))
    return statistics.median(seen), max(seen), rounds / (time.perf_counter() - begin)


def in_database(database: Database, rounds: int, plans: bool) -> None:
    """Every question in the usual order, and the slowest of the other orders."""
    print(f"{'asked of the database':36}{'rows':>6}{'median':>9}{'slowest':>9}{'other orders':>14}   ms")
    for name, (sought, _) in questions(database).items():
        rows = len(found(database, BRANCH, sought, Order(), 51))
        median, slowest = timed(lambda sought=sought: found(database, BRANCH, sought, Order(), 51), rounds)  # type: ignore[misc] # bound now
        others = max(timed(lambda sought=sought, order=order: found(database, BRANCH, sought, order, 51), 2)[0]  # type: ignore[misc] # as above
                     for order in OTHER_ORDERS)
        print(f"{name:36}{rows:>6}{median:>9.1f}{slowest:>9.1f}{others:>14.1f}")
        if plans:
            given = parameters(BRANCH, sought, Order(), 51, None)
            for line in database.run(f"explain (analyze, buffers) {text('search_far')}", given):
                print(f"    {line[0]}")


def as_pages(url: str, rounds: int, asked: dict[str, tuple[Sought, dict[str, str]]]) -> None:
    """The lists and the searches through the page."""
    folder = Path(tempfile.mkdtemp())
    with site(World(Settings(database_url=url, state_dir=folder, documents=folder), Topology())) as running:
        visitor = running.visitor("senior-reviewer", name="bench")
        print(f"\n{'page':62}{'median':>9}{'slowest':>9}   ms server time{'a second':>11}")
        for path in (*PAGES, *(f"/search?{urlencode(given)}" for _, given in asked.values())):
            median, slowest, rate = server_ms(visitor, path, rounds)
            print(f"{path[:60]:62}{median:>9.1f}{slowest:>9.1f}{rate:>25.0f}")


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default=URL)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--plans", action="store_true")
    given = parser.parse_args()
    database = Database(given.database, "coedi_console")
    database.query("bind_branch", branch=BRANCH)
    in_database(database, given.rounds, given.plans)
    as_pages(given.database, given.rounds, questions(database))


if __name__ == "__main__":
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    main()

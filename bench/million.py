"""A database with a million certificates of one branch, made by SQL, for measuring what grows with the number stored.

python bench/million.py [--count 1000000] [--database postgresql://...]     prints the URL of the new database; drop it yourself
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from console.sampler import BRANCHES
from pipeline.topology import Names
from store import registry
from store.database import Database
from store.migrate import migrate
from tests.services import ADMIN_URL, create_database, drop_database

BRANCH, OTHER = "1100B0", "3302A0"
YEARS = 3
PLACES = ("GERMANY", "CHILE", "KENYA", "BRAZIL", "UNITED STATES", "UNITED ARAB EMIRATES", "AUSTRALIA", "THAILAND", "VIET NAM",
          "PERU", "PAKISTAN", "SINGAPORE", "NEW ZEALAND", "KOREA", "JAPAN", "ICELAND", "TUVALU")
TRADES = ("HANDEL", "TRADING", "COMERCIAL", "SUPPLIES", "IMPORTS", "WERKZEUG", "TEXTILES", "LIGHTING", "TOYS", "MINERALS",
          "FORESTRY")
# session settings under which rows are copied in: no trigger, no foreign key is looked at
_QUIET = "set session_replication_role = replica; set synchronous_commit = off; set maintenance_work_mem = '256MB'"
_ENTERPRISES = """
insert into enterprise (no, branch, name_zh, name_en, exchange, receipt_queue)
select format('%s%s', case when n % 50 = 0 then '3302A' else '1100A' end, lpad(n::text, 4, '0')),
    case when n % 50 = 0 then '3302A0' else '1100B0' end, '样本企业' || n,
    format('SAMPLE WORKS %s CO., LTD.', to_hex(n * 7919)), 'x.' || n, 'q.' || n
from generate_series(5000, 5399) n on conflict do nothing"""
# ids grow with time, one after the other over three years; states as a branch has them: nearly all issued, the newest under way
_CERTIFICATES = """
insert into certificate (id, enterprise, branch, type, invoice, message, version, revision, state, number, approved_at, head,
    exporter, consignee, destination, created_at, changed_at, invoice_date, amount, currency, signatory, hs, small)
select id, no, '1100B0', type, 'INV' || n, id, 4, 1, state, case when state not in ('RETURNED', 'PENDING_REVIEW', 'RECEIVED') then
        '26C' || no || '/' || n end,
    case when state not in ('RETURNED', 'PENDING_REVIEW', 'RECEIVED') then at end, decode(md5(n::text), 'hex'),
    format('SAMPLE WORKS %%s CO., LTD.', to_hex(firm * 7919)),
    format('%%s %%s %%s LIMITED', (%(trades)s::text[])[1 + h %% cardinality(%(trades)s::text[])], to_hex(h %% 5003),
        (%(trades)s::text[])[1 + h / 7 %% cardinality(%(trades)s::text[])]),
    (%(places)s::text[])[
        1 + (power((h %% 1000) / 1000.0, 2) * cardinality(%(places)s::text[]))::int %% cardinality(%(places)s::text[])],
    at, at, (at - interval '3 days')::date, round((power((h %% 9973) / 9973.0, 4) * 900000 + 100)::numeric, 2),
    case when h %% 20 = 0 then 'EUR' else 'USD' end, (array['周立新', '何雨晴', '林嘉明'])[1 + firm %% 3],
    84000000 + h %% 99991 || '', h %% 9 = 0
from (
    select n, at, h, firm, '1100A' || lpad(firm::text, 4, '0') as no,
        (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3)
            || '8' || substr(md5(n::text), 4, 15))::uuid as id,
        case when h %% 100 < 70 then 'CO' when h %% 100 < 90 then 'FORME2' when h %% 100 < 98 then 'RCEP' else 'PE' end as type,
        case when n > %(count)s - 300 then 'RECEIVED' when n > %(count)s - 2300 then 'PENDING_REVIEW'
            when n > %(count)s - 3000 then 'AWAIT_PRINT' when h %% 1000 < 2 then 'VOID' when h %% 100 < 3 then 'RETURNED'
            when h %% 100 < 5 then 'SUPERSEDED' else 'ISSUED' end as state
    from (
        select n, clock.now - (%(count)s - n) * (interval '1 day' * 365 * %(years)s / %(count)s) as at,
            (hashint4(n) & 2147483647) as h, 5001 + (power((hashint4(n + 7) & 65535) / 65536.0, 2) * 398)::int as firm
        from generate_series(%(first)s, %(last)s) n, (select %(now)s::timestamptz as now) clock
    ) as raw
    where firm %% 50 <> 0
) as rows"""
_TASKS = """
insert into review_task (certificate, kind, version, branch, enterprise, type, reasons, queued_at, deadline)
select id, 'certificate', version, branch, enterprise, type, '["SAMPLE: 抽查 / chosen by chance"]', created_at,
    created_at + interval '1 day'
from certificate where state = 'PENDING_REVIEW'"""
_HISTORY = """
insert into transition (certificate, version, revision, source, event, state, actor, at, detail, previous_hash, hash, receipt)
select id, version, revision, 'APPROVED', 'issue', state, 'print', changed_at, '{"reasons": []}', head, head, id || '-4'
from certificate"""


def fill(database: Database, count: int, step: int = 50_000) -> None:
    """`count` certificates of a branch with their newest lines of history, and what waits for review; as the database's owner."""
    database.run(_QUIET)
    database.run(_ENTERPRISES)
    now = database.run("select clock_timestamp()")[0][0]
    for first in range(1, count + 1, step):
        database.run(_CERTIFICATES, {
            "first": first, "last": min(first + step - 1, count), "count": count, "years": YEARS, "now": now,
            "trades": list(TRADES), "places": list(PLACES)})
    database.run(_TASKS)
    database.run(_HISTORY)
    database.run("reset session_replication_role")
    database.run("vacuum analyze")


def make(name: str, count: int, admin_url: str = ADMIN_URL) -> str:
    """A new database with that many certificates; its URL."""
    drop_database(name, admin_url)
    database = Database(create_database(name, admin_url=admin_url))
    migrate(database)
    for branch in BRANCHES:
        registry.add_branch(database, branch, Names("").branch_exchange(branch.code))
    fill(database, count)
    database.close()
    return database.url


def main() -> None:
    """Make it, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--name", default="coedi_million")
    parser.add_argument("--database", default=ADMIN_URL, help="administrative URL of the server")
    given = parser.parse_args()
    begin = time.perf_counter()
    print(make(given.name, given.count, given.database), f"{time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()

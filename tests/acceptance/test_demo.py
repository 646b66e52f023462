"""`coedi demo` as people run it: on RabbitMQ, without RabbitMQ, twice, interrupted, and without any PostgreSQL."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest
from lxml import etree
from pypdf import PdfReader

from console import demo, demo_console, local_services, settings
from console.demo_goods import DEALS, filed_goods, goods_filings
from console.demo_pipeline import OnRabbitMQ
from console.demo_samples import submissions
from console.sample_firms import ALL_FIRMS
from console.sampler import BRANCHES
from domain.application import Application
from domain.errors import DatabaseGone, Failure
from domain.filing import GoodsFiling
from gateway import goods_checks
from gateway.faults import Faults
from messages import goods_filing
from messages.parsing import parse
from pipeline.topology import Names
from schemas.certificate_types import all_types
from schemas.codelists import code_lists
from store.database import Database
from tests import services
from validators.check import check_bytes
from validators.facts import Facts

NOWHERE = "amqp://guest:guest@127.0.0.1:1/%2F"
KEYS = {
    "submitted", "issued", "returned", "refused", "manual", "receipts", "lost", "duplicates", "seconds", "transport", "database",
    "documents", "resent", "receipts_folder", "refusals", "preferential", "filings", "printed", "amended", "void", "too_late",
    "enquiries", "unanswered", "issued_by_type", "examples", "console",
}
ELSE = ("preferential", "filings", "printed", "amended", "void", "too_late", "enquiries", "unanswered")
# days on which samples could go wrong: a Sunday, ends of years and months, a leap day, the Spring Festival, far ahead
DAYS = [date(2026, 11, 22), date(2026, 12, 31), date(2027, 1, 1), date(2027, 2, 6), date(2028, 2, 29), date(2030, 6, 30)]
pytestmark = pytest.mark.database


@pytest.fixture(params=[pytest.param("rabbitmq", marks=pytest.mark.broker), "local"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Where a demo of its own runs, on either transport; what it leaves is removed. EXPECT is the transport."""
    rabbit = request.param == "rabbitmq"
    values = os.environ | {
        "COEDI_AMQP_URL": services.AMQP_URL if rabbit else NOWHERE, "COEDI_DATABASE_URL": services.ADMIN_URL,
        "COEDI_STATE_DIR": str(tmp_path), "COEDI_PREFIX": f"t{secrets.token_hex(4)}.", "EXPECT": request.param}
    values.pop("COEDI_DOCUMENTS", None)
    if rabbit:
        try:
            OnRabbitMQ(services.AMQP_URL, {}).publisher().close()
        except Failure as error:
            services.unavailable(str(error))
    with services.server():
        yield values
    own = own_settings(values)
    if rabbit:
        OnRabbitMQ(services.AMQP_URL, {}).delete(demo.topology(Names(own.prefix)))
    services.drop_database(own.database_url.rpartition("/")[2])


def own_settings(environment: dict[str, str]) -> settings.Settings:
    """The settings that the demo makes for itself."""
    return demo.demo_settings(settings.load(environment), demo.Place(services.ADMIN_URL, environment["COEDI_AMQP_URL"], {}))


def run(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`coedi demo` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "console", "demo", *arguments], env=environment, capture_output=True, text=True, timeout=120,
        check=False, stdin=subprocess.DEVNULL)


def answer(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """Its JSON document."""
    assert done.returncode == 0, done.stderr + done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_everything_submitted_is_accounted_for_and_a_second_run_begins_anew(environment: dict[str, str]) -> None:
    first = answer(run(environment, "--count", "30", "--json"))
    assert set(first) == KEYS
    assert first["transport"] == environment["EXPECT"]
    ends = {key: first[key] for key in ("issued", "returned", "refused", "manual")}
    assert ends == {"issued": 21, "returned": 4, "refused": 3, "manual": 2}
    assert (first["submitted"], first["lost"], first["duplicates"], first["resent"]) == (30, 0, 0, 2)
    assert len(list(Path(first["documents"]).rglob("*.pdf"))) == 22  # one of them is left to be printed
    assert len(list(Path(first["receipts_folder"]).rglob("*.xml"))) == first["receipts"] - first["resent"]  # the repeated ones
    assert [first[key] for key in ELSE] == [6, 7, 1, 1, 1, 1, 1, 0]
    assert first["issued_by_type"] == {"AU": 1, "CO": 15, "FORME2": 1, "KR": 1, "PE": 1, "RCEP": 2}
    assert stored_trade(environment) == STORED
    for kind, words in (("RCEP", "FORM RCEP"), ("PE", "CHINA AND PERU"), ("CO", "CERTIFICATE OF ORIGIN")):
        assert words in PdfReader(Path(first["documents"]) / first["examples"][kind]).pages[0].extract_text()
    several = [row["codes"].split() for row in first["refusals"] if len(row["codes"].split()) >= 3]
    assert several == [["C07", "E02", "E10", "G02"]]
    look_around(first["console"], environment)
    checkpoints = own_settings(environment).state_dir / "checkpoints.jsonl"
    checkpoints.write_text("of the first run\n", encoding="utf-8")
    second = answer(run(environment, "--count", "10", "--json"))
    assert (second["submitted"], second["issued"], second["lost"], second["duplicates"]) == (10, 8, 0, 0)
    assert not checkpoints.exists() or "of the first run" not in checkpoints.read_text(encoding="utf-8")
    assert [second[key] for key in ELSE] == [0] * len(ELSE)
    assert len(list(Path(second["documents"]).rglob("*.pdf"))) == 8


def look_around(told: dict[str, Any], environment: dict[str, str]) -> None:
    """Sign in to a console on the demo's database with what the demo told: everybody finds something to do."""
    users = {user["name"]: user for user in told["users"]}
    with demo_console.serving(own_settings(environment), environment) as address:
        for name, key in (("reviewer", "review"), ("senior", "print"), ("operator", "parked")):
            given = {"branch": users[name]["branch"], "name": name, "password": users[name]["password"]}
            signed = httpx.post(f"{address}sign-in", data=given, headers={"Origin": address.rstrip("/")})
            assert signed.status_code == 303, signed.text
            cookie = signed.headers["set-cookie"].partition(";")[0]
            assert httpx.get(f"{address}api/v1/counts", headers={"Cookie": cookie}).json()["counts"][key] > 0


# what the first thirty samples leave in the database, beside issued certificates: of each thing how many
STORED = {
    "filing APPROVED": 7, "filing PENDING_REVIEW": 1, "certificate RCEP SUPERSEDED": 1, "certificate CO VOID": 1, "form PE used": 1,
    "receipt AWAIT_PRINT": 2, "receipt STATE_NOT_ALLOWED": 1, "receipt STATUS": 1, "receipt FILING_DECIDED": 7, "replaced": 1}


def stored_trade(environment: dict[str, str]) -> dict[str, int]:
    """The same, as it is."""
    database = Database(own_settings(environment).database_url)
    found: dict[str, int] = dict(database.run("""
        select 'filing ' || state, count(*) from filing group by 1
        union all select 'certificate ' || type || ' ' || state, count(*) from certificate
            where state in ('SUPERSEDED', 'VOID') group by 1
        union all select 'form ' || stock || ' ' || status, count(*) from form_serial group by 1
        union all select 'receipt ' || code, count(*) from receipt
            where code in ('AWAIT_PRINT', 'STATE_NOT_ALLOWED', 'STATUS', 'FILING_DECIDED') group by 1
        union all select 'replaced', count(*) from certificate c join certificate o on o.id = c.replaces
            where c.state = 'ISSUED' and o.state = 'SUPERSEDED'"""))
    database.close()
    return found


def test_people_are_told_what_else_happened_and_where_to_look(environment: dict[str, str]) -> None:
    done = run(environment, "--count", "30")
    assert done.returncode == 0, done.stderr
    [line] = [line for line in done.stdout.splitlines() if line.startswith("also: ")]
    said = "also: 7 filings 商品备案, 6 preferential, 1 on stock 印刷号, 1 amended 改证, 1 void 作废, "
    assert line == said + "1 withdrawn too late, 1 enquiry 查询"
    documents = own_settings(environment).documents
    named = [line.split() for line in done.stdout.splitlines() if line.endswith(".pdf")]
    assert [kind for kind, _ in named] == ["CO", "RCEP", "PE"]
    assert all((documents / name).is_file() for _, name in named)


def test_people_are_told_where_it_runs_and_why(environment: dict[str, str]) -> None:
    done = run(environment, "--count", "4")
    assert done.returncode == 0, done.stderr
    why = {"rabbitmq": "COEDI_AMQP_URL is set", "local": "broker in this process, nothing durable: COEDI_AMQP_URL"}
    assert f"RabbitMQ: {why[environment['EXPECT']]}" in done.stderr
    [line] = [line for line in done.stdout.splitlines() if line.startswith("transport")]
    assert why[environment["EXPECT"]] in line


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process(environment: dict[str, str], number: signal.Signals) -> None:
    popen = subprocess.Popen(
        [sys.executable, "-m", "console", "demo", "--count", "2000"], env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    assert _in_the_middle(environment, popen)
    family = psutil.Process(popen.pid).children(recursive=True)
    assert bool(family) is (environment["EXPECT"] == "rabbitmq")
    popen.send_signal(number)
    _, errors = popen.communicate(timeout=60)
    assert (popen.returncode, errors.splitlines()[-1]) == (130, "interrupted"), errors
    assert [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE] == []


def _in_the_middle(environment: dict[str, str], popen: "subprocess.Popen[str]") -> bool:
    """Wait until some certificates are there, and not all."""
    database = Database(own_settings(environment).database_url)
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and popen.poll() is None:
        try:
            there = database.run("select to_regclass('certificate') is not null")[0][0]
            if there and database.run("select count(*) from certificate")[0][0] > 20:
                return True
        except DatabaseGone:
            pass
        finally:
            database.close()
        time.sleep(0.05)
    return False


def test_a_postgresql_that_is_named_and_does_not_answer_ends_it_in_one_line(tmp_path: Path) -> None:
    done = run(os.environ | {
        "COEDI_DATABASE_URL": "postgresql://postgres@127.0.0.1:1/postgres", "COEDI_AMQP_URL": NOWHERE,
        "COEDI_STATE_DIR": str(tmp_path)})
    assert (done.returncode, done.stdout) == (3, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("coedi: PostgreSQL is not reachable at postgresql://postgres@127.0.0.1:1/postgres")


def test_without_any_postgresql_a_private_one_runs_for_the_demo_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COEDI_DATABASE_URL", "COEDI_DATABASE_URL_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(local_services, "standard_database_answers", lambda: False)
    given = settings.load({"COEDI_STATE_DIR": str(tmp_path), "COEDI_AMQP_URL": NOWHERE})
    if local_services.private_postgres(given) is None:
        services.unavailable("no PostgreSQL programs")
    try:
        where = demo.place(given)
        assert (where.started, where.amqp_url) == (True, None)
        own = demo.demo_settings(given, where)
        with demo.one_at_a_time(own) as server:
            demo.prepare(own, server, demo.pipeline_at(where, {}))
            database = Database(own.database_url)
            assert database.run("select count(*) from enterprise") == [(12,)]
            database.close()
        demo.leave(given, where)
        with pytest.raises(DatabaseGone):
            server.run("select 1")
    finally:
        private = local_services.private_postgres(given)
        if private is not None and private.pid is not None:
            private.stop()
        local_services.remove(given)


@pytest.mark.parametrize("today", DAYS, ids=str)
def test_goods_and_preferential_samples_have_no_fault_on_any_day(today: date) -> None:
    records, kinds = {firm.record.no: firm.record for firm in ALL_FIRMS}, {kind.code for kind in all_types()}
    filed = {key: f"F-{at}" for at, key in enumerate(filed_goods(DEALS))}
    filings = dict[tuple[str, str], dict[str, tuple[GoodsFiling, ...]]]()
    for (kind, no, hs), (_, body) in zip(filed, goods_filings(DEALS, today), strict=True):
        root = parse(body)
        assert isinstance(root, etree._Element)
        goods, faults = goods_filing.extract(root[1]), Faults(root[1])
        faults.add_structure()
        goods_checks.check(goods, records[no], records[no].branch, today, faults)
        assert faults.found == []
        filings.setdefault((no, kind), {})[hs] = (GoodsFiling(
            uuid4(), filed[kind, no, hs], no, kind, hs, "APPROVED", goods.name_zh, goods.name_en, criterion=goods.criterion,
            value_content=Decimal(goods.value_content) if goods.value_content else None, producer=goods.producer_name),)

    def facts(application: Application) -> Facts:
        no = application.applicant.registration_no
        return Facts(today, code_lists(), records[no], frozenset(branch.code for branch in BRANCHES), frozenset(kinds),
                     registry_known=True, filings=filings[no, application.certificate_type])

    preferential = [s for s in submissions(60, today, filed) if s.type != "CO"]
    assert {s.type for s in preferential} == {deal.type for deal in DEALS}
    for sample in preferential:
        report = check_bytes(sample.type, sample.body, facts, None)
        assert (report["verdict"], report["findings"]) == ("accepted", []), report


def test_the_samples_are_the_same_for_the_same_day_and_all_different() -> None:
    today = date(2026, 3, 2)
    once, again = submissions(60, today), submissions(60, today)
    assert [each.sha256 for each in once] == [each.sha256 for each in again]
    assert len({each.sha256 for each in once if not each.again}) == 59  # and the amendment, which names an issued certificate
    assert {each.enterprise for each in once} == {f"1100A200{n}" for n in range(1, 5)} | {
        f"4403C210{n}" for n in range(1, 5)} | {f"3302A220{n}" for n in range(1, 5)}
    assert {each.note for each in once} >= {"long description", "bulk cargo", "several", "sent again", "consignee in Chinese"}

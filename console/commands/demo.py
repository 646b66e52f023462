"""The demo command."""

import contextlib
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass
from typing import NoReturn

import click

from console import demo as main_job
from console import settings as configuration
from console.demo_console import BRANCH, Credentials, make_users, serving, settings_of
from console.demo_pipeline import DemoPipeline
from console.demo_play import Play, messages
from console.demo_result import Result, judge
from console.demo_samples import whole_trade
from console.terminal import echo_json, on_terminal, progress, table


@click.command()
@click.option("--count", default=60, show_default=True, type=click.IntRange(1, 100_000),
              help="Distinct submissions; the whole trade from 30 on.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--console/--no-console", "stays", default=None,
              help="Go on with a console to sign in to, until Ctrl-C; on a terminal that is the default.")
def demo(count: int, as_json: bool, stays: bool | None) -> None:
    """Send sample interchanges through the whole pipeline and show what became of them, then open the console on them.

    Uses a database (coedi_demo) and broker names (demo.*) of its own; a second run begins anew. Without RabbitMQ everything
    runs inside this process; without PostgreSQL a private one is started. Ctrl-C leaves nothing running.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    settings = configuration.load()
    where = main_job.place(settings)
    own, on = main_job.demo_settings(settings, where), main_job.pipeline_at(where, os.environ)
    try:
        for service, reason in where.reasons.items():
            click.echo(f"{service}: {reason}", err=True)
        shown = Shown(as_json, where, own, (on_terminal() and not as_json) if stays is None else stays)
        result = _run(count, own, on, shown)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C must not leave PostgreSQL behind
        main_job.leave(settings, where)
    if result.lost or result.duplicates or result.unanswered:
        sys.exit(1)


@dataclass(frozen=True, slots=True)
class Shown:
    """How the end is shown: as JSON or for people; stays: with a console that goes on until Ctrl-C."""

    as_json: bool
    where: main_job.Place
    own: configuration.Settings
    stays: bool


def _run(count: int, own: configuration.Settings, on: DemoPipeline, shown: Shown) -> Result:
    with main_job.one_at_a_time(own) as server:
        main_job.prepare(own, server, on)
        with on.running(own) as ended:
            with progress(messages(count), "messages 报文") as bar:
                play = Play(own, on, ended, bar.advance, server.query("today")[0][0])
                played = play.run(count)
            result = judge(played, own, on.name)
            if whole_trade(count):
                play.leave_work(BRANCH)
            _end(result, make_users(own), shown)
    return result


def _end(result: Result, users: list[Credentials], shown: Shown) -> None:
    """What became of it all, and the console."""
    if shown.as_json:
        echo_json(asdict(result) | {"console": {"users": [asdict(user) for user in users], "environment": settings_of(shown.own)}})
    else:
        _show(result, shown)
        table("Console 控制台", ("branch 分会", "user 用户", "password 密码", "roles"), [
            [user.branch, user.name, user.password, ", ".join(user.roles) + (" (head office 总会)" if user.everywhere else "")]
            for user in users])
        if not shown.stays:
            _tell_how(shown)
    if not shown.stays:
        return
    with serving(shown.own, os.environ) as address, contextlib.suppress(KeyboardInterrupt):
        click.echo(f"console 控制台       {address}   (Ctrl-C ends it, and the pipeline with it)", err=shown.as_json)
        while True:
            time.sleep(3600)


def _interrupt(*_: object) -> NoReturn:
    """Ctrl-C and SIGTERM end the demo, and the pipeline that it started with it."""
    raise KeyboardInterrupt


def _show(result: Result, shown: Shown) -> None:
    where = shown.where
    table("Demo 演示", list(COUNTS.values()), [[getattr(result, name) for name in COUNTS]])
    columns = ("end", "enterprise", "invoice", "codes", "why")
    if result.filings:
        click.echo("also: " + ", ".join(f"{getattr(result, name)} {said}" for name, said in OTHERS.items()))
    table("Not issued 未签发", columns, [[row[column] for column in columns] for row in result.refusals])
    click.echo(f"\n{result.submitted} submissions and {result.resent} resends in {result.seconds} s"
               f" ({result.submitted / max(result.seconds, 0.01):.0f}/s, starting the workers included)")
    click.echo(f"transport           {result.transport}: {where.reasons['RabbitMQ']}")
    click.echo(f"certificates (PDF)  {result.documents}")
    for kind in (kind for kind in SHOWN if kind in result.examples):
        click.echo(f"  {kind:<18}{result.examples[kind]}")
    click.echo(f"receipts (XML)      {result.receipts_folder}")
    click.echo(f"database            {result.database}")


def _tell_how(shown: Shown) -> None:
    """How to look at it in a browser later."""
    if shown.where.started:
        click.echo("\nThe private PostgreSQL has ended with the demo; to look at the database: coedi dev up")
        return
    settings = " ".join(f"{name}='{value}'" for name, value in settings_of(shown.own).items() if value)
    click.echo(f"\nTo decide what waits for a person, in a browser:\n  export {settings}\n  coedi up")


# what the summary counts, and its heading
COUNTS = {
    "submitted": "submitted 已提交", "issued": "issued 已发证", "returned": "returned 退回", "refused": "refused 拒绝",
    "manual": "manual 待审", "receipts": "receipts 回执", "lost": "lost 丢失", "duplicates": "duplicates 重复",
}
# what else happened, and the types of which a document is named
OTHERS = {
    "filings": "filings 商品备案", "preferential": "preferential", "printed": "on stock 印刷号", "amended": "amended 改证",
    "void": "void 作废", "too_late": "withdrawn too late", "enquiries": "enquiry 查询",
}
SHOWN = ("CO", "RCEP", "PE")
COMMANDS = {"demo": demo}

"""Exports 导出Excel: start one, see how far it is, cancel it, fetch the file; each is its owner's alone."""

from dataclasses import dataclass

from console.web import export_jobs
from console.web.asking import READERS, Ask, Done, Field, File, Route, View
from console.web.export_jobs import MOST_ROWS, Export
from store import people
from store.search import SHANGHAI

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Exports:
    """The person's exports of the last day; most: rows that a file may have."""

    exports: tuple[Export, ...]
    most: int = MOST_ROWS


def exports(ask: Ask) -> View:
    """All of them, the newest first."""
    return View("exports.html", Exports(export_jobs.exports(ask)))


def progress(ask: Ask) -> View:
    """One of them: a row of the page, asked for again while it runs."""
    one = export_jobs.export(ask, ask.path["export"])
    return View("exports_row.html" if ask.partial else "exports.html", Exports((one,)))


def start(ask: Ask) -> Done:
    """Export the list that an address names."""
    identity = export_jobs.start(ask, ask.given["query"])
    return Done("/exports", export_jobs.export(ask, identity), ("已开始导出", "The export has begun"))


def again(ask: Ask) -> Done:
    """The same list once more, as it stands now."""
    identity = export_jobs.start(ask, export_jobs.export(ask, ask.path["export"]).query)
    return Done("/exports", export_jobs.export(ask, identity), ("已重新开始", "It was started again"))


def cancel(ask: Ask) -> Done:
    """Stop it."""
    export_jobs.cancel(ask, ask.path["export"])
    return Done("/exports", export_jobs.export(ask, ask.path["export"]), ("已取消", "Cancelled"))


def file(ask: Ask) -> File:
    """The finished file, under a name of ours."""
    one = export_jobs.export(ask, ask.path["export"])
    body = export_jobs.pieces(ask, one.id)
    people.audit(ask.database, ask.who, "export fetched", ask.person.branch, str(one.id), rows=one.done)
    return File(body, XLSX, f"coedi-{one.at.astimezone(SHANGHAI):%Y%m%d-%H%M%S}.xlsx")


ROUTES: tuple[Route, ...] = (
    Route("GET", "/exports", "exports", exports, READERS, "我的导出", "My exports", gives=Exports),
    Route("GET", "/exports/{export:uuid}", "export", progress, READERS, "导出进度", "How far an export is", gives=Exports,
          repeats=True),
    Route("GET", "/exports/{export:uuid}/file", "export-file", file, READERS, "下载导出文件", "Fetch the file of an export",
          gives_file=XLSX),
    Route("POST", "/exports", "start-export", start, READERS, "导出列表到Excel", "Export a list to Excel", (
        Field("query", required=True, longest=2000, zh="列表地址", en="address of the list"),), Export),
    Route("POST", "/exports/{export:uuid}/again", "export-again", again, READERS, "重新导出", "Export it again", gives=Export),
    Route("POST", "/exports/{export:uuid}/cancel", "cancel-export", cancel, READERS, "取消导出", "Cancel an export", gives=Export),
)

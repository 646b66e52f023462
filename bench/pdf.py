"""What one certificate costs as PDF, in CPU milliseconds: python bench/pdf.py

Rows in one run, taking turns so that other load hits all alike: Latin text; Chinese in the note and the contact; the
form of a trade agreement with sixteen boxes, ticks and a retrospective mark; Latin with frame and captions drawn and fonts
subset afresh, through reportlab's canvas. Every certificate differs.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from domain.application import Application, GoodsLine, Invoice, Party, Transport
from print_worker.drawing import PAGE_HEIGHT, PAGE_WIDTH
from print_worker.fixed_drawing import drawing
from print_worker.layout import lay_out
from print_worker.render import render
from print_worker.sheet import BranchImprint, Sheet
from print_worker.typeface import BOLD, REGULAR, typeface

ROUNDS = 200


def sheet(serial: int, note: str = "", contact: str = "TEL: +86-574-8700-0000") -> Sheet:
    """A usual certificate: three goods lines, its words unlike those of its neighbours."""
    goods = tuple(
        GoodsLine(
            f"TWO HUNDRED AND {line} ({200 + line}) CARTONS OF KNITTED T-SHIRTS, STYLE {serial}-{line}, 100% COTTON",
            "6109.10", str(2400 + serial), "PCS", gross_weight=f"{1250 + line}", net_weight=f"{1100 + line}",
        )
        for line in range(3)
    )  # fmt: skip
    application = Application(
        "bench", "CO",
        exporter=Party("NINGBO HAIYUE TEXTILES CO., LTD.", f"NO. {serial} ZHONGSHAN EAST ROAD, YINZHOU, NINGBO", "CN"),
        consignee=Party("NORDWIND HANDELS GMBH", f"SPEICHERSTADT {serial}, 20457 HAMBURG", "DE"),
        transport=Transport("NINGBO, CHINA", "HAMBURG, GERMANY", "SINGAPORE", "SEA", f"V.{serial}W", "2026-11-24"),
        destination="GERMANY", marks=f"NORDWIND\nHAMBURG\nP/O {serial}\nC/NO. 1-603\nMADE IN CHINA", goods=goods,
        goods_total="TOTAL: SIX HUNDRED AND THREE (603) CARTONS ONLY.", goods_note=note or f"L/C NO. LC-{serial}",
        invoices=(Invoice(f"HY{serial}", "2026-11-12"),), application_place="NINGBO, CHINA",
        application_date="2026-11-20",
    )  # fmt: skip
    branch = BranchImprint("3302A0", "CCPIT NINGBO", "NINGBO, CHINA", contact)
    return Sheet(application, f"26C3302A4419/{serial:05d}", 1, date(2026, 11, 22), branch)


def chinese(serial: int) -> Sheet:
    """The same with Chinese in the note and the branch's contact."""
    contact = "地址：浙江省宁波市鄞州区中山东路八十八号 电话 0574-87000000"
    return sheet(serial, f"合同号 HT-{serial}，纯棉针织男式T恤衫", contact)


def preferential(serial: int) -> Sheet:
    """The same goods under RCEP, issued after shipment, with a producer and remarks."""
    one = sheet(serial)
    goods = tuple(replace(line, criterion="RVC", value_content="47.5", fob_value="16000.00", origin_country="CN")
                  for line in one.application.goods)  # fmt: skip
    application = replace(
        one.application, certificate_type="RCEP", destination="AUSTRALIA", goods=goods, retrospective=True,
        producer=Party("SHAOXING BAIHE WEAVING MILL", f"NO. {serial} KEQIAO AVENUE, SHAOXING", "CN"),
        form_remarks=f"CUSTOMER ORDER NO. {serial}", transport=replace(one.application.transport, departure_date="2026-11-02"),
    )  # fmt: skip
    return replace(one, application=application)


def redrawn(one: Sheet) -> bytes:
    """The same certificate with nothing kept between documents."""
    canvas = Canvas(BytesIO(), (PAGE_WIDTH, PAGE_HEIGHT), pageCompression=1, invariant=1)
    for page in lay_out(one):
        fixed = drawing("CO", page.kind)
        for rule in fixed.rules:
            canvas.setLineWidth(rule.weight)
            canvas.line(rule.x1, rule.y1, rule.x2, rule.y2)
        for run in (*fixed.runs, *page.runs):
            canvas.setFont(run.font, run.size)
            canvas.drawString(run.x, run.y, run.text)
        canvas.showPage()
    return canvas.getpdfdata()


def cost(work: Callable[[], object]) -> float:
    """CPU milliseconds of one call."""
    begin = time.process_time_ns()
    work()
    return (time.process_time_ns() - begin) / 1e6


def main() -> None:
    """Run and print the table."""
    kinds: dict[str, Callable[[int], object]] = {
        "Latin": lambda serial: render(sheet(serial)),
        "with Chinese": lambda serial: render(chinese(serial)),
        "RCEP": lambda serial: render(preferential(serial)),
        "everything redrawn": lambda serial: redrawn(sheet(serial)),
    }
    first = cost(lambda: kinds["Latin"](0))
    for font in (REGULAR, BOLD):
        pdfmetrics.registerFont(typeface(font))
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for serial in range(1, ROUNDS + 1):
        for name, work in kinds.items():
            times[name].append(cost(lambda work=work, serial=serial: work(serial)))  # type: ignore[misc]
    latin = median(times["Latin"])
    print(f"first certificate of the process: {first:.0f} ms; then, median of {ROUNDS}, CPU ms a page:")
    for name, values in times.items():
        print(f"  {name:<20} {median(values):6.2f} ms   {median(values) / latin:5.1f} x")


if __name__ == "__main__":
    main()

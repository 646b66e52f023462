"""Sheets to print, for the tests of this folder."""

from dataclasses import replace
from datetime import date

from domain.application import Application, GoodsLine, Invoice, Party, Transport
from print_worker.sheet import BranchImprint, Sheet

BRANCH = BranchImprint("3302A0", "CCPIT NINGBO", "NINGBO, CHINA", "TEL: +86-574-8700-0000")

APPLICATION = Application(
    message_id="m-1", certificate_type="CO",
    exporter=Party("NINGBO HAIYUE TEXTILES CO., LTD.", "NO. 88 ZHONGSHAN EAST ROAD, YINZHOU, NINGBO", "CN"),
    consignee=Party("NORDWIND HANDELS GMBH", "SPEICHERSTADT 14, 20457 HAMBURG", "DE"),
    transport=Transport("NINGBO, CHINA", "HAMBURG, GERMANY", "SINGAPORE", "SEA", "MSC ELODIE FY643A", "2026-11-24"),
    destination="GERMANY", marks="NORDWIND\nHAMBURG\nC/NO. 1-200\nMADE IN CHINA",
    goods=(GoodsLine("TWO HUNDRED (200) CARTONS OF T-SHIRTS", "6109.10", "2400", "C62",
                     gross_weight="1250", net_weight="1100"),),
    goods_total="TOTAL: TWO HUNDRED (200) CARTONS ONLY", goods_note="L/C NO. LC2026-11-0042",
    invoices=(Invoice("HY20261101", "2026-11-12", "48000.00", "USD"),),
    application_place="NINGBO, CHINA", application_date="2026-11-20",
)  # fmt: skip


def sheet(number: str = "26C3302A4419/00001", branch: BranchImprint = BRANCH, **changes: object) -> Sheet:
    """A one-page certificate; `changes` replace fields of its application."""
    return Sheet(replace(APPLICATION, **changes), number, 1, date(2026, 11, 22), branch)


def goods(count: int) -> tuple[GoodsLine, ...]:
    """So many goods lines, each with a word of its own."""
    return tuple(
        GoodsLine(f"TEN (10) CARTONS OF ARTICLE A{number:03d}X", "6109.10", "100", "PCS", gross_weight="50")
        for number in range(count)
    )

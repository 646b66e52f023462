"""The pictures of these pages, made from what the program really draws and prints: python docs/pictures.py

    demo.svg            the terminal during `coedi demo` (needs PostgreSQL and RabbitMQ)
    receipt.svg         a receipt of that demo
    certificate.png     a usual certificate, and
    form-*.png          the cases of docs/reference/form.md, a picture a page (pdftoppm; Debian has it in poppler-utils)

Run it when the form or what the demo prints has changed, and look at the result.
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lxml import etree
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console, RenderableType
from rich.style import Style
from rich.syntax import Syntax
from rich.terminal_theme import MONOKAI
from rich.text import Text

from domain.application import Amendment, Application, GoodsLine, Party
from messages.application import extract
from messages.receipts import read
from print_worker.render import render
from print_worker.sheet import BranchImprint, Sheet

IMAGES = Path(__file__).parent / "images"
SAMPLES = Path(__file__).parents[1] / "tests" / "samples" / "application" / "good"
COLUMNS, ROWS = 130, 50
DOTS = 72  # per inch: a page stays below 150 kB and can be read
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CONTROL = re.compile(r"\r|\x1b\[[0-9;?]*[A-Za-ln-z]")  # everything that moves or erases; "m" sets colours
# what gets a place of its own, so that it stands right whatever monospaced font the reader has: Chinese, and columns
_PLACED = re.compile("[\u2e80-\uffef]+|[│┃]|[^\u2e80-\uffef│┃ ]+")
_BRANCH = BranchImprint("1100B0", "CCPIT BEIJING", "BEIJING, CHINA", "TEL: 86-10-0000 1100")


def main() -> None:
    """Write all pictures; exits with 1 when a tool or a service is missing."""
    for name, sheet in sheets().items():
        print(*pages(name, sheet), sep="\n")
    output, status = on_terminal([sys.executable, "-m", "console", "demo"])
    if status:
        sys.exit(f"coedi demo ended with {status}:\n{output}")
    shown = Text.from_ansi(settled(output))
    for number, piece in enumerate(_PLACED.finditer(shown.plain)):
        shown.stylize(Style(meta={"piece": number}), *piece.span())  # pieces of one style would be joined
    print(drawn("demo", "coedi demo", shown))
    print(drawn("receipt", "a receipt", Syntax(issued(output), "xml", theme="monokai", word_wrap=True)))


def sheets() -> dict[str, Sheet]:
    """The certificates to show, by name of the picture."""
    one, three = sample("one-line-pumps-to-germany.xml"), sample("three-lines-two-invoices-to-chile.xml")
    sheet = Sheet(one, "26C1100A0017/00042", 1, date(2026, 11, 17), _BRANCH)
    buyer = Party("川口商事株式会社 (KAWAGUCHI TRADING CO., LTD.)", "3-5-1 TORANOMON, TOKYO", "JP")
    rcep = sample("rcep-bed-linen-and-towels-to-japan.xml")
    late: dict[str, Any] = {"retrospective": True, "transport": replace(rcep.transport, departure_date="2026-11-10"),
                            "non_party_invoice": True,
                            "operator": Party("STRAITS TRADING PTE. LTD.", "9 RAFFLES PLACE, SINGAPORE", "SG")}
    lost = Amendment("REISSUE", "26S4403C0102/00003", "2026-10-12", "1", "原证遗失")
    contact = "地址：北京市西城区桦皮厂胡同2号\n电话：010-0000 1100"
    return {
        "certificate": replace(sheet, application=three, number="26C1100A0025/00042"),
        "form-one-line": sheet,
        "form-many-lines": replace(sheet, application=many_lines(one)),
        "form-long-texts": replace(sheet, application=long_texts(one)),
        "form-chinese": replace(sheet, application=replace(one, consignee=buyer), branch=replace(_BRANCH, contact=contact)),
        "form-rcep": replace(
            sheet, application=replace(rcep, **late), number="26RC1100A0025/00007"),
        "form-reissued": replace(
            sheet, application=replace(sample("ch-headsets-to-basel-via-rotterdam.xml"), amendment=lost),
            number="26S4403C0102/00009"),
    }


def sample(name: str) -> Application:
    """The first application of a sample file."""
    root = etree.parse(SAMPLES / name).getroot()
    return extract(next(iter(root.iter("{*}CertificateApplication"))))


def many_lines(one: Application) -> Application:
    """Forty goods lines, so that the table goes on over pages."""
    line = one.goods[0]
    goods = tuple(
        GoodsLine(f"FIVE (5) WOODEN CASES OF CENTRIFUGAL PUMP, MODEL ISG{40 + 5 * number}", line.hs_code, str(5 * number), "SET",
                  gross_weight=str(410 + 7 * number), net_weight=str(385 + 7 * number))
        for number in range(1, 41)
    )  # fmt: skip
    return replace(one, goods=goods, goods_total="TOTAL: TWO HUNDRED (200) WOODEN CASES ONLY")


def long_texts(one: Application) -> Application:
    """Parties and marks that are longer than their boxes."""
    exporter = replace(one.exporter, name=f"{one.exporter.name} ON BEHALF OF HUALING HEAVY EQUIPMENT GROUP COMPANY LIMITED")
    place = "WAREHOUSE 7, GATE 12, SPEICHERSTADT 14, 20457 HAMBURG, PURCHASING DEPARTMENT, TEL. +49 40 0000 0000"
    buyer = one.consignee.name.split()[0]
    marks = "\n\n".join(f"{buyer}\nHAMBURG\nORDER 45000{number:02d}\nC/NO. {number}" for number in range(1, 15))
    return replace(one, exporter=exporter, consignee=replace(one.consignee, address="; ".join([place] * 8)), marks=marks)


def pages(name: str, sheet: Sheet) -> list[Path]:
    """A picture of each page of a certificate, numbered when there are several."""
    with TemporaryDirectory() as folder:
        pdf = Path(folder) / "certificate.pdf"
        pdf.write_bytes(render(sheet).body)
        subprocess.run(["pdftoppm", "-r", str(DOTS), "-gray", "-png", str(pdf), str(Path(folder) / "page")], check=True)
        drawn_pages = sorted(Path(folder).glob("page*.png"))
        made = [IMAGES / f"{name}{f'-{number}' if len(drawn_pages) > 1 else ''}.png" for number in range(1, len(drawn_pages) + 1)]
        for page, path in zip(drawn_pages, made, strict=True):
            path.write_bytes(page.read_bytes())
    return made


def on_terminal(command: list[str]) -> tuple[str, int]:
    """What a command writes to a terminal, and its exit code."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm-256color"})
    os.close(theirs)
    read_so_far = b""
    try:
        while piece := os.read(ours, 65536):
            read_so_far += piece
    except OSError:  # Linux says EIO when the other side has closed
        pass
    return read_so_far.decode(), process.wait()


def settled(output: str) -> str:
    """What stands on the terminal at the end: of each line what was written last. Folders and passwords are shortened."""
    lines = []
    for line in output.replace("\r\n", "\n").split("\n"):
        written = [part for part in _CONTROL.split(line) if _COLOUR.sub("", part).strip()]
        lines.append(written[-1] if written else "")
    text = "$ coedi demo\n" + "\n".join(lines).strip("\n")
    return re.sub(r"(://[^:/@\s]*):[^@\s]*@", r"\1:***@", text.replace(str(Path.home()), "~"))


def issued(output: str) -> str:
    """The receipt of an issued certificate, from the folder that the demo names."""
    folder = re.search(r"receipts \(XML\)\s+(\S+)", _COLOUR.sub("", output))
    for file in sorted(Path(folder[1]).rglob("*.xml")) if folder else ():
        if read(file.read_bytes()).code == "ISSUED":
            return file.read_text(encoding="utf-8").strip()
    raise SystemExit("the demo left no receipt of an issued certificate")


def drawn(name: str, title: str, content: RenderableType) -> Path:
    """The content as a terminal of the usual width, with fonts of the reader's machine: a page loads nothing from outside."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(content)
    frame = re.sub(r"@font-face \{\{.*?\n    \}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.S)
    path = IMAGES / f"{name}.svg"
    path.write_text(console.export_svg(title=title, theme=MONOKAI, code_format=frame, unique_id=name), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()

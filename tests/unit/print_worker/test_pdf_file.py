"""The finished file: its text, its fonts, and that it is the same every time."""

import hashlib
import subprocess
import sys
import threading
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printing_samples import BRANCH, goods, sheet
from pypdf import PdfReader
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace
from reportlab.pdfgen.canvas import Canvas

from print_worker import pdf_file
from print_worker.fixed_drawing import drawing
from print_worker.form import FIRST, GOODS, TEXTS
from print_worker.render import render
from print_worker.typeface import advances
from schemas.certificate_types import certificate_type

FONTS = Path(pdf_file.__file__).parent / "fonts"


def text_of(body: bytes, page: int = 0) -> str:
    return PdfReader(BytesIO(body), strict=True).pages[page].extract_text()


def fonts_of(body: bytes) -> dict[str, object]:
    """Font name -> its dictionary, of the first page."""
    fonts = PdfReader(BytesIO(body)).pages[0]["/Resources"]["/Font"]
    return {str(font.get_object()["/BaseFont"]): font.get_object() for font in fonts.values()}


def test_the_same_sheet_gives_the_same_bytes():
    assert render(sheet()).body == render(sheet()).body


def test_documents_in_between_change_nothing():
    before = render(sheet(goods_note="合同号")).body
    render(sheet(goods_note="纯棉针织衫 ŁÓDŹ"))
    assert render(sheet(goods_note="合同号")).body == before


def test_two_processes_give_the_same_bytes():
    program = (
        "import hashlib; from printing_samples import goods, sheet; from print_worker.render import render;"
        "print(hashlib.sha256(render(sheet(goods_note='合同号 ŁÓDŹ', goods=goods(80))).body).hexdigest())"
    )
    root, here = Path(pdf_file.__file__).parents[1], Path(__file__).parent
    digests = [
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONPATH": f"{root}:{here}", "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]  # fmt: skip
    own = hashlib.sha256(render(sheet(goods_note="合同号 ŁÓDŹ", goods=goods(80))).body).hexdigest()
    assert digests == [own, own]


def test_threads_do_not_disturb_each_other():
    sheets = [sheet(goods_note=note) for note in ("ĄĆĘŁŃŚŹŻąćęłńśźż", "ČĎĚŇŘŠŤŮŽčďěňřšťůž", "ĞİŞğış", "ŐŰőű")]
    expected = [render(one).body for one in sheets]
    found: list[bytes] = [b""] * len(sheets)

    def work(at: int) -> None:
        for _ in range(15):
            found[at] = render(sheets[at]).body

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(at,)) for at in range(len(sheets))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert found == expected


def test_captions_and_texts_can_be_read_from_the_file_in_the_order_of_the_boxes():
    body = render(sheet(official_use="FOR USE BELOW")).body
    text = text_of(body)
    captions = [f"{box.number}. {box.caption.split()[0]}" for box in certificate_type("CO").boxes]
    places = [text.index(caption) for caption in captions]
    assert places == sorted(places)
    shown = ["26C3302A4419/00001", "NINGBO HAIYUE", "NORDWIND HANDELS", "FROM NINGBO", "GERMANY", "FOR USE BELOW"]
    assert all(words in text for words in shown)
    assert "THE PEOPLE'S REPUBLIC OF CHINA" in text
    assert "ORIGINAL" in text


def test_chinese_and_accents_can_be_read_back():
    contact = "地址：宁波市鄞州区中山东路(八十八号) \\ ŁÓDŹ é ß"
    assert contact in text_of(render(sheet(branch=replace(BRANCH, contact=contact))).body).replace("\n", "")


def test_brackets_and_backslashes_are_text_and_not_operators():
    assert "A\\(B) Tj ET (C" in text_of(render(sheet(marks="A\\(B) Tj ET (C")).body)


def test_every_font_is_an_embedded_subset_with_a_map_to_text():
    fonts = fonts_of(render(sheet(goods_note="合同号 ŁÓDŹ")).body)
    assert {name.split("+")[1] for name in fonts} == {"NotoSansSC-Regular", "NotoSansSC-Bold", "NotoSans-Regular"}
    for font in fonts.values():
        assert "/ToUnicode" in font
        assert "/FontFile2" in font["/FontDescriptor"]


def test_a_latin_certificate_carries_the_two_shared_fonts_only_and_stays_small():
    body = render(sheet()).body
    assert len(fonts_of(body)) == 2
    assert len(body) < 40_000


def test_the_page_count_is_that_of_the_file():
    rendered = render(sheet(goods=goods(120)))
    assert rendered.pages == len(PdfReader(BytesIO(rendered.body)).pages) > 2
    assert f"Page 2 of {rendered.pages}" in text_of(rendered.body, 1)
    assert "7. Number and kind of packages" in text_of(rendered.body, 1)


def test_number_and_revision_stand_in_the_properties_and_no_clock_does():
    document = PdfReader(BytesIO(render(replace(sheet(), revision=3)).body)).metadata
    assert document is not None
    assert (document.title, document.author) == ("Certificate of Origin 26C3302A4419/00001", "coedi")
    assert document.subject == "CO 26C3302A4419/00001, revision 3"
    assert document.creation_date is not None
    assert document.creation_date.year == 2000


def test_the_page_is_a4():
    box = PdfReader(BytesIO(render(sheet()).body)).pages[0].mediabox
    assert (float(box.width) / 72 * 25.4, float(box.height) / 72 * 25.4) == pytest.approx((210, 297), abs=0.01)


@pytest.mark.parametrize("kind", [FIRST, GOODS, TEXTS])
def test_fixed_drawings_need_the_shared_fonts_only(kind):
    assert all(run.text.isascii() for run in drawing("CO", kind).runs)


@settings(max_examples=25, deadline=None)
@given(text=st.text(st.sampled_from(sorted(advances())), max_size=600), count=st.integers(0, 60))
def test_random_text_of_printable_characters_always_renders(text, count):
    rendered = render(sheet(marks=text, goods_note=text, goods=goods(count)))
    assert rendered.body.startswith(b"%PDF-1.4")
    assert rendered.pages == len(PdfReader(BytesIO(rendered.body)).pages)


def test_the_inside_of_reportlab_that_is_used_is_still_there():
    canvas = Canvas(BytesIO())
    assert isinstance(canvas._code, list)
    assert isinstance(canvas._doc, PDFDocument)
    assert callable(canvas._make_preamble)
    assert "BasicFonts" in canvas._doc.idToObject
    assert canvas._doc.idToObjectNumberAndVersion["BasicFonts"][0] >= 1
    assert all(callable(part) for part in (TTFont.splitString, TTFont.getSubsetInternalName, TTFontFace.makeSubset))


def test_the_fonts_are_small_enough_to_keep_and_their_licences_lie_beside_them():
    assert sum(path.stat().st_size for path in FONTS.glob("*.ttf")) <= 2_400_000
    assert all("SIL Open Font License" in path.read_text() for path in FONTS.glob("OFL-*.txt"))
    assert len(list(FONTS.glob("OFL-*.txt"))) == 2


def test_every_character_of_gb_2312_and_of_the_latin_alphabets_can_be_printed():
    chinese = {
        bytes([row, cell]).decode("gb2312", "ignore") for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)
    }  # fmt: skip
    latin = {chr(code) for code in (*range(0x20, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x180))}
    assert (chinese - {""}) | latin <= set(advances())
    assert len(chinese) > 6700

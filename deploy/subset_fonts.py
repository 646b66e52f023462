"""Make the fonts under print_worker/fonts/ from the full Noto fonts; see print_worker/fonts/NOTE.md.

Usage: python deploy/subset_fonts.py REGULAR.ttf BOLD.ttf LATIN.ttf FOLDER (needs fontTools).
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

# beyond GB 2312: Latin-1, Latin Extended-A, more letters of Romanian and Vietnamese, and signs of invoices and marks
LATIN = [
    *range(0x20, 0x7F), *range(0xA0, 0x180), 0x192, 0x1A0, 0x1A1, 0x1AF, 0x1B0, *range(0x218, 0x21C),
    *range(0x1E80, 0x1E86), 0x1E9E, *range(0x1EA0, 0x1EFA),
]
SIGNS = "‐‑‒–—―‘’‚“”„†‡•…‰‹›⁄€№™℃℉Ω←↑→↓−≈≠≤≥□■△▲○●◇◆☆★①②③④⑤⑥⑦⑧⑨⑩¥￥￡"
# characters of personal and company names that GB 2312 lacks and clerks meet
NAMES = (
    "镕喆堃垚昇祎玥珺璟翀旻赟頔彧彣昉晳骉犇鑫焱燊淼矞䶮㼆㛃妘姮婳嫄暐暕曈栢栩桉楒樾櫆欸沄"
    "洺浟淏淯湉湜湦溦潆瀞炘烜焜煊煜熠燚珅珩珲琎琤琬琰瑀瑄瑢瑨"
)


def gb2312() -> list[int]:
    """Every character of GB 2312, rows 1 to 87."""
    pairs = (bytes([row + 0xA0, cell + 0xA0]) for row in range(1, 88) for cell in range(1, 95))
    return [ord(text) for pair in pairs if len(text := pair.decode("gb2312", "ignore")) == 1]


def shrink(source: Path, target: Path, characters: list[int]) -> None:
    """Write the subset of `source` with `characters`: no hinting, no layout tables, only the names PDF needs."""
    options = subset.Options(
        hinting=False, layout_features=[], notdef_outline=True, name_IDs=[1, 2, 4, 6], name_languages=[0x409],
        legacy_kern=False, recalc_timestamp=False, glyph_names=False,
        drop_tables=["DSIG", "GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "STAT", "meta", "gasp"],
    )
    font = TTFont(source)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font.save(target)


def main(regular: str, bold: str, latin: str, folder: str) -> None:
    """Write the subsets into `folder`; the Latin font gives what Noto Sans SC lacks."""
    everything = sorted({*gb2312(), *LATIN, *map(ord, SIGNS), *map(ord, NAMES)})
    shrink(Path(regular), Path(folder) / "NotoSansSC-Regular.ttf", everything)
    lacking = set(everything).difference(TTFont(regular).getBestCmap())
    shrink(Path(latin), Path(folder) / "NotoSans-Latin.ttf", sorted(lacking))
    shrink(Path(bold), Path(folder) / "NotoSansSC-Bold.ttf", [*range(0x20, 0x7F), *range(0xA0, 0x100)])


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Pictures are shown and small; every page can be reached from the README."""

import re
from pathlib import Path

import pytest

from tests.unit.docs.shown_commands import PAGES, ROOT

IMAGES = sorted(path for path in (ROOT / "docs" / "images").rglob("*") if path.is_file())
_LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_a_picture_is_small_and_some_page_shows_it(image: Path) -> None:
    assert image.stat().st_size < 150_000
    assert any(f"images/{image.relative_to(ROOT / 'docs' / 'images')}" in page.read_text(encoding="utf-8") for page in PAGES)


@pytest.mark.parametrize("image", [image for image in IMAGES if image.suffix == ".svg"], ids=lambda image: image.name)
def test_a_picture_loads_nothing_from_outside_and_tells_no_secret(image: Path) -> None:
    text = image.read_text(encoding="utf-8")
    assert re.findall(r"https?://(?!www\.w3\.org/|www\.textualize\.io)\S+", text) == []
    assert re.findall(r"://[^:/@\s]+:(?!\*\*\*)[^@\s<]+@", text) == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page in reached or not page.exists():
            continue
        reached.add(page)
        if page.is_dir():
            todo += page.glob("*.md")
        elif page.suffix == ".md":
            links = _LINK.findall(page.read_text(encoding="utf-8"))
            todo += [(page.parent / link).resolve() for link in links if ":" not in link]
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached] == []

"""Links between the pages of the documentation lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.docs.shown_commands import PAGES, ROOT

_LINK = re.compile(r"\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"")
_OUTSIDE = re.compile(r"[a-z]+:")


def broken(page: Path) -> Iterator[str]:
    """Relative links of a page whose file or heading does not exist."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for match in _LINK.finditer(text):
        link = match[1] or match[2]
        if _OUTSIDE.match(link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def anchors(page: Path) -> set[str]:
    """The anchors that hosting sites make of headings: lower case, marks dropped, blanks as hyphens."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert list(broken(page)) == []


def test_a_link_to_nowhere_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# One word\n[x](b.md) [y](#one-word) [z](#two) [w](https://example.com/c.md)\n")
    assert list(broken(tmp_path / "a.md")) == ["b.md", "#two"]


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    todo = [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page.is_dir():
            todo += page.glob("*.md")
        elif page.suffix == ".md" and page not in seen:
            seen.add(page)
            links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
            todo += [(page.parent / link).resolve() for link in links if not _OUTSIDE.match(link)]
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in seen] == []

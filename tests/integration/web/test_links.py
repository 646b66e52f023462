"""From the first page on, by links alone: each leads somewhere, each form may be sent by who sees it, and every page is reached."""

from collections import Counter, deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from lxml import html
from starlette.routing import compile_path

from console.web.security import csrf_token
from tests.desk import make_desk
from tests.integration.web.rights import FREE, LETTERS, NOWHERE, TABLE, rights
from tests.scene import BRANCH, branch_at_work
from tests.services import make_world
from tests.web import Site, Visitor, add_user, site

pytestmark = pytest.mark.database
LINKS = "//a/@href | //@hx-get | //img/@src | //link/@href"
EACH = 3  # addresses of a route that are looked at
PATTERNS = [(route.method, compile_path(door + route.path)[0], route.name) for route in TABLE.values()
            for door, there in (("", route.page), ("/api/v1", route.api)) if there]
# what no link leads to: steps before the first page, parts of pages, and the door for monitoring
UNLINKED = {"sign_in_page", "first_steps", "counts", "healthz", "find", "export"} | NOWHERE


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, template: str) -> Iterator[Site]:
    """A branch at work."""
    for world in make_world(tmp_path_factory.mktemp("links"), template, with_broker=False):
        desk = make_desk(world)
        branch_at_work(desk)
        add_user(desk.owner, BRANCH, "somebody", ("reviewer",))
        with site(world) as running:
            yield running
        desk.session.database.close()
        desk.owner.close()


def named(method: str, path: str) -> str | None:
    """The route that answers at this address."""
    return next((name for verb, pattern, name in PATTERNS if verb == method and pattern.match(path)), None)


def crawl(visitor: Visitor) -> tuple[Counter[str], dict[str, Any]]:
    """(routes seen, what is wrong) of everything that links lead to."""
    seen, wrong = Counter[str](), dict[str, Any]()
    ahead = deque(["/queues/approved", "/"])
    known = set(ahead)
    while ahead:
        path = ahead.popleft()
        name = named("GET", urlsplit(path).path)
        if name is None or seen[name] >= EACH:
            if name is None:
                wrong[path] = "no such page"
            continue
        seen[name] += 1
        answer = visitor.get(path)
        if answer.status_code not in (200, 303):
            wrong[path] = answer.status_code
        elif answer.headers.get("content-type", "").startswith("text/html") and answer.text.strip():
            tree = html.fromstring(answer.text)
            wrong |= forms(tree, path, visitor)
            for link in {urldefrag(urljoin(path, one))[0] for one in tree.xpath(LINKS)} - known:
                if link and not link.startswith("/static/"):
                    known.add(link)
                    ahead.append(link)
    return seen, wrong


def forms(tree: html.HtmlElement, path: str, visitor: Visitor) -> dict[str, Any]:
    """Forms of a page that its reader may not send, or that lack the session's token."""
    wrong = {}
    for form in tree.xpath("//form[@method='post'][.//button]"):
        for action in {form.get("action"), *form.xpath(".//@formaction")}:
            name = named("POST", urlsplit(urljoin(path, action or "")).path)
            if name is None:
                wrong[f"{path} -> {action}"] = "no such route"
            elif not visitor_may(visitor, name):
                wrong[f"{path} -> {action}"] = "not for this role"
        if csrf_token(visitor.token) not in form.xpath(".//input[@name='csrf']/@value"):
            wrong[f"{path} -> {form.get('action')} token"] = "missing"
    return wrong


def visitor_may(visitor: Visitor, name: str) -> bool:
    who = rights()[name]
    return bool(who & {*FREE, "(signed in)", "(pending)", visitor.__dict__["role"]})


def test_every_link_leads_somewhere_every_form_may_be_sent_and_every_page_is_reached(place: Site) -> None:
    reached, wrong = Counter[str](), {}
    for role in LETTERS.values():
        visitor = place.visitor(role)
        visitor.__dict__["role"] = role
        seen, faults = crawl(visitor)
        reached += seen
        wrong |= {f"{role}: {where}": fault for where, fault in faults.items()}
    assert wrong == {}, wrong
    looked_at = {name for name, route in TABLE.items() if route.method == "GET" and route.page}
    assert looked_at - set(reached) - UNLINKED == set()

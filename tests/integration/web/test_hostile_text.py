"""Text from outside is text on every page, in all JSON and in every export: no markup, no template, no formula, nothing hidden."""

import csv
import io
import json
import re
import time
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

import httpx
import openpyxl
import pytest
from lxml import html

from store.database import Database
from tests.desk import Desk, clean, make_desk
from tests.filing_messages import FIRM, goods, interchange
from tests.integration.web.rights import LETTERS, TABLE, address, looks
from tests.scene import BRANCH, Scene, branch_at_work, ours
from tests.services import make_world
from tests.web import Site, Visitor, site

pytestmark = pytest.mark.database
MARKUP = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>' onmouseover='alert(1)"
TEMPLATE = "QZ{{7*7}}QZ{% raw %}${7*7}"
HIDDEN = "a\u202egpj.exe\u200bb\u2066c"
SQL = "'; drop table certificate; --"
LINK = "javascript:alert(1)"
LONG = "W" * 300
REST = " ".join((MARKUP, TEMPLATE, HIDDEN, SQL, LINK, "one\nERROR forged=line", LONG))
# a formula is one at the beginning of a cell
TEXTS = tuple(f"{start} {REST}" for start in ("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1"))
_STEERING = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_OURS = re.compile(r"(/static/|/|#|\?|data:image/)")
# where free text from outside ends up that no message of the tests can bring there; each kind of text in turn
COLUMNS = {
    "enterprise": ("name_zh", "name_en", "contact", "address_en"),
    "signatory": ("name_zh",),
    "enterprise_operator": ("name_zh", "contact"),
    "certificate": ("exporter", "consignee", "destination", "signatory"),
    "review_task": ("remark", "referred_by"),
    "parked": ("error", "traceback", "key", "exchange"),
    "audit": ("actor", "action", "subject"),
    "console_user": ("shown",),
    "saved_search": ("label", "query"),
    "export_job": ("error", "query"),
    "approval": ("note",),
    "four_eyes": ("reason",),
    "transition": ("actor",),
    "rule_grade": ("reason",),
    "review_policy_activation": ("reason",),
    "branch_day": ("note",),
    "branch": ("name_zh", "name_en", "contact"),
    "form_serial": ("reason",),
    "api_key": ("label",),
    "console_session": ("agent",),
}
MORE = f"""
insert into saved_search (branch, name, label, query) select '{BRANCH}', 'reviewer', 'x', 'x';
insert into export_job (id, branch, name, query, state, error)
    select gen_random_uuid(), '{BRANCH}', 'reviewer', 'x', 'failed', 'x';
insert into branch_day (branch, day, open, actor) values ('{BRANCH}', current_date, false, 'x');
insert into rule_grade (branch, rule, severity, original, reason, actor) values ('{BRANCH}', 'C05', 'warn', 'manual', 'x', 'x');
insert into review_policy_activation (branch, version, reason, actor) values ('{BRANCH}', null, 'x', 'x');
insert into api_key (id, label, branch, name, created_by, ends_at)
    values (sha256('x'), 'x', '{BRANCH}', 'reviewer', 'x', now() + interval '1 day');
insert into enterprise_operator (enterprise, code, name_zh) select no, 'a', 'x' from enterprise;
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, template: str) -> Iterator[tuple[Scene, Site, dict[str, Visitor]]]:
    """A branch at work whose every free text is hostile."""
    for world in make_world(tmp_path_factory.mktemp("hostile"), template, with_broker=False):
        desk = make_desk(world)
        scene = branch_at_work(desk)
        deliver(desk)
        with site(world) as running:
            people = {role: running.visitor(role) for role in LETTERS.values()}
            desk.owner.run(MORE)
            for table, columns in COLUMNS.items():
                for column in columns:
                    spread(desk.owner, table, column)
            yield scene, running, people
        desk.session.database.close()
        desk.owner.close()


def deliver(desk: Desk) -> None:
    """Certificates and filings whose every element of free text is hostile, and one of each kind of text."""
    for at, text in enumerate(TEXTS):
        number = ours(500 + at)
        desk.deliver(hostile(clean(number, fault="intermediary").body.decode(), text), exchange=desk.exchange(number))
    said = escape(f"{TEXTS[0]}"[:180])
    desk.deliver(goods("G-H", NameZh=said, NameEn=said, Producer=f"<Name>{said}</Name>", HSCode="851762", Criterion="PE",
                       ValueContent="", Processing=f"<Step>{said}</Step>"),
                 exchange=desk.world.names.enterprise_exchange(FIRM))
    more = f"<Operators><Operator><Code>a</Code><NameZh>{said[:60]}</NameZh><Contact>{said}</Contact></Operator></Operators>"
    body = f"<Registration><MessageId>R-H</MessageId><Kind>CHANGE</Kind><RegistrationNo>{FIRM}</RegistrationNo>" \
           f"<NameZh>{said}</NameZh><NameEn>{said}</NameEn>{more}</Registration>"
    desk.deliver(interchange(body), exchange=desk.world.names.enterprise_exchange(FIRM))


def hostile(text: str, said: str) -> bytes:
    """The application with this in place of its free texts; the exporter keeps what sends it to a person."""
    short = escape("".join(char for char in said[:200] if char.isprintable() or char == " "))
    for name in ("Marks", "Vehicle", "ExitCustoms", "Description"):
        text = re.sub(rf"<{name}>[^<]*", f"<{name}>{short}".replace("\\", r"\\"), text)
    head, _, rest = text.partition("<Consignee>")
    return (head + "<Consignee>" + re.sub(r"<(Name|Address)>[^<]*", rf"<\1>{short}".replace("\\C", "/C"), rest, count=2)).encode()


def spread(owner: Database, table: str, column: str) -> None:
    """Each row takes one of the texts; history, which nobody may edit, too: this is a test."""
    owner.run("set session_replication_role = replica")
    owner.run(
        f"update {table} t set {column} = p.said from (select ctid as place, row_number() over () as n from {table}) r,"
        " unnest(%(texts)s) with ordinality p (said, n) where t.ctid = r.place and p.n = 1 + r.n %% %(count)s",
        {"texts": list(TEXTS), "count": len(TEXTS)})
    owner.run("set session_replication_role = default")


def faults(answer: httpx.Response) -> list[str]:
    """What is not inert in an answer."""
    if answer.status_code >= 500:
        return [f"{answer.status_code}"]
    kind = answer.headers.get("content-type", "").partition(";")[0]
    found = [] if answer.headers["x-content-type-options"] == "nosniff" else ["sniffed"]
    if "attachment" in answer.headers.get("content-disposition", "") or kind == "application/pdf":
        return found + file_faults(kind, answer.content)
    if kind == "text/html":
        return found + page_faults(answer.text)
    if kind == "application/json":
        json.loads(answer.text)
        return found
    return found if kind in ("text/css", "image/png", "text/plain") else [*found, kind]


def page_faults(text: str) -> list[str]:
    """Markup that a page of ours does not have, evaluated templates, and characters that steer the eye."""
    if not text.strip():
        return []
    tree = html.fromstring(text)
    found = ["evaluated"] if "QZ49QZ" in text or "$49" in text else []
    for one in tree.iter():
        if not isinstance(one.tag, str):
            continue
        found += [f"U+{ord(char):04X} in {one.tag}" for char in steering(one)]
        if one.tag in ("iframe", "object", "embed", "base", "style", "math", "foreignobject"):
            found.append(one.tag)
        if one.tag == "script" and (not (one.get("src") or "").startswith("/static/") or (one.text or "").strip()):
            found.append("script")
        found += [f"{one.tag} {name}={value[:40]}" for name, value in one.attrib.items() if wrong(str(name), str(value))]
    return found


def steering(one: html.HtmlElement) -> set[str]:
    """Characters that steer the eye; a field to type in holds the text as it is, and keeps it to itself."""
    typed = (one.text or "") if one.tag != "textarea" else ""
    shown = (typed, one.tail or "", *(str(value) for name, value in one.attrib.items() if name != "value"))
    return set(_STEERING.findall(" ".join(shown)))


def wrong(name: str, value: str) -> bool:
    """An attribute that runs something, or leads elsewhere."""
    if name.startswith(("on", "hx-on")) or name == "style":
        return True
    leads = name in ("href", "src", "action", "formaction", "hx-get", "hx-post", "xlink:href", "srcdoc", "poster")
    return leads and (not _OURS.match(value) or value.startswith(("//", "/\\")))


def file_faults(kind: str, body: bytes) -> list[str]:
    """Cells that a spreadsheet would calculate."""
    if kind == "text/csv":
        cells = [cell for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))) for cell in row]
        return [f"csv {cell[:20]!r}" for cell in cells if cell[:1] in "=+-@\t\r" and cell[:1]]
    if "spreadsheet" in kind:
        return book_faults(body)
    return [] if kind in ("application/octet-stream", "application/pdf", "application/xml", "image/png") else [kind]


def book_faults(body: bytes) -> list[str]:
    """Formulas and links in a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(body))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    return [f"{cell.coordinate} {str(cell.value)[:20]!r}" for cell in cells
            if cell.data_type == "f" or cell.hyperlink or _STEERING.search(str(cell.value))
            or (isinstance(cell.value, str) and cell.value[:1] in "=+-@\t\r" and cell.value[:1] and not cell.quotePrefix)]


def test_every_page_and_its_data_are_inert(town: tuple[Scene, Site, dict[str, Visitor]]) -> None:
    scene, _, people = town
    found: dict[str, Any] = {}
    for name, role in looks():
        for language in ("zh", "en"):
            people[role].language = language
            answers = [people[role].get(address(scene, name))] if TABLE[name].page else []
            answers += [people[role].ask(address(scene, name) if name != "today" else "/today")] if TABLE[name].api else []
            if bad := [fault for answer in answers for fault in faults(answer)]:
                found[f"{name} {language}"] = bad[:5]
    assert found == {}


def test_hostile_certificates_and_filings_of_every_kind_are_inert(town: tuple[Scene, Site, dict[str, Visitor]]) -> None:
    scene, _, people = town
    found: dict[str, Any] = {}
    things = {"certificate": "select id from certificate where branch = %s order by id desc limit 12",
              "filing": "select id from filing where branch = %s and kind = 'goods' order by id desc limit 6"}
    for name, role in looks():
        part = next((part for part in things if f"{{{part}:uuid}}" in TABLE[name].path), None)
        if part is None or not TABLE[name].page or "registration" in name:
            continue
        for (identity,) in scene.desk.query(things[part], BRANCH):
            path = re.sub(r"\{(\w+)(?::\w+)?\}", str(identity), TABLE[name].path, count=1)
            if "{" not in path and (bad := faults(people[role].get(path))):
                found[f"{name} {identity}"] = bad[:5]
    assert found == {}


def test_the_words_of_an_address_are_inert(town: tuple[Scene, Site, dict[str, Visitor]]) -> None:
    scene, _, people = town
    found: dict[str, Any] = {}
    for name, role in looks():
        texts = [field.name for field in TABLE[name].fields]
        for said in (*TEXTS[:1], MARKUP, HIDDEN, "\x00", "%00", "\ud83d\ude00"[:0] or "𠮷" * 50, "9" * 400) if texts else ():
            for query in [dict.fromkeys(texts, said), *({one: said} for one in texts)]:
                for ask in (people[role].get, *((people[role].ask,) if TABLE[name].api else ())):
                    answer = ask(address(scene, name), params=query)
                    if bad := faults(answer):
                        found[f"{name} {sorted(query)} {said[:20]!r}"] = bad[:5]
    assert found == {}


def test_the_texts_are_shown_as_texts(town: tuple[Scene, Site, dict[str, Visitor]]) -> None:
    scene, _, people = town
    shows = set()
    for name, role in looks():
        if TABLE[name].page:
            answer = people[role].get(address(scene, name))
            if answer.text.strip() and answer.headers.get("content-type", "").startswith("text/html"):
                text = html.fromstring(answer.text).text_content()
                if "<script>alert(1)</script>" in text and "QZ{{7*7}}QZ" in text and "‹U+202E›" in text:
                    shows.add(name)
    assert shows >= SHOWN


def test_an_excel_file_holds_texts_alone(town: tuple[Scene, Site, dict[str, Visitor]]) -> None:
    _, _, people = town
    reader = people["auditor"]
    for query in ("/search?type=CO", "/queues/review", "/queues/approved", "/queues/void"):
        started = reader.ask("/exports", {"query": query}).json()["id"]
        until = time.monotonic() + 20
        while (one := reader.ask(f"/exports/{started}").json()["exports"][0])["state"] == "running" and time.monotonic() < until:
            time.sleep(0.1)
        assert one["state"] == "done", one
        answer = reader.get(f"/exports/{started}/file")
        assert faults(answer) == [], query
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
        assert any("<script>alert(1)</script>" in cell for cell in cells)


def test_what_is_typed_at_the_door_is_inert_and_cannot_forge_a_line_of_the_log(
    town: tuple[Scene, Site, dict[str, Visitor]], capfd: pytest.CaptureFixture[str]
) -> None:
    _, place, _ = town
    for said in (*TEXTS, f"x\r\nFORGED {MARKUP}", "\x1b[31mFORGED"):
        form = {"branch": said, "name": said, "password": said, "code": said, "next": said}
        answer = place.stranger().post("/sign-in", form, headers={"User-Agent": "x FORGED"})
        assert answer.status_code in (401, 422, 429), answer.text
        assert page_faults(answer.text) == []
        lost = place.stranger().get(f"/{'x' * 20}<script>alert(1)</script>?a=%0d%0aFORGED")
        assert page_faults(lost.text) == []
        assert "FORGED" not in lost.headers.get("location", "")
    lines = "".join(capfd.readouterr()).splitlines()
    assert not [line for line in lines if line.startswith("FORGED") or "\x1b[31mFORGED" in line]


# pages on which the hostile texts have to be seen, as texts
SHOWN = {"desk", "registry", "enterprise", "audit", "parked", "users"}

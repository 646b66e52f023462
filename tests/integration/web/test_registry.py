"""The register in the console: enterprises found and read, changed by registrars with a reason, and in force for rules at once."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from console import passwords
from tests.desk import Desk, clean, make_desk
from tests.filing_messages import BRANCH, FIRM, NAME_EN, NAME_ZH, OTHER_FIRM, png, registration
from tests.services import World
from tests.web import Site, Visitor, site

GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
PASSWORD = "correct horse battery 9"
HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}\u202e"


@pytest.fixture
def desk(stored: World) -> Iterator[Desk]:
    made = make_desk(stored)
    yield made
    made.owner.close()
    made.session.database.close()


@pytest.fixture
def console(desk: Desk) -> Iterator[Site]:
    with site(desk.world) as running:
        yield running


def signatories(desk: Desk) -> list[Any]:
    return desk.query("select code, name_zh, active from signatory where enterprise = %s order by code", FIRM)


def audit(desk: Desk, no: str = FIRM) -> list[Any]:
    return desk.query("select actor, action, branch, detail ->> 'reason' from audit where subject = %s order by id", no)


def upload(visitor: Visitor, body: bytes, no: str = FIRM, **fields: str) -> Any:
    """A specimen as a browser sends it."""
    data = {"kind": "seal", "reason": "new specimen"} | fields
    return visitor.post(f"/registry/{no}/specimen", data, files={"picture": ("a.png", body, "image/png")})


def test_the_list_finds_by_the_beginning_of_number_name_and_state(console: Site, desk: Desk) -> None:
    reader = console.visitor("auditor")

    def found(query: str) -> list[str]:
        return [row["no"] for row in reader.ask(f"/registry?{query}").json()["rows"]]

    everything = found("")
    assert FIRM in everything
    assert OTHER_FIRM not in everything
    assert everything == sorted(everything)
    assert found("starts=1100A0017") == found("starts=1100a0017") == [FIRM]
    assert FIRM in found(f"starts={NAME_ZH[:4]}")
    assert found(f"starts={NAME_EN[:14].lower()}") == [FIRM]
    desk.owner.run("update enterprise set credit_code = '91110000100001234X' where no = %s", (FIRM,))
    assert found("starts=91110000") == [FIRM]
    assert found("state=off") == []
    assert found("starts=%25") == []
    assert "take one away" in reader.get("/registry?starts=nobody").text
    assert "企业注册管理" in replace(reader, language="zh").get("/registry").text


def test_pages_of_the_list_follow_each_other(console: Site, desk: Desk) -> None:
    desk.owner.run(
        "insert into enterprise (no, branch, name_zh, name_en, exchange, receipt_queue) select 'Z' || to_char(n, 'FM00000000'),"
        " %s, '企业' || n, 'FIRM ' || n, 'x' || n, 'q' || n from generate_series(1, 60) n", (BRANCH,))
    reader = console.visitor("registrar")
    first = reader.ask("/registry?starts=Z").json()
    second = reader.ask(f"/registry?starts=Z&after={first['next']}").json()
    assert (len(first["rows"]), len(second["rows"]), second["next"]) == (50, 10, "")


def test_an_empty_branch_is_told_how_enterprises_come(console: Site, desk: Desk) -> None:
    desk.owner.run("insert into branch (code, name_zh, name_en, place) values ('9999A0', '空', 'EMPTY', 'EMPTY, CHINA')")
    assert "coedi enterprise add" in console.visitor("registrar", branch="9999A0").get("/registry").text


def test_the_sheet_tells_everything_on_file(console: Site, desk: Desk) -> None:
    reader = console.visitor("reviewer")
    page = reader.get(f"/registry/{FIRM}")
    for text in (NAME_ZH, NAME_EN, "1101960017", "李文博", "No seal is on file", "Nobody has changed anything yet"):
        assert text in page.text
    assert f"/registry/{FIRM}/particulars" not in page.text
    data = reader.ask(f"/registry/{FIRM}").json()
    assert (data["sheet"]["customs_code"], data["codes"][0]["status"], data["may_change"]) == ("1101960017", "approved", False)
    assert "手签员" in replace(reader, language="zh").get(f"/registry/{FIRM}").text


def test_what_others_did_with_the_enterprise_is_shown_too(console: Site, desk: Desk) -> None:
    desk.owner.run(
        "insert into audit (actor, action, subject, branch) values ('operator:x', 'enterprise add', %s, %s)", (FIRM, BRANCH))
    page = console.visitor("registrar").get(f"/registry/{FIRM}")
    assert (page.status_code, "enterprise add" in page.text) == (200, True)


def test_a_pending_customs_code_is_decided_once_and_counts_at_once(console: Site, desk: Desk) -> None:
    desk.owner.run("update enterprise set customs_code = '' where no = %s", (FIRM,))
    desk.owner.run("delete from customs_code where enterprise = %s", (FIRM,))
    desk.owner.run("insert into customs_code (enterprise, code, status) values (%s, '1101960200', 'pending')", (FIRM,))
    registrar = console.visitor("registrar", name="li")
    sent = {"code": "1101960200", "decision": "approve", "reason": "checked at customs"}
    assert registrar.ask(f"/registry/{FIRM}/customs-code", sent | {"reason": ""}).status_code == 422
    assert registrar.post(f"/registry/{FIRM}/customs-code", sent).status_code == 303
    assert desk.query("select customs_code from enterprise where no = %s", FIRM) == [("1101960200",)]
    assert registrar.ask(f"/registry/{FIRM}/customs-code", sent | {"decision": "refuse"}).status_code == 409
    assert audit(desk) == [("registrar:1100B0/li", "registry customs code approve", BRANCH, "checked at customs")]
    assert "checked at customs" in registrar.get(f"/registry/{FIRM}").text


def test_persons_are_added_changed_and_switched_off(console: Site, desk: Desk) -> None:
    registrar = console.visitor("registrar")
    for action, more in (("operator", {"contact": "010-1"}), ("signatory", {})):
        sent = {"code": "07", "name_zh": "王小明", "active": True, "reason": "new"} | more
        assert registrar.ask(f"/registry/{FIRM}/{action}", sent).status_code == 200
        sent |= {"name_zh": "王晓明", "active": False, "reason": "left"}
        assert registrar.ask(f"/registry/{FIRM}/{action}", sent).status_code == 200
    assert desk.query("select code, name_zh, contact, active from enterprise_operator where enterprise = %s", FIRM) == [
        ("07", "王晓明", "010-1", False)]
    assert signatories(desk) == [("01", "李文博", True), ("07", "王晓明", False)]
    assert [row[3] for row in audit(desk)] == ["new", "left", "new", "left"]
    assert desk.query("select detail -> 'before' from audit where action = 'registry signatory' order by id") == [
        (None,), (["王小明", True],)]


def test_what_is_changed_is_what_rules_see_next(console: Site, desk: Desk) -> None:
    first, later = clean(0), clean(6)
    registrar, no = console.visitor("registrar"), first.firm.record.no
    desk.deliver(first)
    sent = {"code": "01", "name_zh": "周立新", "active": False, "reason": "left"}
    assert registrar.ask(f"/registry/{no}/signatory", sent).status_code == 200
    desk.deliver(later)
    states = {invoice: state for invoice, state, *_ in desk.certificates()}
    assert (states[first.invoice] == "RETURNED", states[later.invoice]) == (False, "RETURNED")


def test_a_specimen_is_told_by_its_content_and_makes_the_seal_ready(console: Site, desk: Desk) -> None:
    desk.owner.run("update enterprise set print_seal_ready = false where no = %s", (FIRM,))
    registrar, seal, signature = console.visitor("registrar"), png(400, 400), png(300, 150)
    assert upload(registrar, seal).status_code == 303
    assert desk.query("select print_seal_ready from enterprise where no = %s", FIRM) == [(False,)]
    assert upload(registrar, signature, kind="signature", code="01").status_code == 303
    assert desk.query("select print_seal_ready from enterprise where no = %s", FIRM) == [(True,)]
    shown = registrar.get(f"/registry/{FIRM}/images/signature/01")
    assert shown.content == signature
    assert (shown.headers["content-type"], shown.headers["x-content-type-options"]) == ("image/png", "nosniff")
    assert upload(registrar, GIF).status_code == 303
    assert registrar.get(f"/registry/{FIRM}/images/seal/-").headers["content-type"] == "image/gif"
    assert desk.query("select detail ->> 'before' from audit where action = 'registry specimen seal' order by id desc limit 1") == [
        (hashlib.sha256(seal).hexdigest(),)]


@pytest.mark.parametrize("body", [
    b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", b"\x89PNG\r\n\x1a\nrest", b"GIF89a", b"MZ" * 100,
    png(400, 400)[:-20], png(20_000, 20_000)])
def test_what_is_no_picture_is_refused(console: Site, desk: Desk, body: bytes) -> None:
    assert upload(console.visitor("registrar"), body).status_code == 422
    assert desk.query("select count(*) from enterprise_image") == [(0,)]


def test_a_picture_that_is_too_large_is_refused(console: Site, desk: Desk) -> None:
    registrar = console.visitor("registrar")
    assert upload(registrar, png(10, 10) + b"\0" * 409_600).status_code == 422
    assert upload(registrar, b"\0" * 700_000).status_code == 413
    assert upload(registrar, png(10, 10), kind="signature", code="99").status_code == 404
    assert desk.query("select count(*) from enterprise_image") == [(0,)]


def test_what_was_stored_as_something_else_is_never_shown(console: Site, desk: Desk) -> None:
    desk.owner.run(
        "insert into enterprise_image (enterprise, kind, code, media_type, sha256, body, at)"
        " values (%s, 'seal', '', 'text/html', sha256('x'), 'x', now())", (FIRM,))
    assert console.visitor("registrar").get(f"/registry/{FIRM}/images/seal/-").status_code == 404


def test_printing_by_itself_is_switched_with_a_reason(console: Site, desk: Desk) -> None:
    registrar = console.visitor("registrar")
    assert registrar.ask(f"/registry/{FIRM}/local-print", {"to": "off"}).status_code == 422
    assert registrar.ask(f"/registry/{FIRM}/local-print", {"to": "off", "reason": "asked for it"}).status_code == 200
    assert registrar.ask(f"/registry/{FIRM}/local-print", {"to": "off", "reason": "again"}).status_code == 409
    assert desk.query("select local_print from enterprise where no = %s", FIRM) == [(False,)]
    assert len(audit(desk)) == 1


def test_an_administrator_switches_an_enterprise_off_after_signing_in_again(console: Site, desk: Desk) -> None:
    administrator = console.visitor("administrator", name="chief", password=passwords.hash_of(PASSWORD))
    sent = {"to": "off", "repeat": FIRM, "reason": "closed down", "password": PASSWORD}
    address = f"/registry/{FIRM}/switch"
    assert administrator.ask(address, sent | {"repeat": OTHER_FIRM}).status_code == 422
    assert administrator.ask(address, sent | {"password": "wrong"}).status_code == 422
    assert desk.query("select active from enterprise where no = %s", FIRM) == [(True,)]
    desk.owner.run("delete from sign_in_delay")
    told = administrator.ask(address, sent)
    assert told.status_code == 200, told.text
    assert desk.query("select active from enterprise where no = %s", FIRM) == [(False,)]
    desk.deliver(registration("R-1"), exchange=desk.world.names.enterprise_exchange(FIRM))
    assert desk.query("select refusal from interchange order by received_at desc limit 1") == [("ENTERPRISE_INACTIVE",)]
    assert ("registrar:1100B0/chief", "registry enterprise off", BRANCH, "closed down") in audit(desk)


@pytest.mark.parametrize("no", ["%00", "1100A0017%00x", "%FF", "a" * 500, "%E4%BC%81"])
def test_a_number_that_is_none_is_not_found(console: Site, no: str) -> None:
    registrar = console.visitor("registrar")
    for path in (f"/registry/{no}", f"/registry/{no}/images/seal/%00", f"/registry/{FIRM}/images/%00/{no}"):
        assert registrar.get(path).status_code == 404, path
    assert registrar.ask(f"/registry/{no}/operator", {"code": "1", "name_zh": "x", "reason": "x"}).status_code == 404


def test_another_branchs_enterprise_is_not_there(console: Site, desk: Desk) -> None:
    registrar = console.visitor("registrar", "administrator", name="both")
    for path in ("", "/images/seal/-"):
        assert registrar.get(f"/registry/{OTHER_FIRM}{path}").status_code == 404
    for action, sent in (
        ("customs-code", {"code": "1", "decision": "approve"}), ("operator", {"code": "1", "name_zh": "x"}),
        ("signatory", {"code": "1", "name_zh": "x"}), ("particulars", {"name_zh": "x", "name_en": "x"}),
        ("local-print", {"to": "off"}), ("switch", {"to": "off", "repeat": OTHER_FIRM, "password": "x"})):
        assert registrar.ask(f"/registry/{OTHER_FIRM}/{action}", sent | {"reason": "x"}).status_code == 404, action
    assert upload(registrar, png(10, 10), OTHER_FIRM).status_code == 404
    assert audit(desk, OTHER_FIRM) == []
    assert console.visitor("auditor", name="all", everywhere=True).get(f"/registry/{OTHER_FIRM}").status_code == 200


@pytest.mark.parametrize(("role", "reads"), [
    ("reviewer", 200), ("senior-reviewer", 200), ("auditor", 200), ("print-clerk", 403), ("operator", 403)])
def test_only_registrars_change_the_register(console: Site, desk: Desk, role: str, reads: int) -> None:
    person = console.visitor(role)
    assert person.get("/registry").status_code == reads
    assert person.get(f"/registry/{FIRM}").status_code == reads
    sent = {"code": "09", "name_zh": "x", "reason": "x"}
    assert person.post(f"/registry/{FIRM}/signatory", sent).status_code == 403
    assert upload(person, png(10, 10)).status_code == 403
    assert console.visitor("registrar").post(f"/registry/{FIRM}/switch", {"to": "off"}).status_code == 403
    assert signatories(desk) == [("01", "李文博", True)]


def test_text_on_file_is_inert(console: Site, desk: Desk) -> None:
    desk.owner.run("update enterprise set name_en = %s, address_en = %s where no = %s", (HOSTILE, HOSTILE, FIRM))
    registrar = console.visitor("registrar")
    for path in ("/registry", f"/registry/{FIRM}"):
        page = registrar.get(path).text
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page
        assert "{{7*7}}" in page

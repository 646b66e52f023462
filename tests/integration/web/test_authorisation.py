"""Every route, every role, own and other branch, as page and as JSON: what is not written in `rights` is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from console.passwords import hash_of
from console.user_changes import By, add_key
from store.database import Database
from store.people import start_session
from tests.desk import make_desk
from tests.integration.web.rights import (
    ENTERPRISE_ANSWERS,
    FREE,
    LETTERS,
    NOWHERE,
    PASSWORD,
    SAMPLES,
    TABLE,
    Sample,
    filled,
    rights,
)
from tests.scene import BRANCH, FIRM, OTHER, Scene, branch_at_work
from tests.services import make_world
from tests.web import Site, Visitor, add_user, site

pytestmark = pytest.mark.database
RIGHTS = rights()
ROLES = tuple(LETTERS.values())
# what a request may change by being made at all
_RESTLESS = ("console_session", "sign_in_delay", "api_key", "schema_migration")


@dataclass
class Town:
    """A console with two branches at work, and somebody of every role."""

    scene: Scene
    site: Site
    owner: Database
    people: dict[str, Visitor]

    def values(self, name: str, branch: str) -> tuple[str, dict[str, object]]:
        """Address and form of a route, with things of this branch."""
        sample = SAMPLES.get(name, Sample(bound=False))
        return filled(TABLE[name].path, sample.path(self.scene, branch)), dict(sample.form(self.scene, branch))

    def doors(self, name: str) -> list[bool]:
        """The ways in that the route has: page (False), JSON (True)."""
        return [api for api in (False, True) if (TABLE[name].api if api else TABLE[name].page)]

    def send(self, name: str, who: Visitor, api: bool, branch: str = BRANCH) -> httpx.Response:
        """The route's request with the sample of this branch."""
        route = TABLE[name]
        path, form = self.values(name, branch)
        if route.raw:
            headers = who.headers() | {"Content-Type": "application/xml"}
            return who.client.post(f"{self.site.address}/api/v1{path}", content=b"<Interchange/>", headers=headers)
        if route.method == "GET":
            return who.ask(as_api(path), params=form) if api else who.get(path, params=form)
        if files := {key: ("x", form.pop(key)) for key, value in list(form.items()) if isinstance(value, bytes)}:
            return who.post(("/api/v1" if api else "") + path, form, files=files)
        return who.ask(path, json=form) if api else who.post(path, form)

    def answers(self, name: str, who: Visitor, *branches: str) -> Iterator[tuple[bool, httpx.Response]]:
        """(JSON?, answer) through each of its doors."""
        for branch in branches or (BRANCH,):
            for api in self.doors(name):
                yield api, self.send(name, who, api, branch)

    def somebody(self, **columns: str) -> Visitor:
        """A visitor with this token or key."""
        return Visitor(self.site.address, self.site.client, **columns)

    @contextmanager
    def still(self) -> Iterator[dict[str, object]]:
        """Collects what goes wrong in a block in which nothing may change; fails at its end when something did."""
        before, wrong = self.everything(), dict[str, object]()
        yield wrong
        after = self.everything()
        assert wrong == {}
        assert [table for table in after if after[table] != before[table]] == []

    def everything(self) -> dict[str, str]:
        """A fingerprint of every table."""
        names = [row[0] for row in self.owner.run("select tablename from pg_tables where schemaname = 'public' order by 1")]
        text = " union all ".join(
            f"select '{name}', count(*) || md5(coalesce(string_agg(t::text, '' order by t::text), '')) from {name} t"
            for name in names if name not in _RESTLESS)
        return dict(self.owner.run(text))


def as_api(path: str) -> str:
    """The address under /api/v1."""
    return "/today" if path == "/" else path


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, template: str) -> Iterator[Town]:
    for world in make_world(tmp_path_factory.mktemp("rights"), template, with_broker=False):
        desk = make_desk(world)
        scene = branch_at_work(desk)
        for branch in (BRANCH, OTHER):
            add_user(desk.owner, branch, "somebody", ("reviewer",))
            add_user(desk.owner, branch, "chief", ("administrator",))
        with site(world) as running:
            people = {role: running.visitor(role, password=hash_of(PASSWORD)) for role in ROLES}
            yield Town(scene, running, desk.owner, people)
        desk.session.database.close()
        desk.owner.close()


def allowed(name: str) -> list[str]:
    """The roles that may use this route."""
    who = RIGHTS[name]
    return [role for role in ROLES if role in who or who & {"(anybody)", "(signed in)", "(pending)"}]


def led(answer: httpx.Response, api: bool, name: str, to: str, status: int) -> bool:
    """A person who looks is led there; a program, and who sends a form, is told."""
    if api or TABLE[name].method != "GET":
        return answer.status_code == status
    return answer.status_code == 303 and answer.headers["location"].startswith(to)


def test_every_route_has_an_entry_and_every_entry_a_route() -> None:
    assert set(RIGHTS) == set(TABLE)
    assert set(SAMPLES) <= set(TABLE)


def test_the_route_table_says_what_is_written_here() -> None:
    assert {name: sorted(route.who) for name, route in TABLE.items()} == {name: sorted(who) for name, who in RIGHTS.items()}


def test_every_route_that_needs_one_has_a_sample() -> None:
    lacking = [name for name, route in TABLE.items() if name not in SAMPLES and ("{" in route.path or route.method != "GET")]
    assert lacking == []


def test_nothing_is_changed_by_a_get() -> None:
    assert {route.method for route in TABLE.values()} == {"GET", "POST"}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_is_not_written_here_is_refused_and_nothing_changes(town: Town, role: str) -> None:
    with town.still() as wrong:
        for name in TABLE:
            if role not in allowed(name):
                for api, answer in town.answers(name, town.people[role], BRANCH, OTHER):
                    if answer.status_code != 403:
                        wrong[f"{name} {api}"] = answer.status_code


def test_nobody_is_led_to_sign_in_or_told_to(town: Town) -> None:
    with town.still() as wrong:
        for name in TABLE:
            if not RIGHTS[name] & FREE:
                for api, answer in town.answers(name, town.site.stranger()):
                    if not led(answer, api, name, "/sign-in", 401):
                        wrong[f"{name} {api}"] = answer.status_code


def test_what_is_for_anybody_is_served_to_anybody(town: Town) -> None:
    served = {name: [answer.status_code for _, answer in town.answers(name, town.site.stranger())]
              for name in TABLE if RIGHTS[name] & FREE}
    assert served.pop("sign_in") == [401]
    assert served == {name: [303 if TABLE[name].method == "POST" else 200] * len(found) for name, found in served.items()}


@pytest.mark.parametrize("role", ROLES)
def test_another_branchs_things_are_unknown(town: Town, role: str) -> None:
    with town.still() as wrong:
        for name in TABLE:
            if role in allowed(name) and name in SAMPLES and SAMPLES[name].bound:
                for api, answer in town.answers(name, town.people[role], OTHER):
                    if answer.status_code != 404:
                        wrong[f"{name} {api}"] = answer.status_code, answer.text[:200]


def test_a_form_without_the_sessions_token_is_refused(town: Town) -> None:
    with town.still() as wrong:
        for name, person, path, form in forms(town):
            if RIGHTS[name] & FREE:
                continue
            for token in ("", "0" * 64):
                answer = person.post(path, form | {"csrf": token})
                if answer.status_code != 403 and TABLE[name].page:
                    wrong[f"{name} {token}"] = answer.status_code
                headers = person.headers() | {"X-CSRF-Token": token}
                answer = person.client.post(f"{town.site.address}/api/v1{path}", json=form, headers=headers)
                if answer.status_code != 403 and TABLE[name].api:
                    wrong[f"{name} {token} json"] = answer.status_code


def test_a_form_from_another_site_is_refused(town: Town) -> None:
    foreign = ({"Origin": "https://coedi.example.org"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
               {"Sec-Fetch-Site": "same-site"})
    with town.still() as wrong:
        for name, person, path, form in forms(town):
            for headers in foreign:
                for api in town.doors(name):
                    answer = person.post(("/api/v1" if api else "") + path, form, headers=headers)
                    if answer.status_code != 403:
                        wrong[f"{name} {api} {headers}"] = answer.status_code


def forms(town: Town) -> Iterator[tuple[str, Visitor, str, dict[str, object]]]:
    """(route, somebody who may, address, valid form) of everything that changes something and is for people."""
    for name, route in TABLE.items():
        if route.method != "GET" and allowed(name):
            path, form = town.values(name, BRANCH)
            texts = {key: value for key, value in form.items() if not isinstance(value, bytes)}
            yield name, town.people[allowed(name)[0]], path, texts


def test_who_has_not_finished_the_first_steps_is_led_there(town: Town) -> None:
    person = town.somebody(token=start_session(town.owner, BRANCH, "chief", "127.0.0.1", "tests", "totp"))
    with town.still() as wrong:
        for name in TABLE:
            if not RIGHTS[name] & {"(anybody)", "(pending)"}:
                for api, answer in town.answers(name, person):
                    if not led(answer, api, name, "/first-steps", 403):
                        wrong[f"{name} {api}"] = answer.status_code


def test_an_enterprises_key_opens_its_own_doors_alone(town: Town) -> None:
    program = town.somebody(key=key_of(town, FIRM))
    with town.still() as wrong:
        for name in TABLE:
            if not RIGHTS[name] & {"(anybody)", "(enterprise)"}:
                for api, answer in town.answers(name, program):
                    if answer.status_code != 403:
                        wrong[f"{name} {api}"] = answer.status_code


def test_an_enterprises_key_is_served_at_its_own_doors(town: Town) -> None:
    program = town.somebody(key=key_of(town, FIRM))
    own = {name: answer.status_code for name in TABLE if RIGHTS[name] == {"(enterprise)"}
           for _, answer in town.answers(name, program)}
    assert own == ENTERPRISE_ANSWERS


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_is_written_here_is_served(town: Town, role: str) -> None:
    """A form of these samples is well formed: it is done, or refused for how things stand (409), never for what was sent."""
    wrong: dict[str, object] = {}
    for name, route in TABLE.items():
        served = {200, 303} | ({404} if name in NOWHERE else set()) | ({201, 202, 409} if route.method == "POST" else set())
        if role in RIGHTS[name]:
            for api, answer in town.answers(name, town.people[role]):
                if answer.status_code not in served:
                    wrong[f"{name} {api}"] = answer.status_code, answer.text[:300]
    assert wrong == {}


def test_looking_changes_nothing(town: Town) -> None:
    changed = {}
    for name in (name for name in TABLE if TABLE[name].method == "GET" and allowed(name)):
        before = town.everything()
        list(town.answers(name, town.people[allowed(name)[0]]))
        after = town.everything()
        if after != before:
            changed[name] = [table for table in after if after[table] != before[table]]
    assert changed == {}


@pytest.mark.parametrize("name", ["approve-many", "release-many", "reassign-many"])
def test_rows_of_another_branch_are_left_as_they_were(town: Town, name: str) -> None:
    identity, version = town.scene.newest("PENDING_REVIEW", OTHER)
    rows = f"select claimed_by, assigned_to, token, version from review_task where subject = '{identity}'"
    before = town.owner.run(rows)
    form = {"row": [f"{identity}:{version}:"], "to": f"{BRANCH}/reviewer", "why": "mine now"}
    for api in (False, True):
        who = town.people["senior-reviewer"]
        answer = who.ask(TABLE[name].path, json=form) if api else who.post(TABLE[name].path, form)
        assert answer.status_code in (200, 303, 404, 409), answer.text
        assert str(identity) not in answer.headers.get("set-cookie", "")
    assert town.owner.run(rows) == before
    assert town.scene.first("select state from certificate where id = %s", identity) == "PENDING_REVIEW"


def test_head_office_looks_into_every_branch(town: Town) -> None:
    auditor = town.site.visitor("auditor", name="head", everywhere=True)
    wrong: dict[str, object] = {}
    for name, route in TABLE.items():
        if route.method == "GET" and "auditor" in RIGHTS[name] and name not in NOWHERE:
            for api, answer in town.answers(name, auditor, BRANCH, OTHER):
                if answer.status_code not in (200, 303):
                    wrong[f"{name} {api}"] = answer.status_code, answer.text[:200]
    assert wrong == {}


@pytest.mark.parametrize("role", ["reviewer", "auditor"])
def test_a_persons_key_has_that_persons_rights(town: Town, role: str) -> None:
    program = town.somebody(key=key_of(town, (BRANCH, role)))
    wrong: dict[str, object] = {}
    for name in TABLE:
        if True in town.doors(name) and not RIGHTS[name] & {"(anybody)", "(pending)", "(signed in)"}:
            answer = town.send(name, program, True)
            if (answer.status_code == 403) != (role not in allowed(name)) or answer.status_code >= 500:
                wrong[name] = answer.status_code, answer.text[:200]
    assert wrong == {}


def key_of(town: Town, owner: tuple[str, str] | str) -> str:
    """A new key of this user or enterprise."""
    shell = town.site.world.database("coedi_operator")
    made = add_key(shell, By(), owner, "tests", 1)
    shell.close()
    return made

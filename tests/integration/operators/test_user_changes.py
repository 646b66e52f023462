"""What may be done to accounts, by whom, through the functions and through `coedi user`."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from console.own_account import choose_password, confirm_second_factor, shown_secret
from console.passwords import FAULTS
from console.signing_in import Refused, Signed
from console.user_changes import By, NewUser, add, add_key, change_roles, drop_totp, reset, revoke_key, set_active, set_skills
from domain.errors import NotAllowed, Refusal, UnknownThing
from store import people
from store.accounts import accounts
from store.people import Person
from tests.integration.operators.command import coedi
from tests.integration.operators.people import ADDRESS, BRANCH, OTHER, PASSWORD, Town, town
from tests.services import World

pytestmark = pytest.mark.database
FIRM = "1100A0017"


@pytest.fixture
def place(stored: World) -> Iterator[Town]:
    """A town on a fresh database."""
    made = town(stored)
    yield made
    made.console.close()
    made.shell.close()


def person(place: Town, branch: str, name: str) -> Person:
    """As a session would know them; the console's connection is bound to what they may see."""
    [one] = accounts(place.shell, branch, name)
    found = Person(branch, name, one.shown, one.everywhere, one.skills, frozenset(one.roles))
    place.console.run("select set_config('coedi.branch', %s, false)", (found.scope,))
    return found


def administrator(place: Town, branch: str = BRANCH, **options: object) -> By:
    """An administrator of this branch, at the console."""
    place.add("boss", "administrator", branch=branch, **options)
    return By(person(place, branch, "boss"))


def roles(place: Town, name: str) -> tuple[str, ...]:
    return accounts(place.shell, BRANCH, name)[0].roles


# who may

def test_an_administrator_keeps_the_users_of_his_branch(place: Town) -> None:
    by = administrator(place)
    made = add(place.console, by, NewUser(BRANCH, "wang", "王", ("reviewer",), totp_required=False))
    assert made and isinstance(place.sign_in(password=made), Signed)
    change_roles(place.console, by, BRANCH, "wang", give=["registrar"], take=["reviewer"])
    set_skills(place.console, by, BRANCH, "wang", ["CO", "RCEP"])
    set_active(place.console, by, BRANCH, "wang", active=False)
    [one] = accounts(place.shell, BRANCH, "wang")
    assert (one.roles, one.skills, one.active, one.created_by) == (("registrar",), ("CO", "RCEP"), False, "1100B0/boss")
    assert [row[:3] for action in ("user.add", "user.role", "user.skills", "user.disable") for row in place.audited(action)
            if row[0] == "1100B0/boss"] == [("1100B0/boss", "1100B0/wang", BRANCH)] * 4


CHANGES = {
    "roles": lambda place, by, branch, name: change_roles(place.console, by, branch, name, give=["auditor"]),
    "skills": lambda place, by, branch, name: set_skills(place.console, by, branch, name, ["CO"]),
    "reset": lambda place, by, branch, name: reset(place.console, by, branch, name),
    "totp": lambda place, by, branch, name: drop_totp(place.console, by, branch, name),
    "disable": lambda place, by, branch, name: set_active(place.console, by, branch, name, active=False),
    "key": lambda place, by, branch, name: add_key(place.console, by, (branch, name), "label", 1),
}
EVERY_CHANGE = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)


@EVERY_CHANGE
def test_a_user_of_another_branch_is_unknown(place: Town, change: "object") -> None:
    place.add("wang", branch=OTHER)
    before = accounts(place.shell, OTHER)
    with pytest.raises(UnknownThing):
        change(place, administrator(place), OTHER, "wang")  # type: ignore[operator]
    assert accounts(place.shell, OTHER) == before


@EVERY_CHANGE
def test_nobody_changes_his_own_account(place: Town, change: "object") -> None:
    by = administrator(place)
    place.add("second", "administrator")
    before = accounts(place.shell, BRANCH)
    with pytest.raises(NotAllowed, match="own account"):
        change(place, by, BRANCH, "boss")  # type: ignore[operator]
    assert accounts(place.shell, BRANCH) == before


@EVERY_CHANGE
def test_who_is_no_administrator_changes_nobody(place: Town, change: "object") -> None:
    place.add("wang", "senior-reviewer", "operator")
    place.add("li")
    with pytest.raises(NotAllowed, match="only an administrator"):
        change(place, By(person(place, BRANCH, "wang")), BRANCH, "li")  # type: ignore[operator]


@EVERY_CHANGE
def test_a_user_of_head_office_is_not_taken_over_by_the_administrator_of_his_branch(place: Town, change: "object") -> None:
    place.add("chief", "auditor", everywhere=True)
    with pytest.raises(NotAllowed, match="head office"):
        change(place, administrator(place), BRANCH, "chief")  # type: ignore[operator]


def test_an_administrator_of_a_branch_makes_no_user_of_head_office_and_none_of_another_branch(place: Town) -> None:
    by = administrator(place)
    with pytest.raises(NotAllowed, match="head office"):
        add(place.console, by, NewUser(BRANCH, "spy", "x", ("auditor",), everywhere=True))
    with pytest.raises(UnknownThing):
        add(place.console, by, NewUser(OTHER, "spy", "x", ("auditor",)))
    assert [one.name for one in accounts(place.shell)] == ["boss"]


def test_an_administrator_of_head_office_keeps_all(place: Town) -> None:
    by = administrator(place, everywhere=True)
    add(place.console, by, NewUser(OTHER, "wang", "王", ("reviewer",)))
    change_roles(place.console, by, OTHER, "wang", give=["senior-reviewer"])
    assert [row[2] for row in place.audited("user.role")] == [OTHER]


@pytest.mark.parametrize("role", ["reviewer", "senior-reviewer", "registrar", "print-clerk"])
def test_head_office_decides_nothing_for_a_branch(place: Town, role: str) -> None:
    with pytest.raises(Refusal, match="head office"):
        place.add("chief", "auditor", role, everywhere=True)
    place.add("chief", "auditor", everywhere=True)
    with pytest.raises(Refusal, match="head office"):
        change_roles(place.shell, By(), BRANCH, "chief", give=[role])


# what is kept

def test_a_branch_never_loses_its_last_administrator(place: Town) -> None:
    administrator(place)
    place.add("boss", "administrator", branch=OTHER)  # another branch's does not count
    for change in (lambda: change_roles(place.shell, By(), BRANCH, "boss", give=["auditor"], take=["administrator"]),
                   lambda: set_active(place.shell, By(), BRANCH, "boss", active=False)):
        with pytest.raises(NotAllowed, match="last administrator"):
            change()
    place.add("second", "administrator")
    set_active(place.shell, By(), BRANCH, "second", active=False)
    with pytest.raises(NotAllowed, match="last administrator"):
        set_active(place.shell, By(), BRANCH, "boss", active=False)
    set_active(place.shell, By(), BRANCH, "second", active=True)
    set_active(place.shell, By(), BRANCH, "boss", active=False)


def test_two_administrators_who_switch_each_other_off_at_once_leave_one(place: Town) -> None:
    names = ("one", "two")
    for round_ in range(10):
        for name in names:
            if round_ == 0:
                place.add(name, "administrator")
            elif not accounts(place.shell, BRANCH, name)[0].active:
                set_active(place.shell, By(), BRANCH, name, active=True)

        def switch_off(name: str) -> bool:
            mine = place.world.database("coedi_operator")
            try:
                set_active(mine, By(), BRANCH, name, active=False)
            except NotAllowed:
                return False
            finally:
                mine.close()
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(switch_off, names)) == [False, True]


def test_a_user_keeps_at_least_one_role_and_knows_only_those_there_are(place: Town) -> None:
    place.add("wang")
    with pytest.raises(Refusal, match="at least one role"):
        change_roles(place.shell, By(), BRANCH, "wang", take=["reviewer"])
    with pytest.raises(Refusal, match="no role king"):
        change_roles(place.shell, By(), BRANCH, "wang", give=["king"])
    with pytest.raises(Refusal, match="no certificate type"):
        set_skills(place.shell, By(), BRANCH, "wang", ["XX"])
    assert roles(place, "wang") == ("reviewer",)


def test_a_name_that_is_taken_is_refused_and_nothing_of_it_changes(place: Town) -> None:
    place.add("wang")
    with pytest.raises(Refusal, match="already"):
        add(place.shell, By(), NewUser(BRANCH, "wang", "other", ("administrator",)), "vier-andere-regenschirme")
    assert roles(place, "wang") == ("reviewer",) and isinstance(place.sign_in(), Signed)


# passwords and second factors of one's own

def test_first_steps_lead_from_a_one_time_password_over_a_password_and_a_code_to_a_full_session(place: Town) -> None:
    made = add(place.shell, By(), NewUser(BRANCH, "wang", "王", ("reviewer",)))
    signed = place.sign_in(password=made or "")
    assert isinstance(signed, Signed) and signed.pending == "password"

    def session() -> people.Session:
        found = people.session_of(place.console, signed.token)  # type: ignore[union-attr]
        assert found
        place.console.run("select set_config('coedi.branch', %s, false)", (BRANCH,))
        return found

    for bad, why in (("kurz", "short"), ("x" * 257, "long"), ("mein-wang-ist-lang", "name"), ("Password2024", "common"),
                     ("ccpit1100b0", "common"), (made or "", "same")):
        assert choose_password(place.console, place.keys, session(), bad) == why and why in FAULTS
    assert session().pending == "password"
    assert choose_password(place.console, place.keys, session(), PASSWORD) is None
    assert session().pending == "totp"
    secret = shown_secret(place.console, place.keys, session().person)
    assert secret
    assert not confirm_second_factor(place.console, place.keys, session(), place.code_of(secret, 9))
    assert confirm_second_factor(place.console, place.keys, session(), place.code_of(secret))
    assert session().pending is None
    assert shown_secret(place.console, place.keys, session().person) is None, "a second factor in force is shown to nobody"
    assert isinstance(place.sign_in(password=PASSWORD), Refused), "the code is asked for from now on"
    assert isinstance(place.sign_in(password=PASSWORD, code=place.code_of(secret, 1)), Signed)
    assert isinstance(place.sign_in(password=made or ""), Refused)


def test_a_changed_password_ends_the_other_sessions(place: Town) -> None:
    place.add("wang")
    here, there = place.session(), place.session()
    place.console.run("select set_config('coedi.branch', %s, false)", (BRANCH,))
    assert choose_password(place.console, place.keys, here, "drei-neue-gummistiefel") is None
    assert [row.id for row in people.sessions_of(place.console, BRANCH, "wang")] == [here.id] != [there.id]
    assert isinstance(place.sign_in(), Refused)
    assert isinstance(place.sign_in(password="drei-neue-gummistiefel"), Signed)


def test_what_an_earlier_screen_showed_is_no_second_factor_after_another_sign_in(place: Town) -> None:
    made = add(place.shell, By(), NewUser(BRANCH, "wang", "王", ("reviewer",)), PASSWORD)
    assert made is None
    place.sign_in()
    owner = person(place, BRANCH, "wang")
    first = shown_secret(place.console, place.keys, owner)
    place.sign_in()
    assert first and shown_secret(place.console, place.keys, owner) not in (None, first)


def test_a_reset_clears_the_waiting_too(place: Town) -> None:
    place.add("wang")
    for _ in range(8):
        place.sign_in(password="falsch")
    made = reset(place.shell, By(), BRANCH, "wang")
    assert isinstance(place.sign_in(password=made), Signed)


# keys of programs

def test_a_key_speaks_for_its_user_until_it_is_revoked_or_he_is_switched_off(place: Town) -> None:
    place.add("wang", "reviewer", "auditor")
    token = add_key(place.shell, By(), (BRANCH, "wang"), "reports", 30)
    found = people.key_of(place.console, token)
    assert found and found.key == "1100B0/wang" and found.roles == {"reviewer", "auditor"} and found.enterprise is None
    set_active(place.shell, By(), BRANCH, "wang", active=False)
    assert people.key_of(place.console, token) is None
    set_active(place.shell, By(), BRANCH, "wang", active=True)
    revoke_key(place.shell, By(), people.hashed(token).hex()[:12])
    assert people.key_of(place.console, token) is None
    assert token not in str(place.shell.run("select detail::text from audit"))


def test_a_key_of_an_enterprise_speaks_for_it_without_any_role(place: Town) -> None:
    token = add_key(place.shell, By(), FIRM, "erp", 30)
    found = people.key_of(place.console, token)
    assert found and found.key == found.enterprise == FIRM and found.branch == BRANCH and not found.roles


def test_an_ended_key_speaks_for_nobody(place: Town) -> None:
    token = add_key(place.shell, By(), FIRM, "erp", 30)
    owner = place.world.database()
    owner.run("update api_key set ends_at = clock_timestamp()")
    owner.close()
    assert people.key_of(place.console, token) is None


# the command

def test_the_first_administrator_is_made_in_the_shell(place: Town) -> None:
    assert "coedi user add" in coedi(place.world, "user", "list").out
    said = coedi(place.world, "user", "add", "1100B0/wang", "--role", "administrator", "--shown", "王", "--no-totp", "--json")
    signed = place.sign_in(password=said.data["one_time_password"])
    assert isinstance(signed, Signed) and signed.pending == "password"
    [row] = coedi(place.world, "user", "list", "--json").data["users"]
    assert row["user"] == "1100B0/wang" and row["roles"] == ["administrator"] and row["signed_in_at"] and row["one_time_until"]
    assert said.data["one_time_password"] not in coedi(place.world, "user", "list", "--json").out


def test_a_password_from_a_file_is_the_users_own(place: Town) -> None:
    file = place.world.settings.state_dir / "password"
    file.write_text(PASSWORD + "\n", encoding="utf-8")
    said = coedi(place.world, "user", "add", "1100B0/wang", "--role", "reviewer", "--no-totp", "--password-file", file)
    assert said.exit_code == 0 and PASSWORD not in said.out
    signed = place.sign_in()
    assert isinstance(signed, Signed) and signed.pending is None
    file.write_text("password1\n", encoding="utf-8")
    assert coedi(place.world, "user", "add", "1100B0/li", "--role", "reviewer", "--password-file", file).exit_code == 4


def test_the_shell_resets_sets_up_and_switches(place: Town) -> None:
    place.add("wang")
    assert coedi(place.world, "user", "role", "1100B0/wang", "--add", "auditor", "--json").data["roles"] == ["auditor", "reviewer"]
    set_up = coedi(place.world, "user", "totp", "1100B0/wang", "--json").data
    assert set_up["address"].startswith("otpauth://totp/coedi:wang%401100B0?")
    assert isinstance(place.sign_in(), Refused)
    assert isinstance(place.sign_in(code=place.code_of(set_up["secret"])), Signed)
    sessions = coedi(place.world, "user", "sessions", "1100B0/wang", "--end", "--json").data
    assert sessions["ended"] == 1 and sessions["sessions"][0]["address"] == ADDRESS
    made = coedi(place.world, "user", "reset", "1100B0/wang", "--totp", "--json").data["one_time_password"]
    assert isinstance(place.sign_in(password=made), Signed)
    assert coedi(place.world, "user", "disable", "1100B0/wang").exit_code == 0
    assert isinstance(place.sign_in(password=made), Refused)
    assert coedi(place.world, "user", "disable", "1100B0/wang").exit_code == 4
    assert coedi(place.world, "user", "enable", "1100B0/wang").exit_code == 0
    assert "CO" in coedi(place.world, "user", "skills", "1100B0/wang", "CO").out


def test_keys_are_made_listed_and_revoked_in_the_shell(place: Town) -> None:
    made = coedi(place.world, "user", "key", "add", FIRM, "--label", "erp", "--days", 30, "--json").data
    assert people.key_of(place.console, made["key"])
    listed = coedi(place.world, "user", "key", "list", FIRM, "--json")
    assert made["key"] not in listed.out and json.loads(listed.out)["keys"][0]["owner"] == FIRM
    assert coedi(place.world, "user", "key", "revoke", listed.data["keys"][0]["id"][:12]).exit_code == 0
    assert people.key_of(place.console, made["key"]) is None
    assert coedi(place.world, "user", "key", "revoke", "abcdef").exit_code == 4


@pytest.mark.parametrize("arguments", [
    ("add", "wang", "--role", "reviewer"), ("add", "1100B0/W", "--role", "reviewer"), ("add", "1100B0/wang"),
    ("add", "1100B0/wang", "--role", "reviewer", "--card", "12"), ("role", "1100B0/wang"), ("key", "revoke", "%"),
], ids=str)
def test_what_cannot_be_meant_is_told_as_usage(place: Town, arguments: tuple[str, ...]) -> None:
    assert coedi(place.world, "user", *arguments).exit_code == 2


@pytest.mark.parametrize("arguments", [
    ("add", "9999X9/wang", "--role", "reviewer"), ("add", "1100B0/wang", "--role", "king"), ("reset", "1100B0/nobody"),
    ("key", "add", "1100B0/nobody", "--label", "x"), ("key", "add", "000000000", "--label", "x"),
], ids=str)
def test_what_is_not_there_is_refused(place: Town, arguments: tuple[str, ...]) -> None:
    assert coedi(place.world, "user", *arguments).exit_code == 4

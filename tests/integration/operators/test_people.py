"""Signing in, sessions, throttling and keys on a real database."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest

from console import passwords, signing_in
from console.secrets_at_rest import FILE, Keys
from console.signing_in import Refused, Signed, re_authenticate
from console.user_changes import By, change_roles, end_sessions, reset, set_active
from store import accounts, people
from tests.integration.operators.people import ADDRESS, BRANCH, OTHER, PASSWORD, Town, town
from tests.services import World

pytestmark = pytest.mark.database


@pytest.fixture
def place(stored: World) -> Iterator[Town]:
    """A town on a fresh database."""
    made = town(stored)
    yield made
    made.console.close()
    made.shell.close()


def token_of(answer: Signed | Refused) -> str:
    assert isinstance(answer, Signed), answer
    return answer.token


def age(place: Town, column: str, interval: str) -> None:
    """Move a time of every session into the past."""
    owner = place.world.database()
    owner.run(f"update console_session set {column} = {column} - %s::interval", (interval,))
    owner.close()


def wait_out(place: Town) -> None:
    """Let every delay be over."""
    owner = place.world.database()
    owner.run("update sign_in_delay set free_at = clock_timestamp() - interval '1 second'")
    owner.close()


# signing in

def test_who_gives_the_right_password_gets_a_session_of_which_only_the_hash_is_kept(place: Town) -> None:
    key = place.add("wang", "reviewer", "registrar", skills=("CO",))
    token = token_of(place.sign_in())
    session = people.session_of(place.console, token)
    assert session and session.person.key == key and session.pending is None
    assert session.person.roles == {"reviewer", "registrar"} and session.person.skills == ("CO",)
    assert session.person.scope == BRANCH
    assert (session.ends_at - session.started_at).total_seconds() == pytest.approx(10 * 3600, abs=5)
    [[stored]] = place.shell.run("select id from console_session")
    assert bytes(stored) == people.hashed(token) and token.encode() not in bytes(stored)


def test_the_same_user_may_be_typed_with_capitals_and_blanks(place: Town) -> None:
    place.add("wang")
    assert isinstance(place.sign_in(" Wang ", branch=" 1100b0"), Signed)


def test_every_sign_in_gets_a_token_of_its_own(place: Town) -> None:
    place.add("wang")
    assert len({token_of(place.sign_in()) for _ in range(3)}) == 3


@pytest.mark.parametrize("typed", [
    {"name": "nobody"},
    {"branch": OTHER}, {"branch": "9999X9"}, {"branch": "' or 1=1"}, {"name": "<b>x</b>\x00"},
    {"password": "falsch"}, {"password": ""}, {"password": "x" * 100_000}, {"password": "\ud800" * 9},
    {"code": "123456"}, {"code": ""},
], ids=repr)
def test_whatever_is_wrong_the_answer_is_the_same_and_one_hash_is_verified(
    place: Town, typed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.add("wang", totp=True)
    given = {"code": place.code("1100B0/wang")} | typed
    verified: list[str] = []
    real = passwords._verified
    monkeypatch.setattr(passwords, "_verified", lambda stored, text: verified.append(stored) or real(stored, text))
    answer = place.sign_in(**given)
    assert isinstance(answer, Refused) and answer.wait == 0
    assert len(verified) == 1
    [(actor, _, _, detail)] = place.audited("sign-in refused")
    assert actor == f"address:{ADDRESS}" and detail["reason"] and detail["address"] == ADDRESS
    assert not place.shell.run("select from console_session")


def test_what_unknown_users_are_compared_with_is_as_much_work_as_a_real_hash() -> None:
    assert not passwords.HASHER.check_needs_rehash(passwords.NOBODY)


def test_refusals_of_unknown_branches_are_on_record_for_head_office_and_those_of_a_branch_for_it(place: Town) -> None:
    place.add("wang")
    place.sign_in("nobody")
    place.sign_in(branch="9999X9")
    assert [(subject, branch, detail["reason"]) for _, subject, branch, detail in place.audited("sign-in refused")] == [
        ("1100B0/nobody", "1100B0", "unknown user"), ("9999X9/wang", None, "unknown user")]


def test_no_secret_stands_in_the_audit(place: Town) -> None:
    place.add("wang", totp=True)
    code = place.code("1100B0/wang")
    token = token_of(place.sign_in(code=code))
    place.sign_in(password="canary-in-the-password", code="987654")
    text = str(place.shell.run("select actor, action, subject, detail::text from audit"))
    for secret in (PASSWORD, code, token, "canary-in-the-password", "987654", place.telephones["1100B0/wang"]):
        assert secret not in text


def test_a_switched_off_user_is_told_nothing_else(place: Town) -> None:
    place.add("wang")
    set_active(place.shell, By(), BRANCH, "wang", active=False)
    answer = place.sign_in()
    assert isinstance(answer, Refused) and answer.reason == "switched off"


def test_a_user_with_a_card_on_file_signs_in_with_it_only(place: Town) -> None:
    place.add("wang", card="ab" * 32)
    assert isinstance(place.sign_in(), Refused)
    assert isinstance(place.sign_in(card="cd" * 32), Refused)
    assert isinstance(place.sign_in(card="AB" * 32), Signed)


def test_a_one_time_password_leads_to_a_password_of_ones_own_and_ends_after_a_day(place: Town) -> None:
    place.add("wang")
    made = reset(place.shell, By(), BRANCH, "wang")
    signed = place.sign_in(password=made)
    assert isinstance(signed, Signed) and signed.pending == "password"
    owner = place.world.database()
    owner.run("update console_user set password_until = password_until - interval '24 hours'")
    owner.close()
    answer = place.sign_in(password=made)
    assert isinstance(answer, Refused) and answer.reason == "one-time password ended"


# the second factor

def test_who_needs_a_second_factor_and_has_none_sets_it_up_first(place: Town) -> None:
    place.add("wang")
    place.world.database().run("update console_user set totp_required = true")
    signed = place.sign_in()
    assert isinstance(signed, Signed) and signed.pending == "totp"
    session = people.session_of(place.console, signed.token)
    assert session and session.pending == "totp"


def test_a_code_is_good_once_and_for_a_step_of_drift(place: Town) -> None:
    key = place.add("wang", totp=True)
    before, now = place.code(key, -1), place.code(key)
    assert isinstance(place.sign_in(code=now), Signed)
    for used in (now, before):  # an older one than the newest is a replay, too
        answer = place.sign_in(code=used)
        assert isinstance(answer, Refused) and answer.reason == "code used before"
    assert isinstance(place.sign_in(code=place.code(key, 1)), Signed)
    answer = place.sign_in(code=place.code(key, 3))
    assert isinstance(answer, Refused) and answer.reason == "wrong code"


def test_of_sign_ins_with_one_code_at_once_one_succeeds(place: Town) -> None:
    key = place.add("wang", totp=True)
    code = place.code(key)
    connections = [place.world.database("coedi_console") for _ in range(4)]  # fewer than failures begin to cost
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: place.sign_in(code=code, database=one), connections))
    assert sum(isinstance(answer, Signed) for answer in answers) == 1
    for connection in connections:
        connection.close()


def test_a_second_factor_is_sealed_for_its_owner_and_this_key(place: Town) -> None:
    key = place.add("wang", totp=True)
    place.add("li", totp=True)
    owner = place.world.database()
    [[sealed]] = owner.run("select totp from console_user where name = 'wang'")
    assert place.telephones[key].encode() not in bytes(sealed)
    owner.run("update console_user set totp = (select totp from console_user where name = 'wang') where name = 'li'")
    answer = place.sign_in("li", code=place.code(key))
    assert isinstance(answer, Refused) and answer.reason.startswith("second factor cannot be opened")
    place.keys = Keys(b"0" * 32)
    answer = place.sign_in(code=place.code(key))
    assert isinstance(answer, Refused) and answer.reason.startswith("second factor cannot be opened")
    owner.close()


def test_the_key_that_seals_is_for_its_owner_only(place: Town) -> None:
    path = place.world.settings.state_dir / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# throttling

def test_after_five_failures_a_user_waits_longer_each_time_and_is_told(place: Town) -> None:
    place.add("wang")
    waits = []
    for _ in range(13):
        wait_out(place)
        place.sign_in(password="falsch", address="198.51.100.1")
        [[wait]] = place.shell.run("select extract(epoch from free_at - at)::int from sign_in_delay where key like 'user:%%'")
        waits.append(wait)
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    answer = place.sign_in(address="198.51.100.1")  # the right password, too early
    assert isinstance(answer, Refused) and 55 <= answer.wait <= 60
    wait_out(place)
    assert isinstance(place.sign_in(address="198.51.100.1"), Signed)
    assert not place.shell.run("select from sign_in_delay where key like 'user:%%'")


def test_a_refusal_for_being_early_verifies_no_hash(place: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    place.add("wang")
    for _ in range(5):
        place.sign_in(password="falsch")
    monkeypatch.setattr(signing_in, "_verified", lambda *_: pytest.fail("a hash was verified"))
    answer = place.sign_in()
    assert isinstance(answer, Refused) and answer.reason == "too early" and answer.wait == 1


def test_an_unknown_user_waits_as_a_known_one(place: Town) -> None:
    answers = [place.sign_in("nobody") for _ in range(6)]
    assert [getattr(answer, "wait", None) for answer in answers] == [0, 0, 0, 0, 0, 1]


def test_who_guesses_from_elsewhere_cannot_keep_the_user_waiting_where_he_works(place: Town) -> None:
    place.add("wang")
    token_of(place.sign_in())
    for _ in range(5):
        place.sign_in(password="falsch", address="203.0.113.9")
    assert isinstance(place.sign_in(address="203.0.113.9"), Refused)
    assert isinstance(place.sign_in(), Signed)
    assert isinstance(place.sign_in(address="203.0.113.9"), Refused), "a success elsewhere clears nothing for the guesser"


def test_an_address_waits_after_twenty_failures_whoever_it_tries(place: Town) -> None:
    place.add("wang")
    for number in range(20):
        assert getattr(place.sign_in(f"nobody{number}"), "wait", None) == 0
    answer = place.sign_in()
    assert isinstance(answer, Refused) and answer.wait == 1
    assert isinstance(place.sign_in(address="192.0.2.8"), Signed)


def test_of_many_attempts_at_once_no_more_are_looked_at_than_one_after_another(place: Town) -> None:
    place.add("wang")
    connections = [place.world.database("coedi_console") for _ in range(12)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda one: place.sign_in(password="falsch", database=one), connections))
    looked_at = [answer for answer in answers if isinstance(answer, Refused) and answer.reason == "wrong password"]
    assert len(looked_at) == 5
    for connection in connections:
        connection.close()


def test_failures_are_forgiven_after_an_hour_of_quiet(place: Town) -> None:
    for _ in range(5):
        place.sign_in("nobody")
    owner = place.world.database()
    owner.run("update sign_in_delay set at = at - interval '61 minutes', free_at = free_at - interval '61 minutes'")
    owner.close()
    place.sign_in("nobody")
    assert place.shell.run("select failures from sign_in_delay where key = 'user:1100B0/nobody'") == [(1,)]


def test_confirming_oneself_needs_the_password_and_a_fresh_code_and_is_throttled(place: Town) -> None:
    key = place.add("wang", totp=True)
    signed = place.sign_in(code=place.code(key, -1))
    session = people.session_of(place.console, token_of(signed))
    assert session
    place.console.run("select set_config('coedi.branch', '1100B0', false)")
    again = [re_authenticate(place.console, place.keys, session.person, password, code, ADDRESS) for password, code in (
        (PASSWORD, place.code(key, -1)), ("falsch", place.code(key)), (PASSWORD, place.code(key)))]
    assert [answer and answer.reason for answer in again] == ["code used before", "wrong password", None]
    before = session.confirmed_at
    people.confirm(place.console, session.id)
    after = people.session_of(place.console, token_of(signed))
    assert after and after.confirmed_at > before
    for _ in range(5):
        re_authenticate(place.console, place.keys, session.person, "falsch", "", ADDRESS)
    answer = re_authenticate(place.console, place.keys, session.person, PASSWORD, place.code(key, 1), ADDRESS)
    assert answer and answer.wait == 1


# sessions

def test_a_session_left_for_a_quarter_of_an_hour_is_over_for_good(place: Town) -> None:
    place.add("wang")
    token = token_of(place.sign_in())
    age(place, "seen_at", "14 minutes")
    assert people.session_of(place.console, token)
    age(place, "seen_at", "15 minutes 1 second")
    assert people.session_of(place.console, token) is None
    owner = place.world.database()
    owner.run("update console_session set seen_at = clock_timestamp()")
    owner.close()
    assert people.session_of(place.console, token) is None
    [(actor, subject, branch, detail)] = place.audited("session ended")
    assert (actor, subject, branch, detail["why"]) == ("1100B0/wang", "1100B0/wang", BRANCH, "idle")


def test_a_session_ends_ten_hours_after_it_began_however_busy(place: Town) -> None:
    place.add("wang")
    token = token_of(place.sign_in())
    age(place, "ends_at", "10 hours")
    assert people.session_of(place.console, token) is None
    token_of(place.sign_in())
    assert [detail["why"] for *_, detail in place.audited("session ended")] == ["ten hours"]


def test_that_a_session_was_seen_is_written_once_a_minute(place: Town) -> None:
    place.add("wang")
    token = token_of(place.sign_in())

    def written() -> object:
        people.session_of(place.console, token)
        return place.shell.run("select xmin::text from console_session")

    first = written()
    assert written() == first
    age(place, "seen_at", "61 seconds")
    second = written()
    assert second != first and written() == second


def test_looking_a_session_up_is_one_statement(place: Town) -> None:
    place.add("wang")
    token = token_of(place.sign_in())
    before = place.console.round_trips
    people.session_of(place.console, token)
    assert place.console.round_trips == before + 1


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "a" * 10_000])
def test_a_token_that_was_never_given_belongs_to_nobody(place: Town, token: str) -> None:
    assert people.session_of(place.console, token) is None
    assert people.key_of(place.console, token) is None


def test_who_signs_out_is_out(place: Town) -> None:
    place.add("wang")
    token = token_of(place.sign_in())
    assert people.end_session(place.console, people.hashed(token), "signed out")
    assert people.session_of(place.console, token) is None
    assert not people.end_session(place.console, people.hashed(token), "signed out")
    assert [(actor, branch) for actor, _, branch, _ in place.audited("sign-out")] == [("1100B0/wang", BRANCH)]


@pytest.mark.parametrize("change", [
    lambda place: change_roles(place.shell, By(), BRANCH, "wang", give=["registrar"]),
    lambda place: change_roles(place.shell, By(), BRANCH, "wang", give=["auditor"], take=["reviewer"]),
    lambda place: set_active(place.shell, By(), BRANCH, "wang", active=False),
    lambda place: reset(place.shell, By(), BRANCH, "wang"),
    lambda place: end_sessions(place.shell, By(), BRANCH, "wang"),
], ids=["role given", "role taken", "disabled", "reset", "ended"])
def test_what_changes_a_users_rights_ends_his_sessions_and_nobody_elses(place: Town, change: "object") -> None:
    place.add("wang")
    place.add("li")
    mine, other = token_of(place.sign_in()), token_of(place.sign_in("li"))
    change(place)  # type: ignore[operator]
    assert people.session_of(place.console, mine) is None
    assert people.session_of(place.console, other)


def test_my_sessions_are_listed_and_all_but_this_one_can_be_ended(place: Town) -> None:
    place.add("wang")
    place.add("li")
    tokens = [token_of(place.sign_in(address=f"192.0.2.{number}")) for number in (1, 2, 3)]
    token_of(place.sign_in("li"))
    assert {row.address for row in people.sessions_of(place.console, BRANCH, "wang")} == {"192.0.2.1", "192.0.2.2", "192.0.2.3"}
    assert people.end_sessions_of(place.console, BRANCH, "wang", "ended by the user", but=people.hashed(tokens[1])) == 2
    assert [row.id for row in people.sessions_of(place.console, BRANCH, "wang")] == [people.hashed(tokens[1])]


# the second wall

def test_a_connection_bound_to_another_branch_sees_and_changes_no_user(place: Town) -> None:
    place.add("wang", "administrator")
    place.console.run("select set_config('coedi.branch', %s, false)", (OTHER,))
    assert accounts.accounts(place.console) == []
    assert accounts.secrets_of(place.console, BRANCH, "wang") is None
    assert not place.console.run("update console_user set active = false returning 1")
    assert not place.console.run("delete from console_role returning 1")
    with pytest.raises(psycopg2.Error, match="row-level security"):
        place.console.query("give_role", branch=BRANCH, name="wang", role="auditor", by="x")
    place.console.run("select set_config('coedi.branch', '*', false)")
    assert [row.key for row in accounts.accounts(place.console)] == ["1100B0/wang"]


def test_signing_in_works_on_a_connection_that_still_speaks_for_another_branch(place: Town) -> None:
    place.add("wang")
    place.console.run("select set_config('coedi.branch', %s, false)", (OTHER,))
    token = token_of(place.sign_in())
    age(place, "seen_at", "16 minutes")
    assert people.session_of(place.console, token) is None
    assert place.console.run("select current_setting('coedi.branch')") == [(OTHER,)]

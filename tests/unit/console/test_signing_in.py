"""Passwords, one-time codes and the key that seals, without a database."""

import re
import stat
from pathlib import Path

import pyotp
import pytest

from console import second_factor
from console.common_passwords import forms, is_common
from console.passwords import FAULTS, fault, hash_of, matches, one_time
from console.secrets_at_rest import FILE, Keys, keys_of
from domain.errors import BadSetting
from store.people import HEAD_OFFICE_ROLES, ROLES

BRANCH, NAME = "1100B0", "wang"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B: "12345678901234567890"


@pytest.mark.parametrize("password", [
    "password", "Password123", "P@ssw0rd!", "passw0rd2024", "woaini1314", "5201314520", "1qaz2wsx", "!QAZ2wsx", "qwertyuiop",
    "q1w2e3r4t5", "zxcvbnm,./", "abcdefgh", "87654321", "20240815", "13800138000", "a1234567",
    "aaaaaaaa", "abcabcabc", "12341234", "iloveyou520",
    "zhangwei1990", "Beijing2008", "ccpit2024", "CCPIT@1100B0", "1100b01100b0", "admin@123", "maocuhui888", "origincertificate",
    "guanliyuan1", "密码12345678", "贸促会20241", "北京贸促会原产地证", "letmein!!", "Dragon_2026", "monkeymonkey",
])
def test_what_anybody_would_try_is_refused(password: str) -> None:
    assert fault(password, BRANCH, NAME) == "common"


@pytest.mark.parametrize("password", [
    "vier-lange-regenschirme", "correct horse battery staple", "绿色的雨伞在楼梯上跳舞", "k7fq-2mzp-9xwd-hr4t", "xkvwqbzt",
    "8274-9182#11-93", "Lü Quartal 7 Fenster", "        7 spaces",
])
def test_what_nobody_would_try_is_accepted_whatever_it_is_made_of(password: str) -> None:
    assert fault(password, BRANCH, NAME) is None


@pytest.mark.parametrize(("password", "why"), [
    ("", "short"), ("1234567", "short"), ("七个汉字不够长", "short"), ("x" * 257, "long"), ("lieber-Wang-bleib", "name"),
    ("\ud800" * 9, "unreadable"),
])
def test_what_is_wrong_with_a_password_is_said_in_both_languages(password: str, why: str) -> None:
    assert fault(password, BRANCH, NAME) == why
    assert all(FAULTS[why])


def test_every_word_and_stretch_of_the_table_is_refused_with_a_year_behind() -> None:
    known = [form for form in forms() if len(form) >= 4]
    assert len(known) > 3000
    assert [form for form in known if not is_common(f"{form}2026")] == []


def test_a_hostile_password_is_judged_at_once() -> None:
    for password in ("wangli" * 42, "1!" * 128, "a" * 255 + "!", "abc" * 85, "ma" * 3 + "li" * 60 + "x", "l1" * 127):
        is_common(password, (BRANCH, NAME))


def test_a_password_is_the_same_however_a_keyboard_sends_it() -> None:
    stored = hash_of("Ünïcode Ａbc café")
    assert matches(stored, "U\u0308ni\u0308code Abc cafe\u0301")
    assert not matches(stored, "unicode abc cafe")


def test_nothing_matches_where_there_is_no_hash_or_a_broken_one() -> None:
    assert not matches(None, "")
    assert not matches("not a hash", "x")
    assert not matches(hash_of("x" * 256), "x" * 257)


def test_one_time_passwords_differ_and_can_be_read_out() -> None:
    made = {one_time() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}", one) for one in made)
    assert {fault(one, BRANCH, NAME) for one in made} == {None}


# RFC 6238, appendix B, the last six of eight digits
@pytest.mark.parametrize(
    ("now", "code"), [(1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")])
def test_codes_are_those_of_any_authenticator_and_count_a_step_before_and_after(now: int, code: str) -> None:
    step = now // 30
    assert second_factor.step_of(SECRET, code, now) == step
    assert second_factor.step_of(SECRET, f" {code[:3]} {code[3:]} ", now) == step
    assert second_factor.step_of(SECRET, code, now + 30) == step == second_factor.step_of(SECRET, code, now - 30)
    assert second_factor.step_of(SECRET, code, now + 60) is None is second_factor.step_of(SECRET, code, now - 60)


@pytest.mark.parametrize("code", ["", "28708", "2870822", "abcdef", "２８７０８２", "-87082", "28708\x00"])
def test_what_is_no_code_is_never_right(code: str) -> None:
    assert second_factor.step_of(SECRET, code, 59) is None


def test_the_address_names_the_user_and_the_drawing_has_no_style() -> None:
    address = second_factor.address_of(SECRET, "1100B0/wang")
    assert pyotp.parse_uri(address).secret == SECRET
    drawn = second_factor.drawn(address)
    assert drawn.size > 30 and re.fullmatch(r"(M\d+ \d+h1v1h-1z)+", drawn.path)


def test_a_sealed_secret_opens_for_its_owner_with_its_key_only(tmp_path: Path) -> None:
    keys = keys_of(tmp_path)
    sealed = keys.seal(b"secret", "1100B0/wang")
    assert b"secret" not in sealed and keys.seal(b"secret", "1100B0/wang") != sealed
    assert keys_of(tmp_path).open(sealed, "1100B0/wang") == b"secret"
    assert keys.open(sealed, "1100B0/li") is None
    assert Keys(b"\0" * 32).open(sealed, "1100B0/wang") is None
    for at in range(len(sealed)):
        assert keys.open(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1:], "1100B0/wang") is None
    assert {keys.open(sealed[:size], "1100B0/wang") for size in (0, 5, len(sealed) - 1)} == {None}


def test_the_key_is_made_once_for_its_owner_only_and_never_shown(tmp_path: Path) -> None:
    first = keys_of(tmp_path / "new")
    path = tmp_path / "new" / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and keys_of(tmp_path / "new") == first
    assert "secret" not in repr(first)
    path.chmod(0o644)
    with pytest.raises(BadSetting, match="chmod 600"):
        keys_of(tmp_path / "new")


def test_a_file_that_is_no_key_is_told(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text("rubbish", encoding="ascii")
    path.chmod(0o600)
    with pytest.raises(BadSetting, match="backup"):
        keys_of(tmp_path)


def test_every_role_has_words_in_both_languages_and_head_office_has_no_role_that_decides() -> None:
    assert all(zh and en and may for zh, en, may in ROLES.values())
    assert not HEAD_OFFICE_ROLES & {"reviewer", "senior-reviewer", "registrar", "print-clerk"}

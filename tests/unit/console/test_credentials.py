"""Password files and the names of broker users."""

import re
import stat
import threading
from pathlib import Path

import pytest

from console.broker_accounts import broker_user
from console.credentials import CredentialFile, Credentials
from domain.errors import BadSetting, NotAllowed
from pipeline.accounts import user_name


@pytest.fixture
def file(tmp_path: Path) -> CredentialFile:
    return CredentialFile(tmp_path / "state" / "credentials", "enterprise-1100A0017")


def test_what_was_made_is_read_again(file: CredentialFile) -> None:
    assert file.read() is None
    made = file.keep_or_make("1100A0017")
    assert (file.read(), file.keep_or_make("1100A0017")) == (made, made)
    assert re.fullmatch(r"[0-9A-Za-z_-]{24,}", made.password)


def test_the_file_and_its_folder_are_for_their_owner_only(file: CredentialFile) -> None:
    file.keep_or_make("u")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.folder.stat().st_mode) == 0o700
    assert [path.name for path in file.folder.iterdir()] == ["enterprise-1100A0017.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_open_is_refused(file: CredentialFile, mode: int) -> None:
    file.keep_or_make("u")
    file.path.chmod(mode)
    with pytest.raises(NotAllowed, match="chmod 600"):
        file.read()


def test_two_writers_agree_on_one_password(file: CredentialFile) -> None:
    made: list[Credentials] = []
    start = threading.Barrier(8)

    def make() -> None:
        start.wait()
        made.append(file.keep_or_make("u"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8 and set(made) == {file.read()}


def test_a_rotation_counts_only_when_it_is_promoted(file: CredentialFile) -> None:
    old = file.keep_or_make("u")
    new = file.next("u")
    assert new != old
    assert (file.read(), file.next("u")) == (old, new)
    file.promote()
    assert file.read() == new
    assert not file.pending.exists()


def test_removing_leaves_nothing_and_may_be_done_twice(file: CredentialFile) -> None:
    file.keep_or_make("u")
    file.next("u")
    for _ in range(2):
        file.remove()
    assert list(file.folder.iterdir()) == []


def test_a_damaged_file_is_named_and_its_content_is_not(file: CredentialFile) -> None:
    file.keep_or_make("u")
    file.path.write_text('{"user": "u", "passw', encoding="utf-8")
    with pytest.raises(BadSetting, match=re.escape(str(file.path))):
        file.read()


def test_a_password_does_not_show_in_a_traceback() -> None:
    assert "hush" not in repr(Credentials("u", "hush"))


def test_the_user_is_the_number_itself_without_a_prefix() -> None:
    assert broker_user("", "1100A0017") == "1100A0017"


@pytest.mark.parametrize("identity", ["1100B0", "1100A0017", "91310115MA1K4LY21X"])
def test_two_installations_never_share_a_user(identity: str) -> None:
    names = [broker_user(prefix, identity) for prefix in ("", "a.", "b.")]
    assert len(set(names)) == 3
    assert [user_name(name) for name in names] == names


def test_credit_codes_with_the_same_beginning_have_users_of_their_own() -> None:
    assert broker_user("a.", "91310115MA1K4LY21X") != broker_user("a.", "91310115MA1K4LY22Y")

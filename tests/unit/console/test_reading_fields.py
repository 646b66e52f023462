"""What a browser or a program sends becomes checked values, or a fault for each field."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.web.asking import BadInput, Field
from console.web.reading import read_fields

FIELDS = (
    Field("name", required=True, longest=10), Field("count", "integer", least=1, most=9), Field("day", "date"), Field("id", "uuid"),
    Field("yes", "flag"), Field("one", "choice", choices=("a", "b")), Field("many", "texts", longest=5), Field("text", "lines"),
    Field("secret", "secret"), Field("file", "file", longest=4),
)


@pytest.mark.parametrize(("sent", "value"), [
    ({"count": "3"}, 3), ({"count": 3}, 3), ({"day": "2026-11-02"}, date(2026, 11, 2)), ({"day": "2026/11/02"}, date(2026, 11, 2)),
    *(({"day": day}, date(2026, 11, 2)) for day in ("20261102", "2026年11月2日", "2026.11.2", "2.11.2026", "2026-11-2")),
    ({"id": "00000000-0000-0000-0000-000000000001"}, UUID(int=1)), ({"yes": "on"}, True),
    ({"yes": True}, True), ({"yes": "0"}, False), ({"one": "b"}, "b"), ({"many": ["a", "", " b "]}, ("a", "b")),
    ({"many": "a"}, ("a",)),
    ({"text": " two\nlines "}, " two\nlines "), ({"secret": " blanks count "}, " blanks count "), ({"file": b"1234"}, b"1234"),
    ({"name": ["first", "last"]}, "last"),
])
def test_a_value_is_read_as_its_kind(sent: dict[str, object], value: object) -> None:
    name = next(iter(sent))
    assert read_fields(FIELDS, {"name": "x"} | sent)[name] == value


@pytest.mark.parametrize("sent", [
    {"count": "0"}, {"count": "10"}, {"count": "1.5"}, {"count": "３"}, {"count": "9" * 30}, {"count": "--1"},
    {"day": "2026-02-30"}, {"day": "yesterday"}, {"id": "1"}, {"one": "c"}, {"many": ["toolong"]},
    {"many": [1]}, {"file": b"12345"}, {"file": "text"},
    {"name": "x" * 11}, {"name": {"a": 1}}, {"count": 1.5},
])
def test_what_cannot_be_read_is_a_fault_of_its_field(sent: dict[str, object]) -> None:
    name = next(iter(sent))
    with pytest.raises(BadInput) as refused:
        read_fields(FIELDS, {"name": "x"} | sent)
    assert list(refused.value.faults) == [name]
    assert all(refused.value.faults[name])


def test_every_fault_is_told_at_once_in_both_languages() -> None:
    with pytest.raises(BadInput) as refused:
        read_fields(FIELDS, {"count": "x", "day": "x"})
    assert set(refused.value.faults) == {"name", "count", "day"}
    assert "必填" in refused.value.zh
    assert "is required" in str(refused.value)


def test_what_no_field_names_is_not_looked_at_and_what_was_not_sent_is_absent() -> None:
    assert read_fields(FIELDS, {"name": "x", "evil": object()}) == {"name": "x", "yes": False, "many": ()}


def test_nul_never_reaches_the_database() -> None:
    assert read_fields(FIELDS, {"name": "a\x00b"})["name"] == "ab"


@given(st.dictionaries(st.sampled_from([field.name for field in FIELDS]), st.one_of(
    st.text(), st.integers(), st.booleans(), st.none(), st.lists(st.text()), st.binary(), st.dictionaries(st.text(), st.text()))))
def test_whatever_is_sent_there_are_values_or_faults(sent: dict[str, object]) -> None:
    try:
        read_fields(FIELDS, sent)
    except BadInput as refused:
        assert set(refused.faults) <= {field.name for field in FIELDS}

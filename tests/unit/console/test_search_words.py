"""What is typed into the search becomes a text query of letters and digits alone, whatever is typed."""

import re
from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from store.search import Place, Sought, first_id, tsquery

_SAFE = re.compile(r"(?:[^\W_]+:\*[ABCD](?: & |$))*")


@given(st.text(), st.text(), st.text())
def test_nothing_typed_is_a_sign_to_a_text_query(exporter: str, consignee: str, hs: str) -> None:
    query = tsquery(Sought(exporter=exporter, consignee=consignee, hs=hs))
    assert query is None or _SAFE.fullmatch(query)


def test_words_are_looked_for_from_their_beginning_in_their_column() -> None:
    assert tsquery(Sought(consignee="O'Neil & Sons", hs="8425")) == "o:*B & neil:*B & sons:*B & 8425:*D"
    assert tsquery(Sought()) == "" and tsquery(Sought(consignee="***")) is None


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    assert first_id(date(1970, 1, 2)) == UUID(int=16 * 3600 * 1000 << 80) and first_id(None) is None


@given(st.text(max_size=50))
def test_a_place_reads_what_it_wrote_and_nothing_else(key: str) -> None:
    place = Place(UUID(int=7), key)
    assert Place.read(str(place)) == place
    assert Place.read(key) is None or re.match(r"[0-9a-fA-F{}u-]", key)

"""Numbers in words: written and read by the same library, and what it writes is English."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from messages.number_words import number_words, package_phrase
from schemas.codelists import code_lists
from validators.reading import Count, Spelling, package_counts

SMALL = (
    "ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN", "ELEVEN", "TWELVE", "THIRTEEN",
    "FOURTEEN", "FIFTEEN", "SIXTEEN", "SEVENTEEN", "EIGHTEEN", "NINETEEN",
)
TENS = ("TWENTY", "THIRTY", "FORTY", "FIFTY", "SIXTY", "SEVENTY", "EIGHTY", "NINETY")
VALUES = {word: value for value, word in enumerate(SMALL)} | {word: 20 + 10 * place for place, word in enumerate(TENS)}
COUNTS = st.integers(1, 999_999)


def figure_of(words: tuple[str, ...]) -> int:
    """English words as a number, by a reader that knows nothing of the library."""
    whole = part = 0
    for word in words:
        if word == "HUNDRED":
            part *= 100
        elif word == "THOUSAND":
            whole, part = part * 1000, 0
        else:
            part += VALUES[word]
    return whole + part


@given(COUNTS)
@example(1)
@example(100_000)
@example(999_999)
@settings(max_examples=1000, deadline=None)
def test_words_say_their_figure(figure: int) -> None:
    assert figure_of(number_words(figure)) == figure


@given(COUNTS, st.sampled_from(["CT", "7B", "PK", "RO"]))
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_what_the_rules_read(figure: int, kind: str) -> None:
    phrase = package_phrase(figure, kind, code_lists())
    assert package_counts(f"{phrase} OF PUMPS", code_lists()) == (
        Count(figure, kind, Spelling.RIGHT, phrase.index(")") + 1),)


@given(COUNTS, COUNTS)
@settings(max_examples=300, deadline=None)
def test_the_words_of_another_figure_are_found_wrong(figure: int, other: int) -> None:
    phrase = f"{' '.join(number_words(other))} ({figure}) CARTONS OF PUMPS"
    [count] = package_counts(phrase, code_lists())
    assert (count.spelling is Spelling.RIGHT) == (figure == other)


@pytest.mark.parametrize(
    ("figure", "kind", "phrase"),
    [(100, "CT", "ONE HUNDRED (100) CARTONS"), (1, "CT", "ONE (1) CARTON"), (2, "ct", "TWO (2) CARTONS"),
     (3, "CARTONS", "THREE (3) CARTONS"), (21, "BARRELS OF OAK", "TWENTY ONE (21) BARRELS OF OAK"), (7, "", "SEVEN (7)")])
def test_kinds_are_printed_as_words(figure: int, kind: str, phrase: str) -> None:
    assert package_phrase(figure, kind, code_lists()) == phrase

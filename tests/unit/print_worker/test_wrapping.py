"""Breaking text into lines."""

from hypothesis import given
from hypothesis import strategies as st

from print_worker.typeface import advances, width_of
from print_worker.wrapping import wrap

TEXT = st.text(st.sampled_from(sorted(advances())) | st.sampled_from(" AB\n"), max_size=300)


def test_words_stay_whole_and_the_blank_at_the_break_goes():
    assert wrap("COTTON SHIRTS", width_of("COTTON S", 8), 8) == ("COTTON", "SHIRTS")


def test_line_ends_of_the_sender_are_kept_with_empty_lines():
    assert wrap("A\n\nB", 100, 8) == ("A", "", "B")


def test_a_word_wider_than_the_line_is_broken():
    lines = wrap("A" * 100, 50, 8)
    assert len(lines) > 1
    assert "".join(lines) == "A" * 100


def test_chinese_breaks_between_characters():
    assert wrap("宁波市贸促会", width_of("宁波市", 8), 8) == ("宁波市", "贸促会")


@given(text=TEXT, width=st.floats(20, 400), size=st.sampled_from([6, 7.5, 8.5]))
def test_no_line_is_too_wide_and_nothing_but_blanks_is_lost(text, width, size):
    lines = wrap(text, width, size)
    assert all(width_of(line, size) <= width + 0.001 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())

"""Which texts people may type, and which ones reach everybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.texts import find_unseen, is_storable

UNASSIGNED = "\u0378"


@pytest.mark.parametrize(
    "text",
    [
        *("Zoë O'Brien", "Zoe\u0308", "علی‌رضا", "Nguyễn", "שָׁלוֹם", "नमस्ते", "เกี๊ยะ", "མྲྭོཾ", "မြွှေး"),
        *("👩‍🍳", "👩🏽‍❤️‍💋‍👩🏽", "1️⃣", "🇩🇪", "辻\U000e0100", "한글", "½ 7,5 %", "e" + "\u0301" * 5),
    ],
    ids=ascii,
)
def test_people_may_write_as_they_do(text: str) -> None:
    assert find_unseen(text) is None


@pytest.mark.parametrize(
    "unseen",
    [
        *("\x00", "\x1b", "\n", "\t", "\x7f", "\x85", "\u202e", "\u2066", "\u200f", "\u200b"),
        *("\u2028", "\u2029", "\ufeff", "\u00ad", "\U000e0041", "\ue000", "\U0010fffd", UNASSIGNED),
        *("\ufdd0", "\ufffe", "\uffff", "\U0001ffff", "\U0010ffff", "\ud800", "\ufffc"),
        *("\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u034f", "\u17b4", "\u180d"),
        *("\u0301" * 6, "\u200d" * 6, "\u0301\u200d" * 3, "\u20dd" * 6, "\u0301" * 100),
    ],
    ids=ascii,
)
def test_what_does_not_look_like_what_it_is_is_refused(unseen: str) -> None:
    assert find_unseen(f"Ada{unseen}") is not None


def test_something_has_to_be_seen() -> None:
    for blank in ("", " ", "\u3000", "\u200d", "\u200c \u200d", "\u0301", "\ufe0f"):
        assert find_unseen(blank) == "Write something that can be seen", ascii(blank)


@given(st.text(st.characters()))
def test_what_is_seen_can_be_stored(text: str) -> None:
    assert is_storable(text) or find_unseen(text) is not None


@pytest.mark.parametrize("text", ["", "\t\n\r ~\x7f", "\ud7ff\ue000\ufffd\U00010000\U0010ffff"])
def test_what_sqs_takes_can_be_stored(text: str) -> None:
    assert is_storable(text)


def test_what_sqs_refuses_can_not() -> None:
    for character in "\x00\x08\v\f\x0e\x1f\ud800\udfff\ufffe\uffff":
        assert not is_storable(f"a{character}"), ascii(character)

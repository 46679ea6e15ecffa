"""Which texts people may type, and which ones reach everybody."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.texts import MAX_TYPED, find_unseen, is_storable, read_typed, tidy

UNASSIGNED = "\u0378"
WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"


@pytest.mark.parametrize(
    "text",
    [
        *("Zoë O'Brien", "علی‌رضا", "Nguyễn", "שָׁלוֹם", "नमस्ते", "เกี๊ยะ", "མྲྭོཾ", "မြွှေး"),
        *(
            "Zoe\u0308",
            WALES,
            "👩‍🍳",
            "👩🏽‍❤️‍💋‍👩🏽",
            "1️⃣",
            "🇩🇪",
            "辻\U000e0100",
            "한글",
            "½ 7,5 %",
            "e" + "\u0301" * 5,
        ),
    ],
    ids=ascii,
)
def test_people_may_write_as_they_do(text: str) -> None:
    assert read_typed(text) == normalize("NFC", text)


@pytest.mark.parametrize(
    "typed",
    [
        *(" Ada  Byron", "Ada\nByron\n", "Ada\u00a0Byron", "\u3000Ada\u2028Byron", "Ada\tByron"),
        *(
            "Ada By\u00adron",
            "\ufeffAda Byron",
            "Ada Byron\u200f",
            "\u200eAda Byron",
            "A\u200bda Byron",
        ),
        *(
            "\u2068Ada\u2069 Byron",
            "\u202aAda Byron\u202c",
            "\u2067Ada Byron\u2069",
            "A\u2060da Byron",
        ),
    ],
    ids=ascii,
)
def test_what_does_no_harm_is_left_out(typed: str) -> None:
    assert read_typed(typed) == "Ada Byron"
    assert read_typed(typed.replace("y", "y\u00ad\u0308")) == "Ada B\xffron"


@given(st.text(st.characters() | st.sampled_from("\u00ad \u0301\u200be\u1100\u1161")))
def test_a_tidy_text_stays_as_it_is(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize("value", [None, 7, b"tea", ["tea"], "x" * (MAX_TYPED + 1)])
def test_nobody_could_have_typed_it(value: object) -> None:
    assert read_typed(value) is None
    assert read_typed("x" * MAX_TYPED) is not None


@pytest.mark.parametrize(
    "unseen",
    [
        *("\x00", "\x1b", "\x7f", "\u202d", "\u202e", "\u2061", "\ue000", "\U0010fffd", UNASSIGNED),
        *("\U000e0041", WALES[1:], WALES[:-1], f"🏴{WALES[1:-1] * 2}", "🏴\U000e007f"),
        *("\ufdd0", "\ufffe", "\uffff", "\U0001ffff", "\U0010ffff", "\ud800", "\ufffc"),
        *("\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u034f", "\u17b4", "\u180d"),
        *("\U00013441", "\U00013442", "\u0301" * 6, "\u200d" * 6, "\u20dd" * 6, "\u0301" * 100),
        "\u0301\u200d" * 3,
    ],
    ids=ascii,
)
def test_what_does_not_look_like_what_it_is_is_refused(unseen: str) -> None:
    assert find_unseen(tidy(f"Bob{unseen}")) is not None


@pytest.mark.parametrize(
    ("character", "harm"), [("\u202e", "reverses the text"), ("\u3164", "can't be seen")]
)
def test_what_to_leave_out_is_named(character: str, harm: str) -> None:
    told = f"Leave out the character U+{ord(character):04X}, which {harm}"
    assert find_unseen(f"Ada {character}") == told


def test_something_has_to_be_seen() -> None:
    for blank in ("", " ", "\u3000", "\u200d", "\u200c \u200d", "\u0301", "\ufe0f", "\xad\n"):
        assert find_unseen(tidy(blank)) == "Write something that can be seen", ascii(blank)


@given(st.text(st.characters()))
def test_what_is_seen_can_be_stored(text: str) -> None:
    assert is_storable(text) or find_unseen(text) is not None


@pytest.mark.parametrize("text", ["", "\t\n\r ~\x7f", "\ud7ff\ue000\ufffd\U00010000\U0010ffff"])
def test_what_sqs_takes_can_be_stored(text: str) -> None:
    assert is_storable(text)


def test_what_sqs_refuses_can_not() -> None:
    for character in "\x00\x08\v\f\x0e\x1f\ud800\udfff\ufffe\uffff":
        assert not is_storable(f"a{character}"), ascii(character)

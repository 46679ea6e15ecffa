"""Which texts an order can carry, and which ones people can read as what they are."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import category, normalize

# SQS takes no other characters. It refuses a message with one, or puts U+FFFD in its place: AWS has
# documented both. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
# An unpaired surrogate, which JSON can hold and DynamoDB can't, is among them.
_UNSTORABLE: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# What a text that a person typed may have at most, in characters.
MAX_TYPED: Final = 100

# Nobody sees these, which keyboards and copies bring, and a text says the same without them: the
# soft hyphen, spaces without width, the byte-order mark, marks of writing direction, embeddings and
# isolates. Without the overrides, U+202D and U+202E, it would read otherwise.
_HARMLESS: Final = re.compile(
    "[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202c\u2060\u2066-\u2069\ufeff]"
)
_OVERRIDES: Final = "\u202d\u202e"
# The flag of a part of a country, such as Wales: a black flag, its code in tags, and their end.
# https://www.unicode.org/reports/tr51/#valid-emoji-tag-sequences
_FLAG: Final = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")

# Controls, formats such as marks of writing direction, what has no meaning yet or a private one,
# and separators of lines. A non-character counts as one that has no meaning yet.
_UNSEEN: Final = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
# Formats, too, but Persian and many emojis need them.
_JOINERS: Final = "\u200c\u200d"
# Blank although their categories are those of letters, marks or symbols: the fillers of Hangul and
# Khitan, Khmer's inherent vowels, Mongolian variation selectors, the blank pattern of Braille, the
# blanks of hieroglyphs, the null notehead, the grapheme joiner and the place of an object.
_FILLERS: Final = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufffc"
    "\U00013441\U00013442\U00016fe4\U0001d159"
)
# A Burmese syllable may have as many; a hundred would run out of an order's card.
_MAX_MARKS: Final = 5


def is_storable(text: str) -> bool:
    """Whether every service that an order passes through takes this text as it is."""
    return not _UNSTORABLE.search(text)


def tidy(text: str) -> str:
    """The one form in which a text that somebody typed is kept, offered and compared.

    Blanks of any kind become one space, and none at the ends.
    """
    return " ".join(normalize("NFC", _HARMLESS.sub("", text)).split())


def read_typed(value: object) -> str | None:
    """``value`` as tidy makes it; None if it is no text that somebody could have typed here."""
    text = tidy(value) if isinstance(value, str) else ""
    return text if len(text) <= MAX_TYPED and find_unseen(text) is None else None


def find_unseen(text: str) -> str | None:
    """What to change in a tidy text that does not look like what it is; None if it does.

    What passes is storable as well. The characters known are those of Python's unicodedata: newer
    ones count as unassigned.
    """
    seen = False
    marks = 0  # And joiners, in a row.
    for character in _FLAG.sub("\U0001f3f4", text):
        kind = category(character)
        if character in _JOINERS or kind[0] == "M":
            marks += 1
        else:
            marks = 0
            seen = seen or kind[0] != "Z"
        if (kind in _UNSEEN and character not in _JOINERS) or character in _FILLERS:
            harm = "reverses the text" if character in _OVERRIDES else "can't be seen"
            return f"Leave out the character U+{ord(character):04X}, which {harm}"
        if marks > _MAX_MARKS:
            return f"Put at most {_MAX_MARKS} marks on a letter"
    return None if seen else "Write something that can be seen"

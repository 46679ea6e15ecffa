"""What must not get out did not, in the whole run: task tokens."""

import json

from tests.e2e.shop import Shop
from tests.e2e.test_all_that_was_said import all_tokens, telling

from .figures import say


def test_no_token_got_out(shop: Shop) -> None:
    said = {
        "log lines": [line for group in shop.logs.groups() for line in shop.logs.lines(group)],
        "notifications": [json.dumps(message) for message in shop.customers.received()],
        "answers": shop.answers,
    }
    tokens = all_tokens([shop])
    for what, texts in said.items():
        assert texts
        assert telling(texts, tokens) == [], what
    searched = ", ".join(f"{len(texts)} {what}" for what, texts in said.items())
    say(f"{len(tokens)} task tokens, none of them in {searched}")

"""What must not get out did not, in the whole run: task tokens."""

import json

from tests.e2e.shop import Shop
from tests.e2e.test_all_that_was_said import all_tokens, telling

from .figures import say
from .queues import Queues


def test_no_token_got_out(shop: Shop, queues: Queues) -> None:
    said = {
        "log lines": [line for group in shop.logs.groups() for line in shop.logs.lines(group)],
        "notifications": [json.dumps(message) for message in shop.customers.received()],
        "answers": shop.answers,
        "queues": [text for queue, text in queues.waiting().items() if "Tracking" not in queue],
    }
    tokens = all_tokens([shop])
    for what, texts in said.items():
        assert texts
        assert telling(texts, tokens) == [], what
    searched = ", ".join(f"{len(texts)} {what}" for what, texts in said.items())
    say(f"{len(tokens)} task tokens, none of them in {searched}")

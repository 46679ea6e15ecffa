"""The pages have words for all that the API tells them, and the customer's page knows the ends."""

import json
import re

import pytest

from orders.model import Status
from orders.outcomes import OF_ORDER_CODES, Refusal, refuse
from orders.timeline import Step
from tests.contracts.definitions import ROOT

PAGES = ROOT / "functions/storefront/pages"
TEXTS = (PAGES / "texts.js").read_text()
ORDER_PAGE = (PAGES / "order.js").read_text()
ENDS = [status for status in Status if status.has_ended]
KEYS = [
    *(f"{key}" for end in ENDS for key in (end, f"{end}.detail", f"ended.{end}", f"gone.{end}")),
    *Refusal,
    *(f"refused.{code}" for code in Refusal if code not in OF_ORDER_CODES),
    *(f"history.{step}" for step in Step if step is not Step.ENDED),
]


@pytest.mark.parametrize("key", KEYS)
def test_everything_has_its_text_in_both_languages(key: str) -> None:
    assert TEXTS.count(f'"{key}":') == 2


def test_the_customers_page_knows_the_ends() -> None:
    found = re.search(r"const ENDED = (\[.*?\]);", (PAGES / "own_order.js").read_text(), re.DOTALL)
    assert found
    assert json.loads(found[1]) == ENDS


@pytest.mark.parametrize("reason", ["no milk", "We are out (of milk).", "no\nmilk"])
def test_the_customers_page_finds_the_reason_in_the_message(reason: str) -> None:
    pattern = re.search(r"const REASON = /(.*)/s;", ORDER_PAGE)
    assert pattern
    _, declined = refuse(Refusal.DECLINED, reason)
    found = re.search(pattern[1], declined["message"], re.DOTALL)
    assert found
    assert found[1] == reason

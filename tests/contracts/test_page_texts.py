"""The pages have words for each end of an order, and the customer's page knows the ends."""

import json
import re

import pytest

from orders.model import Status
from tests.contracts.definitions import ROOT

PAGES = ROOT / "functions/storefront/pages"
TEXTS = (PAGES / "texts.js").read_text()
ENDS = [status for status in Status if status.has_ended]


@pytest.mark.parametrize("status", ENDS)
def test_each_end_has_its_texts_in_both_languages(status: Status) -> None:
    keys = [status, f"{status}.detail", f"ended.{status}", f"gone.{status}"]
    assert {key: TEXTS.count(f'"{key}":') for key in keys} == dict.fromkeys(keys, 2)


def test_the_customers_page_knows_the_ends() -> None:
    found = re.search(r"const ENDED = (\[.*?\]);", (PAGES / "order.js").read_text(), re.DOTALL)
    assert found
    assert json.loads(found[1]) == ENDS

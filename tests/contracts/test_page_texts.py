"""The pages have words for all that the API tells them, and the customer's page knows the ends."""

import json
import re
from typing import get_args

import pytest

from aws import workflow
from orders.model import CodeRules, Status
from orders.outcomes import OF_THE_PAGE, Refusal, refuse
from orders.timeline import Step
from tests.contracts.definitions import ROOT

PAGES = ROOT / "functions/storefront/pages"
TEXTS = "".join(file.read_text() for file in PAGES.glob("*texts.js"))
SOURCES = [file.read_text() for file in PAGES.iterdir() if file.suffix in (".html", ".js")]
NAMED = {
    name
    for source in SOURCES
    for found in re.findall(r'\bdata-(?:text|label)="([^"]+)"|\btext\("([^"]+)"', source)
    for name in found
    if name
}
TOLD = (PAGES / "told.js").read_text()
ENDS = [status for status in Status if status.has_ended]
KEYS = [
    *(f"{key}" for end in ENDS for key in (end, f"{end}.detail", f"ended.{end}", f"gone.{end}")),
    *Refusal,
    *(f"refused.{code}" for code in Refusal if code not in OF_THE_PAGE),
    *(f"execution.{status}" for status in get_args(workflow.ExecutionStatus.__value__)),
    *(f"history.{step}" for step in Step if step is not Step.ENDED),
]


@pytest.mark.parametrize("key", KEYS)
def test_everything_has_its_text_in_both_languages(key: str) -> None:
    assert TEXTS.count(f'"{key}":') == 2


@pytest.mark.parametrize("name", sorted(NAMED))
def test_what_a_page_names_is_there_once_in_both_languages(name: str) -> None:
    assert len(re.findall(rf'(?<![\w."]){re.escape(name)}: "|"{re.escape(name)}": "', TEXTS)) == 2


def test_the_customers_page_knows_the_ends() -> None:
    found = re.search(r"const ENDED = (\[.*?\]);", (PAGES / "own_order.js").read_text(), re.DOTALL)
    assert found
    assert json.loads(found[1]) == ENDS


@pytest.mark.parametrize("reason", ["no milk", "We are out (of milk).", "no\nmilk"])
def test_the_customers_page_finds_the_reason_in_the_message(reason: str) -> None:
    pattern = re.search(r"const REASON = /(.*)/s;", TOLD)
    assert pattern
    _, declined = refuse(Refusal.DECLINED, reason)
    found = re.search(pattern[1], declined["message"], re.DOTALL)
    assert found
    assert found[1] == reason


def test_the_counter_switches_codes_on_with_the_defaults() -> None:
    found = re.search(r"const CODES = (\{.*?\});", (PAGES / "store.js").read_text())
    assert found
    assert CodeRules(**json.loads(re.sub(r"(\w+):", r'"\1":', found[1]))) == CodeRules()

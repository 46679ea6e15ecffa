"""The commands that the documents name are there, and the messages that the README explains."""

import json
import re
from itertools import chain

from tests.contracts.definitions import EVENTS, ROOT, example
from tests.contracts.test_links import PAGES

MESSAGES = (
    "is taken by",
    "does not answer after",
    "This needs Chromium, which is not installed",
    "make lint needs Node.js",
)


def test_each_command_of_make_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "\n".join(page.read_text() for page in PAGES)
    named = set(re.findall(r"(?:`|\$ |\$\()make (?:-s )?([a-z-]+)(?=[`\s)])", text))
    assert "demo" in named
    assert named <= targets


def test_the_messages_that_the_readme_explains_are_printed() -> None:
    readme = (ROOT / "README.md").read_text()
    modules = chain.from_iterable(
        (ROOT / folder).glob("*.py") for folder in ("harness", "local/embedded_localstack")
    )
    printed = "".join(path.read_text() for path in (ROOT / "Makefile", *modules))
    for message in MESSAGES:
        assert message in readme
        assert message in printed


def test_the_shell_command_of_the_events_sends_the_example() -> None:
    readme = (EVENTS / "README.md").read_text()
    entries = re.search(r"put-events --entries '(.*?)'\n```", readme, re.DOTALL)
    assert entries
    [entry] = json.loads(entries[1])
    sent = example("OrderCreated")
    assert entry == {
        "EventBusName": "sw-event-bus",
        "Source": sent["source"],
        "DetailType": sent["detail-type"],
        "Detail": entry["Detail"],
    }
    assert json.loads(entry["Detail"]) == sent["detail"]

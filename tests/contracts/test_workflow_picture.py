"""The picture of the workflow, in the documents and on its page, shows the whole definition."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from tests.contracts.definitions import ROOT, states

PICTURES = ["functions/storefront/pages/workflow.svg", "docs/workflow.svg"]


@pytest.mark.parametrize("picture", PICTURES)
def test_each_state_is_there_with_its_comment_and_each_way_from_it(picture: str) -> None:
    text = unescape((ROOT / picture).read_text())
    shown = re.findall(r'data-state="([^"]*)"[^>]*><title>(.*?)</title><desc>(.*?)</desc>', text)
    comments = [(name, name, state.get("Comment", "")) for name, state in states().items()]
    assert shown == comments
    drawn = set(re.findall(r'class="edge( caught)?" data-way="(.*?) → (.*?)"', text))
    assert drawn == {
        ("", "Start", "Is order valid?"),
        *(way for name in states() for way in ways(name)),
    }


def ways(name: str) -> Iterator[tuple[str, str, str]]:
    state = states()[name]
    targets = [*state.get("Choices", []), state, {"Next": state.get("Default")}]
    targets += [{"Next": "End"}] if state.get("End") else []
    yield from (("", name, target["Next"]) for target in targets if target.get("Next"))
    yield from ((" caught", name, catcher["Next"]) for catcher in state.get("Catch", []))

"""docs/demo.svg, the README's moving picture, is safe to show and shows the workflow as it is."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree as ET

from demo import MEANING
from tests.contracts.definitions import ROOT

WORKFLOW = json.loads((ROOT / "statemachine" / "order_processor.asl.json").read_text())
PICTURE = ROOT / "docs" / "demo.svg"
SVG = "{http://www.w3.org/2000/svg}"
LIMIT_BYTES = 60_000


def elements() -> list[ET.Element]:
    return list(ET.fromstring(PICTURE.read_text()).iter())  # noqa: S314 - our own file


def following(state: str) -> Iterator[str | None]:
    """The states that can come after one that does not fail; None after an end."""
    definition = WORKFLOW["States"][state]
    yield from (choice["Next"] for choice in definition.get("Choices", []))
    yield from {definition.get("Default"), definition.get("Next")} - {None}
    if definition.get("End"):
        yield None


def test_it_holds_nothing_but_shapes_and_texts() -> None:
    names = {element.tag.removeprefix(SVG) for element in elements()}
    assert names <= {"svg", "style", "rect", "g", "text"}
    attributes = {name for element in elements() for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on") or "href" in name]
    assert not re.search(r"url\(|@import", PICTURE.read_text())
    assert PICTURE.stat().st_size < LIMIT_BYTES


def test_it_stands_still_for_readers_who_want_no_motion() -> None:
    before, _, moving = PICTURE.read_text().partition(
        "@media(prefers-reduced-motion:no-preference){"
    )
    assert "animation" not in before
    assert "animation" in moving


def test_its_states_are_a_way_through_the_workflow_from_its_start_to_an_end() -> None:
    states = [element.text or "" for element in elements() if element.get("class") == "state"]
    assert states[0] == WORKFLOW["StartAt"]
    for state, after in pairwise([*states, None]):
        assert after in list(following(state or "")), f"{state}: run make recording"
    assert set(states) <= set(MEANING), "the demo says what happens in each"

"""Draws the workflow: Graphviz says what goes where, and style sheets how it looks.

The page of the live workflow has the drawing in its HTML, where its policy lets no style in. So it
has classes; and, for the page to show, the name and the comment of each state.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from textwrap import wrap
from typing import Any

ROOT = Path(__file__).parents[1]
DEFINITION = ROOT / "statemachine/order_processor.asl.json"
PAGES = ROOT / "functions/storefront/pages"
LAYOUT = """
import { Graphviz } from "@hpcc-js/wasm-graphviz";
import { readFileSync } from "node:fs";
const graphviz = await Graphviz.load();
process.stdout.write(graphviz.layout(readFileSync(0, "utf8"), "svg", "dot"));
"""
# Sizes in inches, of which each has 72 pixels.
LOOK = """
ranksep=.24 nodesep=.2 outputorder=edgesfirst bgcolor=transparent
node [fixedsize=true width=1.84 height=.56 fontsize=14] edge [arrowsize=.6]
"""
SHAPES = {"Choice": "shape=hexagon", "Task": "shape=box", "Pass": "shape=box style=rounded"}
DOT = 'shape=circle width=.22 height=.22 label=""'
LETTERS = 14  # In a line of a name.

START, END = "Start", "End"


def draw() -> str:
    """The drawing as an element for the HTML of a page."""
    machine = json.loads(DEFINITION.read_text(encoding="utf-8"))
    states: dict[str, dict[str, Any]] = machine["States"]
    rows, groups = [LOOK], {}
    for name, state in states.items():
        label = "\n".join(wrap(name, LETTERS))
        rows.append(f"{json.dumps(name)} [{SHAPES[state['Type']]} label={json.dumps(label)}]")
        about = f"<title>{escape(name)}</title><desc>{escape(state.get('Comment', ''))}</desc>"
        kind = f"state {state['Type'].lower()}"
        groups[name] = (
            f'<g class="{kind}" data-state="{escape(name)}" tabindex="0" role="img">{about}'
        )
    for name in (START, END):
        rows.append(f"{name} [{DOT}]")
        groups[name] = f'<g class="dot" data-state="{name}"><title>{name}</title>'
    for origin, target, errors in [(START, machine["StartAt"], ""), *_edges(states)]:
        # Straight lines for what is done first, and not for how it ends.
        is_work = states.get(target, {}).get("Type") in ("Task", "Choice")
        weight = 1 if errors else 8 if is_work else 2
        rows.append(f"{json.dumps(origin)} -> {json.dumps(target)} [weight={weight}]")
        kind, way = "edge caught" if errors else "edge", escape(f"{origin} → {target}")
        title = f"{way} ({errors})" if errors else way
        groups[f"{origin}->{target}"] = f'<g class="{kind}" data-way="{way}"><title>{title}</title>'
    laid_out = subprocess.run(
        ["node", "--input-type=module", "--eval", LAYOUT],
        cwd=ROOT / "policies",
        input="\n".join(["digraph {", *rows, "}"]),
        check=True,
        capture_output=True,
        text=True,
    )
    return _redraw(laid_out.stdout, groups)


def picture(drawing: str) -> str:
    """The drawing as a file of its own."""
    colours = (PAGES / "style.css").read_text(encoding="utf-8").partition("\n*")[0]
    style = f"{colours}\n{(PAGES / 'graph.css').read_text(encoding='utf-8')}"
    opening, _, rest = drawing.partition(">")
    return f'{opening} xmlns="http://www.w3.org/2000/svg">\n<style>\n{style}</style>{rest}'


def _edges(states: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The ways between the states: from where, to where, and for which caught errors."""
    for name, state in states.items():
        targets = [choice["Next"] for choice in state.get("Choices", [])]
        targets += [state[key] for key in ("Default", "Next") if key in state]
        targets += [END] if state.get("End") else []
        for target in dict.fromkeys(targets):
            yield name, target, ""
        for catcher in state.get("Catch", []):
            yield name, catcher["Next"], " or ".join(catcher["ErrorEquals"])


def _redraw(drawing: str, groups: dict[str, str]) -> str:
    """Graphviz's drawing with these groups, and without looks. A state has room for a number."""

    def change(found: re.Match[str]) -> str:
        name, shapes = unescape(found[1]), found[2]
        corners = re.findall(r"([-.\d]+),([-.\d]+)", shapes)
        if "data-state" in groups[name] and corners:
            x, y = corners[1]  # At the top, and on the left of a task: no arrow comes there.
            shapes += (
                f'<circle cx="{x}" cy="{y}" r="12"/><text class="count" x="{x}" y="{y}"></text>'
            )
        return f"{groups[name]}{shapes}</g>"

    box, inner = re.search(r'(viewBox=".*?").*?(<g id="graph0".*)', drawing, re.DOTALL).groups()  # type: ignore[union-attr]
    looks = r'<!--.*?-->\n| (?:id|fill|stroke|font-\w+|text-anchor|xml:\w+)="[^"]*"'
    group = r'(?s)<g class="(?:node|edge)">\n<title>(.*?)</title>(.*?)</g>'
    return f'<svg id="graph" {box}>\n{re.sub(group, change, re.sub(looks, "", inner))}'

"""Runs the demo and draws the lines that it prints as docs/demo.svg, which moves: make recording.

The picture has no script. It is light or dark as the reader's browser is, and shows its last frame
to readers who want no motion.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby, pairwise
from pathlib import Path
from string import Template
from textwrap import wrap
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PICTURE: Final = ROOT / "docs" / "demo.svg"

SLOWER: Final = 3
STEP_SECONDS: Final = (0.5, 1.6)
"""How long the picture takes from one line to the next, at least and at most."""
LAST_SECONDS: Final = 5
FADE_SECONDS: Final = 0.25

TITLES: Final = {"event": "Event bus", "customer": "Customer", "barista": "Barista"}
TOP, ROW, LINE, GAP = 50, 30, 18, 6
CHARACTERS: Final = 34
"""What fits on a line of a card, in any of the fonts."""

PAGE: Final = Template("""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 $height" role="img" \
aria-label="One order from the event to the pick-up">
<style>
svg{--back:#fff;--ink:#1f2328;--quiet:#59636e;--edge:#d1d9e0;--lit:#fbeedd;--accent:#9a4f0e}
@media(prefers-color-scheme:dark){svg{--back:#0d1117;--ink:#f0f6fc;--quiet:#9198a1;--edge:#3d444d;\
--lit:#3b2a17;--accent:#f0a95b}}
text{font:15px ui-sans-serif,system-ui,-apple-system,"Segoe UI",sans-serif;fill:var(--ink)}
.head{font-weight:600;fill:var(--accent)}.quiet{fill:var(--quiet);font-size:13px}
.end{text-anchor:end}.back{fill:var(--back)}.back,.box,.way{stroke:var(--edge)}.lit{fill:var(--lit)}
.box,.arrow,.now,.tick{fill:none}.now,.arrow,.tick{stroke:var(--accent);stroke-width:2}
.now{opacity:0}.arrow{marker-end:url(#tip)}
$motion
</style>
<marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="5" markerHeight="5" \
orient="auto"><path d="M0 0L8 4L0 8z" style="fill:var(--accent)"/></marker>
<rect class="back" x=".5" y=".5" width="659" height="$edge" rx="10"/>
<text class="head" x="16" y="31">Workflow (Step Functions)</text>
<text class="head" x="342" y="31">Event bus, barista, customer</text>
$parts
<text class="quiet" x="16" y="$foot">Recorded from make demo, slowed down</text>
<text class="quiet end" x="644" y="$foot">$summary</text>
</svg>
""")


@dataclass(frozen=True)
class Line:
    """A line of the demo's timeline: when it was in the run, and when it is in the picture (s)."""

    at: float
    who: str
    what: str
    shown: float


def main() -> int:
    """Return the demo's exit code: nothing is drawn unless its order was completed."""
    demo = [sys.executable, str(ROOT / "local" / "demo.py")]
    done = subprocess.run(demo, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout)
    if done.returncode == 0:
        PICTURE.write_text(draw(timeline(done.stdout)), encoding="utf-8")
        print(f"Drawn: {PICTURE.relative_to(ROOT)}")
    return done.returncode


def timeline(printed: str) -> list[Line]:
    """The lines of a run in the order of their times."""
    found = re.findall(r"^ *(\d+\.\d\d) s  (\w+) +(.+)$", printed, re.MULTILINE)
    lines = sorted(((float(at), who, what) for at, who, what in found), key=lambda line: line[0])
    least, most = STEP_SECONDS
    shown = [least]
    for (before, *_), (after, *_) in pairwise(lines):
        shown.append(shown[-1] + min(max(SLOWER * (after - before), least), most))
    return [Line(*line, at) for line, at in zip(lines, shown, strict=True)]


def draw(lines: Sequence[Line]) -> str:
    """The picture of a run: states on the left, what others do on the right, time downwards."""
    motion = _Motion(lines[-1].shown + LAST_SECONDS)
    states = [line for line in lines if line.who == "workflow"]
    left = right = TOP  # Where the next state and the next card go.
    parts: list[str] = []
    for who, group in groupby(lines, key=lambda line: line.who):
        if who == "workflow":
            for line in group:
                following = states[states.index(line) + 1 :]
                leaves = following[0].shown if following else line.shown + STEP_SECONDS[0]
                parts += _state(motion, line, left, leaves)
                left += ROW + GAP
        elif who == "customer":  # The state before led to it.
            state = left - ROW - GAP
            top = max(right, state)
            arrow = f"M312 {state + ROW // 2}H325V{top + ROW // 2}H335"
            right = top + _card(motion, list(group), top, arrow, parts)
        else:  # It leads to the next state.
            top = max(left, right)
            if parts:  # The workflow waits.
                parts.append(f'<path class="way" d="M36 {left - GAP}V{top}"/>')
            right = top + _card(motion, list(group), top, f"M340 {top + ROW // 2}H317", parts)
            left = top
    height = max(left, right) + 34
    return PAGE.substitute(
        height=height,
        edge=height - 1,
        foot=height - 14,
        motion=motion.style(),
        parts="\n".join(parts),
        summary=f"{len(states)} states, {lines[-1].at:.2f} s",
    )


def _state(motion: "_Motion", line: Line, top: int, leaves: float) -> Iterator[str]:
    name, *_ = re.split(" {2,}", line.what)
    box = f'x="16" y="{top}" width="294" height="{ROW}" rx="8"'
    yield f'<rect class="box" {box}/>'
    yield f'<g id="{motion.appear(line.shown)}"><rect class="lit" {box}/>'
    yield f'<path class="tick" id="{motion.appear(leaves)}" d="M28 {top + 15}l5 5l8-10"/>'
    yield f'<text class="quiet end" x="300" y="{top + 20}">{line.at:.2f} s</text></g>'
    yield f'<text class="state" x="50" y="{top + 20}">{escape(name)}</text>'
    yield f'<rect class="now" id="{motion.appear(line.shown, leaves)}" {box}/>'


def _card(motion: "_Motion", lines: Sequence[Line], top: int, arrow: str, parts: list[str]) -> int:
    """Add what somebody does, one line after the other; return how much room that takes."""
    height = 30
    texts = []
    for line in lines:
        texts.append(f'<g id="{motion.appear(line.shown)}">')
        for part in re.split("(?<=:) ", line.what, maxsplit=1):
            for text in wrap(part, CHARACTERS, break_on_hyphens=False):
                height += LINE
                texts.append(f'<text x="354" y="{top + height - 4}">{escape(text)}</text>')
        texts.append("</g>")
    height += 8
    parts += [
        f'<path class="arrow" id="{motion.appear(lines[-1].shown)}" d="{arrow}"/>',
        f'<g id="{motion.appear(lines[0].shown)}">',
        f'<rect class="box" x="342" y="{top}" width="302" height="{height}" rx="8"/>',
        f'<text class="head" x="354" y="{top + 21}">{TITLES[lines[0].who]}</text>',
        f'<text class="quiet end" x="632" y="{top + 21}">{lines[0].at:.2f} s</text></g>',
        *texts,
    ]
    return height + GAP


class _Motion:
    """The animations: each lasts as long as the whole picture, so that all begin anew together."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._keyframes: list[str] = []

    def appear(self, at: float, until: float | None = None) -> str:
        """The id for a part that is shown from `at` on, or until a time."""
        going = "98%{opacity:1}to" if until is None else f"{self._fade(until, 1)},to"
        self._keyframes.append(f"0%,{self._fade(at, 0)}{{opacity:1}}{going}{{opacity:0}}")
        return f"m{len(self._keyframes) - 1}"

    def style(self) -> str:
        every = ",".join(f"#m{number}" for number in range(len(self._keyframes)))
        return "\n".join(
            [
                "@media(prefers-reduced-motion:no-preference){",
                f"{every}{{animation:{self._seconds:.1f}s infinite}}",
                *(
                    f"#m{number}{{animation-name:k{number}}}@keyframes k{number}{{{keyframes}}}"
                    for number, keyframes in enumerate(self._keyframes)
                ),
                "}",
            ]
        )

    def _fade(self, at: float, opacity: int) -> str:
        begin, end = (f"{100 * at / self._seconds:.1f}%" for at in (at, at + FADE_SECONDS))
        return f"{begin}{{opacity:{opacity}}}{end}"


if __name__ == "__main__":
    sys.exit(main())

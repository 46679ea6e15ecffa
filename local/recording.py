"""Runs the demo and draws the lines that it prints as docs/demo.svg, which moves: make recording.

The picture has no script. It is light or dark as the reader's browser is, and shows its last frame
to readers who want no motion.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from string import Template
from textwrap import wrap
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
PICTURE: Final = ROOT / "docs" / "demo.svg"

SLOWER: Final = 3
STEP_SECONDS: Final = (0.5, 1.6)
"""How long the picture takes from one line to the next, at least and at most."""
LAST_SECONDS: Final = 5
FADE_SECONDS: Final = 0.25

TOP, LINE, GAP = 42, 19, 7
CHARACTERS: Final = 56
"""What fits on a line, in any of the fonts."""

PAGE: Final = Template("""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 $height" role="img" \
aria-label="One order from the event to the pick-up">
<style>
svg{--back:#fff;--ink:#1f2328;--quiet:#59636e;--edge:#d1d9e0;--accent:#9a4f0e}
@media(prefers-color-scheme:dark){svg{--back:#0d1117;--ink:#f0f6fc;--quiet:#9198a1;--edge:#3d444d;\
--accent:#f0a95b}}
text{font:15px ui-sans-serif,system-ui,-apple-system,"Segoe UI",sans-serif;fill:var(--ink)}
.who{font-weight:600;fill:var(--accent)}.quiet{fill:var(--quiet);font-size:13px}.end{text-anchor:end}
.back{fill:var(--back);stroke:var(--edge)}
@media(prefers-reduced-motion:no-preference){
g{animation:${seconds}s infinite}
$motion
}
</style>
<rect class="back" x=".5" y=".5" width="659" height="$edge" rx="10"/>
$rows
<text class="quiet" x="16" y="$foot">Recorded from make demo, slowed down</text>
<text class="quiet end" x="644" y="$foot">$summary</text>
</svg>
""")


class Line(NamedTuple):
    """A line of the demo's timeline; the time is in seconds since the order was sent."""

    at: float
    who: str
    what: str


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
    lines = [Line(float(at), who, what) for at, who, what in found]
    return sorted(lines, key=lambda line: line.at)


def draw(lines: Sequence[Line]) -> str:
    """The picture of a run: line after line appears, and all begins anew after the last one."""
    least, most = STEP_SECONDS
    shown = [least]
    for before, after in pairwise(lines):
        shown.append(shown[-1] + min(max(SLOWER * (after.at - before.at), least), most))
    seconds = shown[-1] + LAST_SECONDS
    motion: list[str] = []
    rows: list[str] = []
    bottom = TOP
    for number, (line, begin) in enumerate(zip(lines, shown, strict=True)):
        hidden, visible = (f"{100 * at / seconds:.1f}%" for at in (begin, begin + FADE_SECONDS))
        motion.append(
            f"@keyframes k{number}{{0%,{hidden}{{opacity:0}}{visible},98%{{opacity:1}}"
            "to{opacity:0}}"
        )
        rows += [
            f'<g style="animation-name:k{number}">',
            f'<text class="quiet end" x="66" y="{bottom}">{line.at:.2f} s</text>',
            f'<text class="who" x="84" y="{bottom}">{line.who}</text>',
        ]
        kind = ' class="state"' if line.who == "workflow" else ""
        # Of a state the picture has the name without what the demo says of it.
        said = re.split(" {2,}", line.what)[0] if kind else line.what
        for text in wrap(said, CHARACTERS, break_on_hyphens=False):
            rows.append(f'<text{kind} x="172" y="{bottom}">{escape(text)}</text>')
            bottom += LINE
        rows.append("</g>")
        bottom += GAP
    states = sum(line.who == "workflow" for line in lines)
    return PAGE.substitute(
        height=bottom + 24,
        edge=bottom + 23,
        foot=bottom + 8,
        seconds=f"{seconds:.1f}",
        motion="\n".join(motion),
        rows="\n".join(rows),
        summary=f"{states} states, {lines[-1].at:.2f} s",
    )


if __name__ == "__main__":
    sys.exit(main())

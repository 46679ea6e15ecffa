"""What a page lets one hear and feel."""

from playwright.sync_api import Page

LISTEN = """
    window.heard = 0;
    window.felt = 0;
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (when) { window.heard += 1; start.call(this, when); };
    navigator.vibrate = () => { window.felt += 1; return true; };
"""


def tones(page: Page) -> int:
    """How many it has begun since it was loaded."""
    count: int = page.evaluate("window.heard")
    return count


def shakes(page: Page) -> int:
    """How often it has vibrated."""
    count: int = page.evaluate("window.felt")
    return count

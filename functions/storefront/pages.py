"""The files of the pages, and what a browser is told to do with them."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

FILES = Path(__file__).with_name("pages")

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

HEADERS = {
    # Nothing from outside, nothing inline, in nobody's frame.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@cache
def files() -> dict[str, tuple[str, str, str]]:
    """Each file's text, its type and its ETag, by the file's name."""
    texts = {file: file.read_text() for file in FILES.iterdir() if file.suffix in TYPES}
    return {
        file.name: (text, TYPES[file.suffix], f'"{sha256(text.encode()).hexdigest()[:16]}"')
        for file, text in texts.items()
    }

"""The files of the pages, and what a browser is told to do with them.

Each file that a browser asks for is an invocation, and a new account may run ten at a time. So the
scripts and style sheets of a page are joined to one of each: docs/decisions/pages.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

FILES = Path(__file__).with_name("pages")

TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

HEADERS = {
    # Nothing from outside, nothing inline, in nobody's frame.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

REFERENCE = re.compile(r'(?<==")pages/(\w+)\.(\w+)(?=")')
INLINE = re.compile(r"<!-- (\w+\.svg) -->")
IMPORTED_STYLES = re.compile(r'^@import "(\w+)\.css";$', re.MULTILINE)
IMPORT = re.compile(r'^import \{ (\w+(?:, \w+)*) \} from "\./(\w+)\.js";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function) (\w+))", re.MULTILINE)
OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class NotJoinable(Exception):
    """A module imports or exports in a way that ``join_modules`` does not know."""


@dataclass(frozen=True)
class File:
    """A file as it is served."""

    text: str
    kind: str

    @property
    def digest(self) -> str:
        return sha256(self.text.encode()).hexdigest()[:16]

    def headers(self, digest: str) -> dict[str, str]:
        """The headers of the answer, if this digest was in the name that was asked for."""
        # During a deployment one version's page may ask the other version for its script.
        kept = "public, max-age=31536000, immutable" if digest == self.digest else "no-cache"
        return HEADERS | {"Cache-Control": kept, "ETag": f'"{self.digest}"'}


def find(name: str) -> tuple[File, dict[str, str]] | None:
    """The file of this name, with or without a digest in it, and the headers of the answer."""
    stem, _, rest = name.partition(".")
    digest, _, kind = rest.rpartition(".")
    file = files().get(f"{stem}.{kind}")
    return (file, file.headers(digest)) if file else None


@cache
def files() -> dict[str, File]:
    """The pages, and what they refer to. Raises NotJoinable."""
    found: dict[str, File] = {}

    def refer(reference: re.Match[str]) -> str:
        stem, kind = reference.groups()
        file = found.setdefault(f"{stem}.{kind}", File(_joined(stem, kind), kind))
        return f"pages/{stem}.{file.digest}.{kind}"

    for page in FILES.glob("*.html"):
        text = INLINE.sub(lambda picture: (FILES / picture[1]).read_text(), page.read_text())
        found[page.name] = File(REFERENCE.sub(refer, text), "html")
    return found


def _joined(stem: str, kind: str) -> str:
    if kind == "js":
        return join_modules(stem)
    text = (FILES / f"{stem}.{kind}").read_text()
    return IMPORTED_STYLES.sub(lambda found: _joined(found[1], "css"), text)


def join_modules(stem: str) -> str:
    """A module and all that it imports as one, each in a function of its own.

    Raises NotJoinable for what would not be the same then, such as an exported ``let``.
    """
    modules: dict[str, str] = {}
    exports: dict[str, set[str]] = {}

    def add(module: str) -> None:
        text = (FILES / f"{module}.js").read_text()
        for names, other in IMPORT.findall(text):
            if other not in modules:
                add(other)
            if missing := {*names.split(", ")} - exports[other]:
                raise NotJoinable(f"{module}.js: {other}.js does not export {missing}")
        exports[module] = set(EXPORT.findall(text))
        code = EXPORT.sub("", IMPORT.sub(r"const { \1 } = $\2;", text))
        if unknown := OTHER.search(code):
            raise NotJoinable(f"{module}.js: {unknown[0]}")
        result = ", ".join(sorted(exports[module]))
        modules[module] = f"const ${module} = (() => {{\n{code}return {{ {result} }};\n}})();\n"

    add(stem)
    return "".join(modules.values())

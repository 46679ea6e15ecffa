"""Generates the documents that are made from the sources; --check only names those out of date.

docs/openapi.json comes from the API's handlers, the picture of the workflow (docs/workflow.svg, and
one for its page) from the state machine, functions/requirements.txt from uv.lock, and
docs/asyncapi.json and the table in events/README.md from the events' schemas and the template.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import catalogue
import graph

ROOT = Path(__file__).parents[1]

# What the Lambda runtime brings with boto3 is not packaged.
IN_THE_RUNTIME = ("boto3", "botocore", "s3transfer", "python-dateutil", "six", "urllib3")


def main() -> int:
    """Exit status: 0 if all is up to date or was written, 1 if --check found something stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if stale")
    check = parser.parse_args().check
    stale = [(path, text) for path, text in documents() if not _is(path, text)]
    for path, text in stale:
        if check:
            print(f"{path.relative_to(ROOT)} is out of date: run 'make docs'.", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
            print(f"Wrote {path.relative_to(ROOT)}")
    return 1 if check and stale else 0


def documents() -> Iterator[tuple[Path, str]]:
    """Each generated file and what it should hold."""
    yield ROOT / "docs/openapi.json", openapi()
    drawing = graph.draw()
    yield ROOT / "docs/workflow.svg", graph.picture(drawing)
    yield graph.PAGES / "workflow.svg", drawing
    yield ROOT / "docs/asyncapi.json", catalogue.asyncapi()
    table = r"(?m)^\| detail-type \|.*\n(\|.*\n)*"
    yield with_part(ROOT / "events/README.md", table, f"{catalogue.table()}\n")
    yield ROOT / "functions/requirements.txt", requirements()
    for function, group in (("barista_callback", "barista-callback"), ("storefront", "storefront")):
        yield ROOT / "functions" / function / "requirements.txt", requirements("--group", group)


def openapi() -> str:
    """The OpenAPI document of the HTTP API, of staff's routes and of everybody's."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    os.environ.setdefault("POWERTOOLS_TRACE_DISABLED", "true")
    # Here, because Powertools reads these variables when it is imported.
    from barista_callback import api as staff  # noqa: PLC0415
    from storefront import api as everybody  # noqa: PLC0415

    document, other = (
        json.loads(
            api.app.get_openapi_json_schema(
                title="Coffee orders",
                version="1",
                description="What staff do at the counter, and what customers do on their page.",
            )
        )
        for api in (staff, everybody)
    )
    document["paths"] |= other["paths"]
    document["components"]["schemas"] |= other["components"]["schemas"]
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def requirements(*of_a_function: str) -> str:
    """The functions' pinned dependencies, without what the Lambda runtime brings."""
    command = ["uv", "export", "--quiet", "--frozen", "--no-dev", "--no-annotate", "--no-header"]
    command += of_a_function
    for package in IN_THE_RUNTIME:
        command += ["--no-emit-package", package]
    exported = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return "# Made from uv.lock by 'make docs'.\n" + exported.stdout


def with_part(page: Path, pattern: str, part: str) -> tuple[Path, str]:
    """A page, and its text with the one part that is generated. Raises ValueError if not one."""
    changed, count = re.subn(pattern, lambda _: part, page.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{page.name} must have exactly one part like {pattern}")
    return page, changed


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())

"""Generates the documents that are made from the sources; --check only names those out of date.

docs/openapi.json comes from the API's handlers, the picture of the workflow in docs/workflow.md
from the state machine, functions/requirements.txt from uv.lock, docs/asyncapi.json and the table in
events/README.md from the events' schemas and the template.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import catalogue

ROOT = Path(__file__).parents[1]

# What the Lambda runtime brings with boto3 is not packaged.
IN_THE_RUNTIME = ("boto3", "botocore", "s3transfer", "python-dateutil", "six", "urllib3")

SHAPES = {"Choice": '{"%s"}', "Task": '["%s"]', "Pass": '("%s")', "Fail": '(["%s"])'}


def main() -> int:
    """Exit status: 0 if all is up to date or was written, 1 if --check found something stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if stale")
    check = parser.parse_args().check
    stale = [path for path, text in documents() if not _is(path, text)]
    for path, text in documents():
        if path in stale and not check:
            path.write_text(text, encoding="utf-8")
            print(f"Wrote {path.relative_to(ROOT)}")
    if check and stale:
        names = ", ".join(str(path.relative_to(ROOT)) for path in stale)
        print(f"Out of date: {names}. Run 'make docs' and commit the result.", file=sys.stderr)
        return 1
    return 0


def documents() -> Iterator[tuple[Path, str]]:
    """Each generated file and what it should hold."""
    yield ROOT / "docs/openapi.json", openapi()
    workflow = ROOT / "docs/workflow.md"
    yield workflow, with_diagram(workflow.read_text(encoding="utf-8"), diagram())
    yield ROOT / "docs/asyncapi.json", catalogue.asyncapi()
    page = ROOT / "events/README.md"
    yield page, with_table(page.read_text(encoding="utf-8"), catalogue.table())
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


def diagram() -> str:
    """The workflow as a Mermaid flow chart: every state and every way from it."""
    text = (ROOT / "statemachine/order_processor.asl.json").read_text(encoding="utf-8")
    machine = json.loads(text)
    states: dict[str, dict[str, Any]] = machine["States"]
    ids = {name: f"s{number}" for number, name in enumerate(states)}
    lines = ["flowchart TD", "    start([Start])", "    done([End])"]
    lines += [f"    {ids[name]}{SHAPES[states[name]['Type']] % name}" for name in states]
    lines.append(f"    start --> {ids[machine['StartAt']]}")
    for name, state in states.items():
        for target, label, dashed in ways(state):
            arrow = "-.->" if dashed else "-->"
            text = f'|"{label}"| ' if label else " "
            lines.append(f"    {ids[name]} {arrow}{text}{ids.get(target, 'done')}")
    return "\n".join(lines)


def ways(state: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """The ways from a state: where to, on which condition, and whether it is a caught error."""
    targets = [choice["Next"] for choice in state.get("Choices", [])]
    for target in dict.fromkeys(targets):
        yield target, "", False
    if state.get("Default") and state["Default"] not in targets:
        yield state["Default"], "otherwise", False
    if "Next" in state:
        yield state["Next"], "", False
    for catcher in state.get("Catch", []):
        errors = [error.rpartition(".")[2] for error in catcher["ErrorEquals"]]
        yield catcher["Next"], " or ".join(errors), True
    if state.get("End") or state["Type"] == "Fail":
        yield "End", "", False


def with_diagram(page: str, mermaid: str) -> str:
    """``page`` with its Mermaid block replaced. Raises ValueError if it has none."""
    changed, count = re.subn(
        r"```mermaid\n.*?```", f"```mermaid\n{mermaid}\n```", page, flags=re.DOTALL
    )
    if count != 1:
        raise ValueError("docs/workflow.md must have exactly one mermaid block.")
    return changed


def with_table(page: str, table: str) -> str:
    """``page`` with its table of events replaced. Raises ValueError if it has none."""
    changed, count = re.subn(r"(?m)^\| detail-type \|.*\n(\|.*\n)*", lambda _: f"{table}\n", page)
    if count != 1:
        raise ValueError("events/README.md must have exactly one table of detail-types.")
    return changed


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())

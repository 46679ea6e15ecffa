"""Whether the events' schemas have changed only in ways that nobody else has to follow.

They are compared with those of the last release, which is the nearest tag.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsoncompat import Role, check_compat

from policies.exceptions import exceptions, problems, verdict

ROOT = Path(__file__).parents[1]
EXCEPTED = "incompatible-events"
# The prefix of the events that only this stack sends. It receives the others.
OURS = "OrderProcessor."

type Schemas = dict[str, dict[str, Any]]


def main() -> int:
    """Exit status: 1 if a schema has an incompatible change, with what to do about it."""
    tag = last_release(ROOT)
    if tag is None:
        shallow = git(ROOT, "rev-parse", "--is-shallow-repository") == "true"
        why = "This clone is shallow: fetch the tags." if shallow else "No release has a tag yet."
        print(f"NOT COMPARED: the events' schemas. {why}")
        return 0
    print(f"The events' schemas are compared with those of {tag}.")
    broken = dict(incompatible(released(ROOT, tag), present(ROOT)))
    accepted = exceptions(EXCEPTED)
    found = [problem for name, problem in broken.items() if name not in accepted]
    found += problems(accepted, broken, EXCEPTED)
    return verdict(found)


def incompatible(old: Schemas, new: Schemas) -> Iterator[tuple[str, str]]:
    """Each event with an incompatible change, and the problem."""
    for name, schema in old.items():
        sent = name.startswith(OURS)
        if name not in new:
            problem = "It was removed, and others may still use it."
        elif is_compatible(schema, new[name], sent=sent):
            continue
        elif sent:
            problem = (
                "It allows values that it did not allow before, which a consumer may not know."
                " Put the new values into a field or an event of their own."
            )
        else:
            problem = (
                "It no longer allows what it allowed before, so a sender may be refused. Make new"
                " fields optional."
            )
        hint = f"Or say under {EXCEPTED} in policies/exceptions.toml how everybody was told."
        yield name, f"events/{name}: {problem} {hint}"


def is_compatible(old: dict[str, Any], new: dict[str, Any], *, sent: bool) -> bool:
    """Whether others with the old schema understand what is sent, or are understood."""
    if sent:  # Only the sender must add no fields; consumers must ignore new ones.
        old = {key: value for key, value in old.items() if key != "additionalProperties"}
    role = Role.SERIALIZER if sent else Role.DESERIALIZER
    return check_compat(json.dumps(old), json.dumps(new), role)


def present(root: Path) -> Schemas:
    return {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))
        for path in root.glob("events/*/schema.json")
    }


def released(root: Path, tag: str) -> Schemas:
    listed = git(root, "ls-tree", "-r", "--name-only", tag, "events/") or ""
    return {
        Path(path).parent.name: json.loads(git(root, "show", f"{tag}:{path}") or "")
        for path in listed.splitlines()
        if path.endswith("/schema.json")
    }


def last_release(root: Path) -> str | None:
    return git(root, "describe", "--tags", "--abbrev=0")


def git(root: Path, *arguments: str) -> str | None:
    """What git answers, None if it refuses."""
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())

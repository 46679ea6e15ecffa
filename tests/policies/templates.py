"""Runs this project's rules for cfn-lint, as cfn-lint does."""

from cfnlint.api import lint
from cfnlint.rules import RulesCollection

from tests.contracts.definitions import ROOT

RULES = RulesCollection()
RULES.create_from_directory(str(ROOT / "policies/cloudformation"))


def refused(template: str) -> list[str]:
    """The number and the message of each thing that the rules find in the template."""
    return [f"{match.rule.id} {match.message}" for match in lint(template, RULES)]


def changed(text: str, old: str, new: str) -> str:
    assert old in text, f"Nothing to break: the text has no {old!r}"
    return text.replace(old, new, 1)

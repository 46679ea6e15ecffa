"""An exception has a reason and is needed."""

from pathlib import Path
from typing import Any

import pytest

from policies.exceptions import exceptions, problems
from policies.security import refused

ACCEPTED = {"CKV_1": "The queues are encrypted with another key.", "CKV_2": " "}


def test_an_exception_without_a_reason_is_a_problem() -> None:
    assert problems(ACCEPTED, ACCEPTED, "checkov") == [
        "exceptions.toml, checkov: CKV_2 has no reason. Say why it is accepted."
    ]


def test_an_exception_that_nothing_needs_is_a_problem() -> None:
    assert problems(ACCEPTED, ["CKV_2"], "checkov")[1:] == [
        "exceptions.toml, checkov: CKV_1 is not needed any more. Remove it."
    ]


def test_a_kind_of_exceptions_may_be_absent(tmp_path: Path) -> None:
    file = tmp_path / "exceptions.toml"
    file.write_text('[advisories]\nGHSA-1 = "Not on our way."\n')
    assert exceptions("advisories", file) == {"GHSA-1": "Not on our way."}
    assert exceptions("checkov", file) == {}


def test_a_finding_of_checkov_is_refused_unless_it_is_accepted() -> None:
    failed = [
        {"check_id": number, "check_name": "Encrypt it", "resource": f"AWS::SNS::Topic.{name}"}
        for number in ("CKV_1", "CKV_3", "CKV_4")
        for name in ("Alarms", "Customers")
    ]
    report = {"results": {"passed_checks": [{}], "failed_checks": failed, "parsing_errors": []}}
    accepted = ACCEPTED | {"CKV_3": "Not here.", "CKV_4 Alarms": "It holds nothing of anybody."}
    (problem,) = refused(report, accepted)
    assert problem.startswith("CKV_4 Customers: Encrypt it. Do so, or say under checkov in ")


@pytest.mark.parametrize(("passed", "unread"), [([], []), ([{}], ["template.yaml"])])
def test_a_template_that_checkov_cannot_read_does_not_pass(passed: Any, unread: Any) -> None:
    results = {"passed_checks": passed, "failed_checks": [], "parsing_errors": unread}
    assert list(refused({"results": results}, {})) == [
        "checkov could not read the template: is it YAML?"
    ]

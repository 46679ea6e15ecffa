"""An exception has a reason and is needed."""

from pathlib import Path

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
        {"check_id": number, "check_name": "Encrypt it", "resource": "AWS::SQS::Queue.Orders"}
        for number in ("CKV_1", "CKV_3")
    ]
    report = {"results": {"passed_checks": [{}], "failed_checks": failed, "parsing_errors": []}}
    (problem,) = refused(report, ACCEPTED)
    assert problem.startswith("CKV_3 Orders: Encrypt it. Do so, or say under checkov in ")


def test_a_check_may_be_accepted_of_one_resource_alone() -> None:
    failed = [
        {"check_id": "CKV_1", "check_name": "Encrypt it", "resource": f"AWS::SNS::Topic.{name}"}
        for name in ("Alarms", "Customers")
    ]
    report = {"results": {"passed_checks": [{}], "failed_checks": failed, "parsing_errors": []}}
    (problem,) = refused(report, {"CKV_1 Alarms": "It holds nothing of anybody."})
    assert problem.startswith("CKV_1 Customers: ")


def test_a_template_that_checkov_cannot_read_does_not_pass() -> None:
    results = {"passed_checks": [], "failed_checks": [], "parsing_errors": ["template.yaml"]}
    assert list(refused({"results": results}, {})) == [
        "checkov could not read the template: is it YAML?"
    ]

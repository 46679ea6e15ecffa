"""make aws-check refuses, asks, removes what it made, and notes nothing of the account."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import ANY
from xml.etree import ElementTree as ET

import boto3
import pytest
from moto import mock_aws

from harness.deployment import Stack
from tests import aws_check
from tests.aws_check import BEGIN, END, NOTES, Result, noted, read, write

ACCOUNT = "123456789012"
REPORT = f"""
<suite>
  <testcase classname="tests.e2e.test_a" name="fine"/>
  <testcase classname="tests.e2e.test_a" name="wrong"><failure message="{ACCOUNT}"/></testcase>
  <testcase classname="tests.e2e.test_a" name="left"/>
  <testcase classname="tests.e2e.test_a" name="left"><error/></testcase>
  <testcase classname="tests.e2e.test_b" name="not"><skipped message="AWS does not"/></testcase>
</suite>
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Run it on a pretended AWS, and give what was made and removed."""
    done: list[str] = []

    def instead(name: str, answer: object = None) -> None:
        def called(*_: Any, **__: Any) -> object:
            done.append(name)
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(aws_check, name, called)

    def start(*arguments: str, on_aws: bool = True, deployed: object = None) -> list[str]:
        monkeypatch.setattr(aws_check, "ON_AWS", on_aws)
        monkeypatch.setattr(os, "environ", {**os.environ, "AWS_ENDPOINT_URL": "http://emulator"})
        monkeypatch.setattr(sys, "argv", ["aws_check", *arguments])
        results = [Result("end to end", 1, [], Counter())]
        answers = {"caller": ACCOUNT, "tested": (0, results), "remove": True, "deploy": deployed}
        for name in (*answers, "write", "use_test_account", "record_calls"):
            instead(name, answers.get(name))
        code = aws_check.main()
        return [*done, f"exit {code}"]

    return start


def test_the_stack_is_removed_and_the_result_is_written(run: Any) -> None:
    assert run("--yes")[-5:] == ["deploy", "tested", "remove", "write", "exit 0"]


def test_the_stack_is_removed_when_a_deployment_fails(run: Any) -> None:
    assert run("--yes", deployed=subprocess.CalledProcessError(2, "make"))[-3:] == [
        "deploy",
        "remove",
        "exit 1",
    ]


def test_it_deploys_as_make_deploy_does_twice_and_with_the_deployers_permissions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[tuple[list[str], str | None]] = []

    def ran(command: list[str], env: dict[str, str], **_: Any) -> None:
        done.append((command[2:], env.get("AWS_SESSION_TOKEN")))

    monkeypatch.setattr(subprocess, "run", ran)
    monkeypatch.setattr(aws_check, "ON_AWS", True)
    monkeypatch.setattr(
        aws_check, "outputs", lambda _: {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/d"}
    )
    monkeypatch.setenv("STACKS_OF_CHECK", "coffee-1a2b3c")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of the caller")
    with mock_aws():
        aws_check.deploy(Stack("e2e"))

    (deployer, caller), (first, deployers), second = done
    suffix = "SUFFIX=-coffee-1a2b3c-e2e"
    assert (deployer, caller) == (
        ["deployer", "STACK=coffee-1a2b3c-e2e", suffix], "of the caller",
    )  # fmt: skip
    assert second == (first, ANY)
    assert first[:2] == ["deploy", "STACK=coffee-1a2b3c-e2e"]
    assert f'OrderTableName="sw-order-table{suffix.partition("=")[2]}"' in first[-1]
    assert deployers not in {None, caller}


def test_a_rehearsal_writes_nothing(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert "write" not in run(on_aws=False)
    assert "Rehearsal on http://emulator" in capsys.readouterr().out


def test_a_person_is_asked_before_anything_is_deployed(
    run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="YES=1"):  # Nobody is there.
        run()
    assert "20 US cents" in capsys.readouterr().out


def test_without_credentials_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    session = type("Session", (), {"get_credentials": lambda _: None})
    monkeypatch.setattr(boto3.session, "Session", session)
    with pytest.raises(SystemExit, match="aws sso login"):
        aws_check.caller()


def test_a_test_whose_teardown_failed_has_failed() -> None:
    result = read("end to end", list(ET.fromstring(REPORT)))  # noqa: S314
    assert result.row == (
        "| end to end | 1 of 4 | AWS does not (1) | `test_a::wrong`<br>`test_a::left` |"
    )


def test_the_account_stays_out_of_the_documents() -> None:
    told = Counter([f"arn:aws:states:eu-central-1:{ACCOUNT}:execution:x is not {ACCOUNT}"])
    text = noted([Result("end to end", 1, [], told)])
    assert "arn:" not in text
    assert ACCOUNT not in text
    assert "… is not … (1)" in text


def test_the_documents_have_a_place_for_it(tmp_path: Path) -> None:
    copy = tmp_path / "notes.md"
    copy.write_text(NOTES.read_text())
    write(copy, "all of 3")
    write(copy, "all of 4")
    before, _, rest = copy.read_text().partition(BEGIN)
    assert rest.startswith(f"\nall of 4\n{END}")
    assert NOTES.read_text().startswith(before)

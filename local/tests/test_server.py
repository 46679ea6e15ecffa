"""What LocalStack's start and end guarantee, and what is said of a start that fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from polling import eventually
from project import Project

from embedded_localstack import server
from embedded_localstack.checkout import Checkout
from embedded_localstack.problem import Problem
from embedded_localstack.processes import localstack_processes


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path)
    yield project
    server.stop(project.checkout)


def test_what_starts_while_it_is_stopped_is_stopped_as_well(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.start(project.checkout)
    found = eventually(
        lambda: localstack_processes(project.checkout.server_files),
        until=lambda found: len(found) > 2,  # The supervisor, LocalStack, the OpenID provider.
    )
    looks = iter([found[-1:]])
    monkeypatch.setattr(
        server, "localstack_processes", lambda files: next(looks, localstack_processes(files))
    )

    server.stop(project.checkout)

    assert project.processes == set()


def test_a_localstack_that_ends_while_it_starts_is_told_of(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    _change(monkeypatch, GATEWAY_LISTEN="127.0.0.1:no-port")

    server.start(project.checkout)

    with pytest.raises(Problem, match="LocalStack stopped while it was starting") as problem:
        server.wait_until_ready(project.checkout)
    assert "no-port" in str(problem.value)


def test_a_provider_that_localstack_does_not_load_is_told_of(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    _change(monkeypatch, SERVICES="sts")

    server.start(project.checkout)

    with pytest.raises(Problem, match="load dynamodb:moto, dynamodbstreams:moto, s3"):
        server.wait_until_ready(project.checkout)


def test_a_localstack_that_cannot_be_found_is_stopped_and_told_of(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(server, "is_running", lambda _: False)
        patched.setattr(server, "SIGHT_LIMIT_SECONDS", 1)
        with pytest.raises(Problem, match="hides the environment"):
            server.start(project.checkout)
    eventually(lambda: project.processes, until=lambda left: not left)


def test_without_the_functions_python_localstack_is_not_started(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(server, "FUNCTION_PYTHON", tmp_path / "python")

    with pytest.raises(Problem, match="python is missing"):
        server.start(project.checkout)
    assert project.processes == set()


def _change(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    original = Checkout.server_environment
    monkeypatch.setattr(Checkout, "server_environment", lambda self: original(self) | variables)

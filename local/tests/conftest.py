"""A LocalStack of the tests' own, on a free port and with its state in a temporary folder."""

import io
import json
import os
import secrets
import socket
import uuid
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import boto3
import psutil
import pytest
import requests
from parts import Parts
from polling import eventually

from embedded_localstack import server
from embedded_localstack.checkout import REGION, Checkout, in_test_account

# No test reads the AWS settings of who runs it. Whose Python needs libraries, has them everywhere.
environment = {"LD_LIBRARY_PATH": "/opt/lib"} | in_test_account(os.environ)
os.environ.clear()
os.environ.update(environment)

ROLE = "arn:aws:iam::000000000000:role/function"


def free_port() -> int:
    """A port that is free like the next one, which the OpenID provider takes.

    None of those that the system gives to whoever connects, and that are taken a moment later.
    """
    while True:
        port = 10_000 + secrets.randbelow(22_000)
        with socket.socket() as probe, socket.socket() as next_probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            next_probe.bind(("127.0.0.1", port + 1))
            return port


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path_factory.mktemp("checkout").resolve(), free_port())
    with server.in_use(checkout):
        server.start(checkout)
        server.wait_until_ready(checkout)
        yield checkout


@pytest.fixture(scope="session")
def client(checkout: Checkout) -> Callable[[str], Any]:
    return aws(checkout)


def aws(checkout: Checkout, **settings: Any) -> Callable[[str], Any]:
    session = boto3.Session("test", "test", region_name=REGION)
    return lambda service: session.client(service, endpoint_url=checkout.endpoint, **settings)  # type: ignore[call-overload]


@pytest.fixture
def parts(client: Callable[[str], Any]) -> Parts:
    return Parts(client)


class Resource:
    """What the embedded LocalStack offers beside AWS's services."""

    def __init__(self, checkout: Checkout, name: str) -> None:
        self._url = f"{checkout.endpoint}/_embedded/{name}"

    def put(self, body: object) -> requests.Response:
        return requests.put(self._url, json=body, timeout=5)

    def report(self) -> Any:
        return requests.get(self._url, timeout=5).json()

    def delete(self) -> None:
        assert requests.delete(self._url, timeout=5).status_code == 204


class Faults(Resource):
    def set(self, service: str, operation: str, **how: Any) -> None:
        answer = self.put([{"service": service, "operation": operation, **how}])
        assert answer.status_code == 200, answer.text
        assert answer.json() == self.report()

    @property
    def failed(self) -> int:
        (fault,) = self.report()
        return int(fault["failed"])


@pytest.fixture
def faults(checkout: Checkout) -> Iterator[Faults]:
    faults = Faults(checkout, "faults")
    yield faults
    faults.delete()


@pytest.fixture
def recorder(checkout: Checkout) -> Iterator[Resource]:
    recorder = Resource(checkout, "calls")
    yield recorder
    recorder.put({"recording": False})
    recorder.delete()


@dataclass(frozen=True)
class Outcome:
    payload: Any
    error: str | None
    tail: str


@dataclass(frozen=True)
class Function:
    name: str
    client: Callable[[str], Any]

    def __call__(self, event: Any = None) -> Outcome:
        answer = self.client("lambda").invoke(
            FunctionName=self.name, Payload=json.dumps(event), LogType="Tail"
        )
        return Outcome(
            payload=json.loads(answer["Payload"].read()),
            error=answer.get("FunctionError"),
            tail=b64decode(answer["LogResult"]).decode(),
        )

    def logged(self, text: str) -> list[str]:
        """Everything in its log group, in which `text` has to appear before long."""

        def look() -> list[str]:
            logs = self.client("logs")
            try:
                events = logs.filter_log_events(logGroupName=f"/aws/lambda/{self.name}")["events"]
            except logs.exceptions.ResourceNotFoundException:
                return []
            return [event["message"].rstrip("\n") for event in events]

        return eventually(look, until=lambda lines: any(text in line for line in lines))


type Deploy = Callable[..., Function]


@pytest.fixture
def deploy(client: Callable[[str], Any]) -> Iterator[Deploy]:
    """Create functions, with the module `app` of the given code, that are deleted at the end."""
    lambda_ = client("lambda")
    names: list[str] = []

    def create(code: str, **settings: Any) -> Function:
        names.append(f"function-{uuid.uuid4().hex[:8]}")
        create_function(client, names[-1], code, **settings)
        return Function(names[-1], client)

    yield create
    for name in names:
        with suppress(lambda_.exceptions.ResourceNotFoundException):
            lambda_.delete_function(FunctionName=name)


def create_function(
    client: Callable[[str], Any], name: str, code: str, **settings: Any
) -> dict[str, Any]:
    """Create a function; return its configuration once it is created, or has failed."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("app.py", code)
    function = {"Runtime": "python3.13", "Role": ROLE, "Handler": "app.handler", "Timeout": 20}
    package = {"ZipFile": archive.getvalue()}
    client("lambda").create_function(FunctionName=name, Code=package, **function | settings)
    return eventually(
        lambda: client("lambda").get_function(FunctionName=name)["Configuration"],
        until=lambda found: found["State"] != "Pending",
    )


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False

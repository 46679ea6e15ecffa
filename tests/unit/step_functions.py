"""Step Functions' side of the talk, for the answers of AWS that moto does not give."""

import json
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from mypy_boto3_stepfunctions.client import SFNClient

from tests.states.errors import ERRORS, WAIT
from tests.unit.events import RECEIVED_AT, SECRET

GONE: dict[str, Any] = {
    "Error": {"Code": "ExecutionDoesNotExist", "Message": "Execution does not exist."}
}

type Call = tuple[str, dict[str, Any]]


class StepFunctions:
    """Answers a real client's calls just before they go out, with their parameters checked.

    ``error``, a code, is the answer to each callback. As AWS's may, its text quotes the task token.
    ``listing_fails`` throttles ListExecutions. An execution exists that ``inputs`` knows, and runs
    unless ``ends`` knows it; ``histories`` has both pages of its history, ``reads`` the
    requests for one.
    """

    def __init__(self, client: SFNClient) -> None:
        self.calls: list[Call] = []
        self.error: str | None = None
        self.inputs: dict[str, str] = {}
        self.ends: dict[str, dict[str, Any]] = {}
        self.listing_fails = False
        self.histories: dict[str, list[dict[str, Any]]] = {}
        self.reads: list[dict[str, Any]] = []
        answer: Any = self._answer  # The stubs know no hooks that answer.
        client.meta.events.register("before-call.sfn", answer)

    def _answer(self, model: Any, params: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        sent = json.loads(params["body"])
        if model.name == "DescribeExecution":
            if sent["executionArn"] not in self.inputs:
                return SimpleNamespace(status_code=400), GONE
            described = {
                "status": "RUNNING",
                "startDate": datetime.fromisoformat(RECEIVED_AT),
                "input": self.inputs[sent["executionArn"]],
            }
            return SimpleNamespace(status_code=200), described | self.ends.get(
                sent["executionArn"], {}
            )
        if model.name == "ListExecutions":
            broken = [
                {"executionArn": arn, "startDate": datetime.fromisoformat(RECEIVED_AT)}
                for arn, end in self.ends.items()
                if end["status"] == sent["statusFilter"]
            ]
            answer: dict[str, Any] = {"executions": broken}
            if self.listing_fails:
                answer = {"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}
            return SimpleNamespace(status_code=400 if self.listing_fails else 200), answer
        if model.name == "GetExecutionHistory":
            self.reads.append(sent)
            pages = self.histories.get(sent["executionArn"])
            page = pages["nextToken" in sent] if pages else GONE
            return SimpleNamespace(status_code=200 if pages else 400), page
        self.calls.append((model.name, sent))
        if self.error:
            error = {"Code": self.error, "Message": f"Not possible with {SECRET}"}
            described = {"HTTPStatusCode": 400}
            return SimpleNamespace(status_code=400), {"Error": error, "ResponseMetadata": described}
        return SimpleNamespace(status_code=200), {}


def completed(barista_name: str, token: str) -> Call:
    output = json.dumps({"baristaId": barista_name})
    return "SendTaskSuccess", {"taskToken": token, "output": output}


def _failed(token: str, then: str, cause: str) -> Call:
    """The callback after which the workflow goes on at once with the state ``then``.

    tests/states holds the table of the errors against the workflow.
    """
    [error] = [row.error for row in ERRORS if (row.state, row.waits, row.then) == (WAIT, [], then)]
    return "SendTaskFailure", {"taskToken": token, "error": error, "cause": cause}


def declined(reason: str, token: str) -> Call:
    return _failed(token, "Order declined", reason)


def canceled(token: str) -> Call:
    return _failed(token, "Order canceled", "Canceled by the customer.")


def taken(token: str) -> Call:
    cause = "The order has ended, or another execution has it."
    return _failed(token, "Order already known", cause)


def prolonged(token: str) -> Call:
    return "SendTaskHeartbeat", {"taskToken": token}

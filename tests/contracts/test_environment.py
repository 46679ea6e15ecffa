"""Each function has the environment variables that it reads."""

from dataclasses import fields

import pytest

from aws import environment
from aws.environment import Environment, EnvironmentIncomplete
from tests.contracts.definitions import resources, template

# Read by Powertools, or by nothing: they name what runs.
OTHERS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}


@pytest.mark.parametrize("function", sorted(resources("AWS::Serverless::Function")))
def test_the_template_sets_the_variables_that_a_function_reads(function: str) -> None:
    set_here = resources("AWS::Serverless::Function")[function]["Environment"]["Variables"]
    names = {*template()["Globals"]["Function"]["Environment"]["Variables"], *set_here} - OTHERS
    read = getattr(environment, function, Environment)
    assert names == {field.name.upper() for field in fields(read)}


def test_missing_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDER_TABLE", "orders")
    for name in ("CONFIG_TABLE", "CUSTOMER_TOPIC_ARN"):
        monkeypatch.delenv(name, raising=False)
    environment.CustomerNotification.read.cache_clear()
    with pytest.raises(EnvironmentIncomplete, match="CONFIG_TABLE, CUSTOMER_TOPIC_ARN"):
        environment.CustomerNotification.read()


def test_workflow_and_staff_have_the_heartbeat_of_the_parameter() -> None:
    [workflow] = resources("AWS::Serverless::StateMachine").values()
    staff = resources("AWS::Serverless::Function")["BaristaCallback"]["Environment"]["Variables"]
    heartbeat = workflow["DefinitionSubstitutions"]["HeartbeatSeconds"]
    assert heartbeat == staff["HEARTBEAT_SECONDS"] == {"Ref": "HeartbeatSeconds"}

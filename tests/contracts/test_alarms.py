"""Each alarm says what to do, and looks at a metric that there is.

What the functions count is held against what they print in tests/unit/test_metrics.py.
"""

import re
from typing import Any

import pytest

from tests.contracts.definitions import ROOT, resources, template
from tests.contracts.watched_metrics import (
    ALARMS,
    OURS,
    by_alarms,
    expression,
    on_the_dashboard,
    text,
    widgets,
)

RUNBOOK = (ROOT / "docs/runbook.md").read_text()
SECTIONS = dict(re.findall(r"(?ms)^### (\w+)$(.*?)(?=^##|\Z)", RUNBOOK))
PARTS = ["What it means.", "Look first.", "Do.", "It is over"]

each_alarm = pytest.mark.parametrize("name", ALARMS)


def test_each_alarm_has_a_section_of_the_runbook_and_each_section_an_alarm() -> None:
    assert list(SECTIONS) == list(ALARMS)


@each_alarm
def test_a_section_says_what_to_do(name: str) -> None:
    assert re.findall(r"\*\*([^*]+)\*\*", SECTIONS[name]) == PARTS


@each_alarm
def test_an_alarm_says_what_to_do_and_where_there_is_more(name: str) -> None:
    description = ALARMS[name]["AlarmDescription"]
    assert description.endswith(f". docs/runbook.md#{name.lower()}")
    assert (
        80 < len(description) <= 1024
    )  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html


@each_alarm
def test_an_alarm_reaches_people_when_it_begins_and_when_it_is_over(name: str) -> None:
    assert ALARMS[name]["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert ALARMS[name]["OKActions"] == [{"Ref": "AlarmTopic"}]


@each_alarm
def test_an_alarm_that_fills_gaps_evaluates_more_than_the_latest_periods(name: str) -> None:
    """A metric comes late, and until then its gap is filled as if nothing were wrong.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """
    if "FILL(METRICS()" in expression(ALARMS[name]):
        assert ALARMS[name]["DatapointsToAlarm"] < ALARMS[name]["EvaluationPeriods"]


# CloudWatch is up to two minutes behind; SQS up to fifteen for a queue that was not in use.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
LATE, LATE_OF_A_QUEUE = 120, 900


def seconds_until(alarm: dict[str, Any]) -> int:
    """How long after the first failure of a message the alarm is raised, at most."""
    queries = [each["MetricStat"] for each in alarm.get("Metrics", []) if "MetricStat" in each]
    periods: int = alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])
    period: int = max([each["Period"] for each in queries], default=alarm.get("Period", 0))
    counted: int = 0
    if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible":
        queue = resources("AWS::SQS::Queue")["OrderTrackingQueue"]
        receives = queue["RedrivePolicy"]["maxReceiveCount"]
        counted = receives * queue["VisibilityTimeout"] + LATE_OF_A_QUEUE
    return counted + periods * period + LATE


def test_what_rolls_a_deployment_back_is_raised_while_it_lasts() -> None:
    """docs/decisions/alarms.md shows the sum."""
    preference = template()["Globals"]["Function"]["DeploymentPreference"]
    [minutes] = re.findall(r"(\d+)Minutes$", preference["Type"])
    [_, alarms, _] = preference["Alarms"]["If"]
    late = {each["Ref"]: seconds_until(ALARMS[each["Ref"]]) for each in alarms}
    assert max(late.values()) < 60 * int(minutes), late


@each_alarm
def test_an_emulator_gets_no_alarm_that_it_may_refuse(name: str) -> None:
    """docs/compatibility.md says which does."""
    on_aws_only = template()["Resources"][name].get("Condition") == "OnAws"
    assert on_aws_only is ("Metrics" in ALARMS[name])


def test_only_alarms_of_the_stack_may_send_to_the_operators_topic() -> None:
    [policy] = resources("AWS::SNS::TopicPolicy").values()
    [statement] = policy["PolicyDocument"]["Statement"]
    assert policy["Topics"] == [statement["Resource"]] == [{"Ref": "AlarmTopic"}]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Action"] == "sns:Publish"
    conditions = statement["Condition"]
    assert conditions["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    stack = "cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:${AWS::StackName}-*"
    assert text(conditions["ArnLike"]["aws:SourceArn"]) == f"arn:${{AWS::Partition}}:{stack}"
    # CloudFormation begins the name that it gives an alarm with the stack's.
    assert not any("AlarmName" in alarm for alarm in ALARMS.values())


def test_the_topic_of_alarms_has_no_key_that_alarms_can_not_use() -> None:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"""
    assert "KmsMasterKeyId" not in resources("AWS::SNS::Topic")["AlarmTopic"]


def test_the_dashboard_shows_each_alarm() -> None:
    [shown] = [widget["properties"]["alarms"] for widget in widgets() if widget["type"] == "alarm"]
    assert sorted(shown) == sorted(f"${{{name}.Arn}}" for name in ALARMS)


def test_the_dashboard_shows_what_each_alarm_looks_at() -> None:
    only_counted = {metric for metric in by_alarms() if metric.name != "ServiceIntegrationsFailed"}
    assert only_counted <= on_the_dashboard()


def test_widgets_do_not_overlap() -> None:
    places = [
        (x, y)
        for widget in widgets()
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(places) == len(set(places))
    assert max(x for x, _ in places) < 24


def test_each_metric_of_aws_is_one_that_a_page_of_aws_describes() -> None:
    rows = re.findall(
        r"(?m)^\| `([\w/]+)` \| (.*) \| (.*) \| \[.*\]\(https://docs\.aws\..*\) \|$", RUNBOOK
    )
    documented = {
        (namespace, name, tuple(sorted(re.findall(r"`(\w+)`", dimensions))))
        for namespace, names, dimensions in rows
        for name in re.findall(r"`(\w+)`", names)
    }
    used = {
        (metric.namespace, metric.name, tuple(sorted(name for name, _ in metric.dimensions)))
        for metric in by_alarms() | on_the_dashboard()
        if metric.namespace != OURS
    }
    assert used == documented


def values(dimension: str) -> set[str]:
    return {
        value
        for metric in by_alarms() | on_the_dashboard()
        for name, value in metric.dimensions
        if name == dimension
    }


def test_everything_of_the_stack_is_watched() -> None:
    functions = {f"${{{name}}}" for name in resources("AWS::Serverless::Function")}
    assert values("FunctionName") == functions
    for name in ("Errors", "Throttles"):
        assert len([metric for metric in by_alarms() if metric.name == name]) == len(functions)
    assert values("QueueName") == {
        f"${{{name}.QueueName}}" for name in resources("AWS::SQS::Queue")
    }
    assert values("StateMachineArn") == {"${OrderProcessor}"}
    api = resources("AWS::Serverless::Api")["Api"]
    assert (values("ApiName"), values("Stage")) == ({text(api["Name"])}, {api["StageName"]})


def test_functions_count_under_the_stacks_name() -> None:
    """Two stacks of one account would add up otherwise."""
    variables = template()["Globals"]["Function"]["Environment"]["Variables"]
    assert text(variables["POWERTOOLS_METRICS_NAMESPACE"]) == OURS

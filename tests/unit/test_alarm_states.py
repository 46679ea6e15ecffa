"""The evaluation of alarms that the fault tests rely on."""

from typing import Any

import pytest

from tests.faults.alarms import Alarm, Samples, State
from tests.faults.metric_math import Value, evaluate
from tests.metrics import Metric

ERRORS = Metric("AWS/Lambda", "Errors", frozenset({("FunctionName", "f")}))
OTHER = Metric("AWS/Lambda", "Errors", frozenset({("FunctionName", "g")}))
NOTHING: Samples = {}


def alarm(**more: Any) -> Alarm:
    properties = {
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
        "Statistic": "Sum",
        "Period": 60,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 2,
        "EvaluationPeriods": 1,
    }
    return Alarm.of("TooMany", properties | more)


def of(*values: float) -> Samples:
    return {ERRORS: values} if values else NOTHING


@pytest.mark.parametrize(
    ("statistic", "value"),
    [("Sum", 9), ("Average", 3), ("Minimum", 1), ("Maximum", 5), ("SampleCount", 3)],
)
def test_a_statistic_is_of_all_samples_of_a_period(statistic: str, value: float) -> None:
    assert alarm(Statistic=statistic).value(of(1, 3, 5)) == value
    assert alarm(Statistic=statistic).value(NOTHING) is None


@pytest.mark.parametrize(
    ("comparison", "states"),
    [
        ("GreaterThanThreshold", "OK OK ALARM"),
        ("GreaterThanOrEqualToThreshold", "OK ALARM ALARM"),
        ("LessThanThreshold", "ALARM OK OK"),
        ("LessThanOrEqualToThreshold", "ALARM ALARM OK"),
    ],
)
def test_a_value_is_compared_with_the_threshold(comparison: str, states: str) -> None:
    compared = alarm(ComparisonOperator=comparison)
    assert [compared.state([of(value)]) for value in (1, 2, 3)] == states.split()


def test_other_dimensions_are_another_metric() -> None:
    assert alarm().state([{OTHER: [9]}]) is State.INSUFFICIENT_DATA


@pytest.mark.parametrize(
    ("breaches", "values", "state"),
    [
        (None, [3, 3, 3], State.ALARM),  # All of them, where it does not say how many.
        (None, [3, 3, 0], State.OK),
        (2, [3, 0, 3], State.ALARM),
        (2, [0, 0, 3], State.OK),
        (1, [3, 0, 0], State.ALARM),
        (1, [3, 0, 0, 0], State.OK),  # Only the last three count.
    ],
)
def test_so_many_of_the_last_periods_have_to_breach(
    breaches: int | None, values: list[float], state: State
) -> None:
    more = {"DatapointsToAlarm": breaches} if breaches else {}
    assert alarm(EvaluationPeriods=3, **more).state([of(value) for value in values]) is state


@pytest.mark.parametrize(
    ("missing", "states"),
    [
        ("missing", "INSUFFICIENT_DATA ALARM OK"),
        ("ignore", "INSUFFICIENT_DATA ALARM OK"),
        ("notBreaching", "OK ALARM OK"),
        ("breaching", "ALARM ALARM ALARM"),
    ],
)
def test_a_period_without_a_data_point(missing: str, states: str) -> None:
    careful = alarm(EvaluationPeriods=2, DatapointsToAlarm=1, TreatMissingData=missing)
    found = [careful.state([NOTHING, last]) for last in (NOTHING, of(3), of(1))]
    assert found == states.split()


def test_too_few_periods_are_no_evaluation() -> None:
    with pytest.raises(AssertionError, match="2 periods"):
        alarm(EvaluationPeriods=2).state([of(3)])


def test_an_expression_is_compared_with_the_threshold() -> None:
    metrics: list[dict[str, Any]] = [{"Id": "found", "Expression": "SUM(FILL(METRICS(), 0))"}]
    for function in ("f", "g"):
        dimensions = [{"Name": "FunctionName", "Value": function}]
        metric = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": dimensions}
        stat = {"Metric": metric, "Stat": "Sum", "Period": 60}
        metrics.append({"Id": function, "ReturnData": False, "MetricStat": stat})
    of_both = alarm(Metrics=metrics)
    assert of_both.metrics == {ERRORS, OTHER}
    assert of_both.state([{ERRORS: [1, 1]}]) is State.OK
    assert of_both.state([{ERRORS: [1, 1], OTHER: [1]}]) is State.ALARM


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("100 * few / many", 20),
        ("many - few + none", None),
        ("few / zero", None),
        ("FILL(none, 7) + few", 9),
        ("FILL(few, 7)", 2),
        ("IF(many >= 10, 100 * FILL(none, 0) / many, 5)", 0),
        ("IF(many > 10, 1, 5)", 5),
        ("IF(none > 10, 1, 5)", None),
        ("SUM(METRICS())", 12),
        ("MAX(FILL(METRICS(), 20))", 20),
    ],
)
def test_metric_math(expression: str, value: Value) -> None:
    assert evaluate(expression, {"few": 2, "many": 10, "zero": 0, "none": None}) == value


@pytest.mark.parametrize(
    "expression", ["RATE(few)", "IF(few, 1)", "few ** 2", "SUM(few)", "1 if few else 2"]
)
def test_an_unknown_expression_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="Not known"):
        evaluate(expression, {"few": 2})


@pytest.mark.parametrize("more", [{"Statistic": "p99"}, {"ComparisonOperator": "LessThanLower"}])
def test_an_alarm_of_another_kind_is_not_evaluated(more: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        alarm(**more).state([of(3)])

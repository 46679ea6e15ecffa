"""cfn-lint, as make lint runs it, finds each break of this project's rules in the template."""

import re
import subprocess
from pathlib import Path

from tests.contracts.definitions import ROOT

# What is taken out of the template, what is put in its place, and what make lint then says.
BREAKS = {
    "no log group": (
        "      LoggingConfig: {LogGroup: !Ref StorefrontLogs}\n", "",
        "E9001 Storefront has no log group of its own"),
    "log group of another stack": (
        "LogGroup: !Ref OrderTrackingLogs", "LogGroup: other",
        "E9001 OrderTracking has no log group of its own"),
    "functions without tracing": (
        "    Tracing: Active\n", "", "E9002 BaristaCallback is not traced: set Tracing to Active"),
    "workflow without tracing": (
        "Tracing: {Enabled: true}", "Tracing: {Enabled: false}",
        "E9002 OrderProcessor is not traced: set Tracing to {'Enabled': True}"),
    "no role": (
        "      Role: !GetAtt BaristaCallbackRole.Arn\n", "",
        "E9003 BaristaCallback has no role of the template"),
    "role of another": (
        "      Role: !GetAtt OrderTrackingRole.Arn", "      Role: !GetAtt OrderProcessorRole.Arn",
        "E9003 OrderTracking shares OrderProcessorRole with OrderProcessor: give it its own"),
    "target without retry policy": (
        "          RetryPolicy: {MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 185}\n", "",
        "E9004 The target Targets.0 of ReconcilerRule has no RetryPolicy"),
    "target without DLQ": (
        "          DeadLetterConfig: {Arn: !GetAtt CustomerNotificationDeadLetterQueue.Arn}\n", "",
        "E9004 The target Targets.0 of CustomerNotificationRule has no dead-letter queue"),
    "rule that SAM makes": (
        "Type: Api, Properties: {RestApiId: !Ref Api, Path: /*, Method: ANY}}",
        "Type: Schedule, Properties: {Schedule: rate(1 minute)}}",
        "E9004 The target Events.Routes of BaristaCallback has no dead-letter queue"),
    "queue without DLQ": (
        "deadLetterTargetArn: !GetAtt OrderDeletedDeadLetterQueue.Arn",
        "deadLetterTargetArn: other",
        "E9005 OrderDeletedQueue has no dead-letter queue"),
    "DLQ without alarm": (
        "Value: !GetAtt OrderTrackingDeadLetterQueue.QueueName", "Value: other",
        "E9006 OrderTrackingDeadLetterQueue has no alarm"),
    "alarm that tells nobody": (
        "AlarmActions: *operators", "AlarmActions: []",
        "E9006 OrderDeletedDeadLetterQueue has no alarm"),
    "alarm on something else": (
        "MetricName: ApproximateNumberOfMessagesVisible", "MetricName: NumberOfMessagesSent",
        "E9006 OrderCreatedDeadLetterQueue has no alarm"),
    "every action": (
        "Action: states:SendTaskFailure", 'Action: "*"',
        "E9007 OrderCancellationRole allows the action '*'"),
    "every action of a service": (
        "Action: states:DescribeExecution", 'Action: [states:DescribeExecution, "states:*"]',
        "E9007 OrderTrackingRole allows the action 'states:*': name each action"),
    "every other action": (
        "Action: states:StartExecution", "NotAction: states:StopExecution",
        "E9007 OrderCreatedRuleRole allows all actions but its NotAction"),
    "queue for another's rules": (
        "- !GetAtt ReconcilerRule.Arn", "- arn:aws:events:eu-central-1:123456789012:rule/theirs",
        "E9008 A statement of QueuePolicy lets others send"),
    "queue for everybody": (
        "Resources:\n", """Resources:
  ForEverybody:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref OrderDeletedQueue]
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: "*"
            Action: sqs:SendMessage
            Resource: "*"
            Condition: {ArnEquals: {aws:SourceArn: !GetAtt OrderDeletedRule.Arn}}
""", "E9008 A statement of ForEverybody lets others send than rules of the template"),
    "queue for every rule, and only for a queue": (
        "Resources:\n", """Resources:
  ForEveryRule:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref OrderDeletedQueue]
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: events.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt OrderDeletedQueue.Arn
""", "E9008 A statement of ForEveryRule lets others send than rules of the template"),
}  # fmt: skip
# What is said of the same breaks beside that.
BESIDE = {
    *(f"E9002 {function} is not traced: set Tracing to Active" for function in (
        "CustomerNotification", "OrderCancellation", "OrderTracking", "Storefront")),
    "E9004 The target Events.Routes of BaristaCallback has no RetryPolicy",
    "E9008 A statement of ForEveryRule names a queue: its Resource must be '*'",
}  # fmt: skip


def said_of(template: str, folder: Path) -> set[str]:
    """What the rules of this project say of a template."""
    (folder / "template.yaml").write_text(template)
    # The workflow's definition lies beside the template.
    (folder / "statemachine").symlink_to(ROOT / "statemachine")
    cfn_lint = [".venv/bin/cfn-lint", "--format", "parseable", str(folder / "template.yaml")]
    done = subprocess.run(cfn_lint, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode != 0
    return {" ".join(found) for found in re.findall(r":(E900\d):(.*)", done.stdout)}


def test_each_break_is_found_and_nothing_else(tmp_path: Path) -> None:
    template = (ROOT / "template.yaml").read_text()
    for old, new, _ in BREAKS.values():
        assert old in template, f"Nothing to break: the template has no {old!r}"
        template = template.replace(old, new, 1)
    said = said_of(template, tmp_path)
    expected = [*BESIDE, *(message for _, _, message in BREAKS.values())]
    assert [each for each in expected if not any(one.startswith(each) for one in said)] == []
    assert [one for one in said if not one.startswith(tuple(expected))] == []

"""Each rule refuses a template that breaks it, be it a small one or the project's own."""

import subprocess
from pathlib import Path

import pytest
from cfnlint.api import lint
from cfnlint.rules import RulesCollection

from tests.contracts.definitions import ROOT

RULES = RulesCollection()
RULES.create_from_directory(str(ROOT / "policies/cloudformation"))

GOOD = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13, Handler: h.h, Tracing: Active}
Resources:
  Maker:
    Type: AWS::Serverless::Function
    Properties:
      Role: !GetAtt MakerRole.Arn
      LoggingConfig: {LogGroup: !Ref MakerLogs}
      Events:
        Orders: {Type: SQS, Properties: {Queue: !GetAtt Orders.Arn}}
  MakerLogs:
    Type: AWS::Logs::LogGroup
    Properties: {RetentionInDays: 30}
  MakerRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
      Policies:
        - PolicyName: Maker
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: [sqs:ReceiveMessage], Resource: !GetAtt Orders.Arn}
              - {Effect: Deny, Action: "sqs:*", Resource: !GetAtt DeadOrders.Arn}
  Brew:
    Type: AWS::Serverless::StateMachine
    Properties: {Definition: {}, Role: !GetAtt BrewRole.Arn, Tracing: {Enabled: true}}
  BrewRole: {Type: AWS::IAM::Role}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Targets:
        - Id: Orders
          Arn: !GetAtt Orders.Arn
          RetryPolicy: {MaximumRetryAttempts: 3}
          DeadLetterConfig: {Arn: !GetAtt DeadOrders.Arn}
  Orders:
    Type: AWS::SQS::Queue
    Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt DeadOrders.Arn, maxReceiveCount: 5}}
  DeadOrders: {Type: AWS::SQS::Queue}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SQS
      MetricName: ApproximateNumberOfMessagesVisible
      Dimensions: [{Name: QueueName, Value: !GetAtt DeadOrders.QueueName}]
      AlarmActions: [!Ref People]
  People: {Type: AWS::SNS::Topic}
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Orders, !Ref DeadOrders]
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: events.amazonaws.com}
            Action: sqs:SendMessage
            Resource: "*"
            Condition: {ArnEquals: {aws:SourceArn: !GetAtt Rule.Arn}}
"""
BROKEN = {
    "no log group": (
        "LoggingConfig: {LogGroup: !Ref MakerLogs}", "", "E9001 Maker has no log group"),
    "log group of another stack": ("!Ref MakerLogs", "other", "E9001 Maker has no log group"),
    "no tracing": (", Tracing: Active", "", "E9002 Maker is not traced: set Tracing to Active"),
    "workflow not traced": ("{Enabled: true}", "{Enabled: false}", "E9002 Brew is not traced"),
    "no role": ("Role: !GetAtt MakerRole.Arn", "", "E9003 Maker has no role of the template"),
    "shared role": (
        "Role: !GetAtt BrewRole.Arn", "Role: !GetAtt MakerRole.Arn",
        "E9003 Maker shares MakerRole with Brew"),
    "no retry policy": (
        "RetryPolicy: {MaximumRetryAttempts: 3}", "",
        "E9004 The target Targets.0 of Rule has no RetryPolicy"),
    "target without DLQ": (
        "          DeadLetterConfig: {Arn: !GetAtt DeadOrders.Arn}", "",
        "E9004 The target Targets.0 of Rule has no dead-letter queue"),
    "rule that SAM makes": (
        "Orders: {Type: SQS, Properties: {Queue: !GetAtt Orders.Arn}}",
        "Orders: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}",
        "E9004 The target Events.Orders of Maker has no dead-letter queue"),
    "queue without DLQ": (
        "{RedrivePolicy: {deadLetterTargetArn: !GetAtt DeadOrders.Arn, maxReceiveCount: 5}}", "{}",
        "E9005 Orders has no dead-letter queue"),
    "no alarm": ("!GetAtt DeadOrders.QueueName", "other", "E9006 DeadOrders has no alarm"),
    "alarm that tells nobody": ("[!Ref People]", "[]", "E9006 DeadOrders has no alarm"),
    "alarm on something else": ("MessagesVisible", "MessagesDelayed", "E9006 DeadOrders has no al"),
    "every action": ("[sqs:ReceiveMessage]", '"*"', "E9007 MakerRole allows the action '*'"),
    "every action of a service": (
        "[sqs:ReceiveMessage]", '[sqs:GetQueueUrl, "sqs:*"]',
        "E9007 MakerRole allows the action 'sqs:*'"),
    "every other action": (
        "Action: [sqs:ReceiveMessage]", "NotAction: sqs:DeleteQueue",
        "E9007 MakerRole allows all actions but"),
    "queue for everybody": (
        "Principal: {Service: events.amazonaws.com}", 'Principal: "*"',
        "E9008 A statement of Policy lets others send"),
    "queue for every rule": (
        "Condition: {ArnEquals: {aws:SourceArn: !GetAtt Rule.Arn}}", "",
        "E9008 A statement of Policy lets others send"),
    "queue for a topic": (
        "aws:SourceArn: !GetAtt Rule.Arn", "aws:SourceArn: [!GetAtt Rule.Arn, !Ref People]",
        "E9008 A statement of Policy lets others send"),
    "statement about two queues": (
        'Resource: "*"', "Resource: [!GetAtt Orders.Arn, !GetAtt DeadOrders.Arn]",
        "E9008 A statement of Policy names a queue"),
}  # fmt: skip
# What is taken out of the project's own template, or put in, and what make lint then says.
BROKEN_HERE = {
    "a function without a log group": (
        "      LoggingConfig: {LogGroup: !Ref StorefrontLogs}\n", "",
        "E9001 Storefront has no log group of its own"),
    "functions without tracing": ("    Tracing: Active\n", "", "E9002 OrderTracking is not traced"),
    "a rule target without DLQ": (
        "          DeadLetterConfig: {Arn: !GetAtt OrderCreatedDeadLetterQueue.Arn}\n", "",
        "E9004 The target Targets.0 of OrderCreatedRule has no dead-letter queue"),
    "an action *": (
        "Action: states:SendTaskFailure", 'Action: "*"',
        "E9007 OrderCancellationRole allows the action '*'"),
    "a queue for another's rules": (
        "- !GetAtt ReconcilerRule.Arn", "- arn:aws:events:eu-central-1:123456789012:rule/theirs",
        "E9008 A statement of QueuePolicy lets others send"),
    "a DLQ without an alarm": (
        "Value: !GetAtt OrderDeletedDeadLetterQueue.QueueName", "Value: other",
        "E9006 OrderDeletedDeadLetterQueue has no alarm"),
}  # fmt: skip


def refused(template: str) -> list[str]:
    """The number and the message of each thing that the rules find in the template."""
    return [f"{match.rule.id} {match.message}" for match in lint(template, RULES)]


def changed(text: str, old: str, new: str) -> str:
    assert old in text, f"Nothing to break: the text has no {old!r}"
    return text.replace(old, new, 1)


def test_a_good_template_passes() -> None:
    assert refused(GOOD) == []


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_template_is_refused(old: str, new: str, message: str) -> None:
    found = refused(changed(GOOD, old, new))
    assert [said for said in found if said.startswith(message)], found


def test_cfn_lint_finds_each_break_in_the_projects_own_template(tmp_path: Path) -> None:
    template = (ROOT / "template.yaml").read_text()
    for old, new, _ in BROKEN_HERE.values():
        template = changed(template, old, new)
    (tmp_path / "template.yaml").write_text(template)
    # The workflow's definition lies beside the template.
    (tmp_path / "statemachine").symlink_to(ROOT / "statemachine")
    cfn_lint = [".venv/bin/cfn-lint", "--format", "parseable", str(tmp_path / "template.yaml")]
    done = subprocess.run(cfn_lint, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode != 0
    for _, _, message in BROKEN_HERE.values():
        number, _, said = message.partition(" ")
        assert f":{number}:{said}" in done.stdout

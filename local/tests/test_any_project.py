"""A SAM project in a folder of its own, which knows nothing of the coffee shop and its checkout."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from conftest import free_port

from embedded_localstack.checkout import Checkout
from embedded_localstack.processes import function_processes, localstack_processes, sam_processes

FILES = {
    "template.yaml": """
Transform: AWS::Serverless-2016-10-31
Parameters: {Greeting: {Type: String}}
Resources:
  Table: {Type: AWS::Serverless::SimpleTable}
  Queue: {Type: AWS::SQS::Queue}
  Keep:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: keep.handler
      CodeUri: code
      Environment: {Variables: {TABLE: !Ref Table, GREETING: !Ref Greeting}}
      Policies: [{DynamoDBWritePolicy: {TableName: !Ref Table}}]
      Events: {Sent: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}
Outputs: {Function: {Value: !Ref Keep}, Queue: {Value: !Ref Queue}, Table: {Value: !Ref Table}}
""",
    "samconfig.toml": """
version = 0.1
[default.global.parameters]
stack_name = "tiny"
[local.deploy.parameters]
parameter_overrides = "Greeting=Hello"
""",
    "code/keep.py": """
import os, boto3
def handler(event, context):
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
    for record in event["Records"]:
        table.put_item(Item={"id": record["body"]})
    return os.environ["GREETING"]
""",
    "try.py": """
import json, os, time, boto3
stack = os.environ["AWS_SAM_STACK_NAME"]
(found,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
its = {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}
event = json.dumps({"Records": [{"body": "invoked"}]})
answer = boto3.client("lambda").invoke(FunctionName=its["Function"], Payload=event)
print(stack, json.loads(answer["Payload"].read()))
boto3.client("sqs").send_message(QueueUrl=its["Queue"], MessageBody="sent")
table, deadline = boto3.resource("dynamodb").Table(its["Table"]), time.monotonic() + 20
while len(kept := table.scan()["Items"]) < 2 and time.monotonic() < deadline:
    time.sleep(0.1)
print(sorted(item["id"] for item in kept))
raise SystemExit(7)
""",
}
SAM_FOLDER = Path(__file__).parents[2] / ".venv" / "bin"


def test_its_stack_is_there_for_a_command_and_gone_afterwards(tmp_path: Path) -> None:
    project = Checkout(tmp_path.resolve(), free_port())
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    path = f"{SAM_FOLDER}:{os.environ['PATH']}"
    variables = os.environ | {"PATH": path, "LOCALSTACK_PORT": str(project.port)}
    run = [sys.executable, "-m", "embedded_localstack", "run", "--", sys.executable, "try.py"]
    # The port after LocalStack's is for projects with users.
    with socket.create_server(("127.0.0.1", project.issuer_port)):
        ran = subprocess.run(
            run,
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert (ran.returncode, ran.stdout) == (7, "tiny Hello\n['invoked', 'sent']\n"), ran.stderr
    files = project.server_files
    left = localstack_processes(files) + function_processes(files)
    assert left + sam_processes(project.sam_files) == []
    assert not files.exists()

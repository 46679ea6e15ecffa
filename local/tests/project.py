"""A checkout with a stand-in for the SAM CLI, and a shell in it.

The stand-in builds nothing and deploys a small stack of the same kinds of resources: the real one
takes longer, and has tests of its own in this repository's end-to-end tests.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from conftest import ROLE, free_port
from parts import MACHINE_ROLE

from embedded_localstack import stack
from embedded_localstack.checkout import Checkout
from embedded_localstack.processes import function_processes, localstack_processes

SAM = """\
#!{python}
import os, shutil, sys, time

print("sam", *sys.argv[1:], flush=True)
if sys.argv[1] == "build":
    folder = sys.argv[sys.argv.index("--build-dir") + 1]
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
if os.path.exists("broken"):
    sys.exit("There is no template.")
while os.path.exists("slow-" + sys.argv[1]):
    time.sleep(0.05)
if sys.argv[1] == "build":
    sys.exit(0)

import uuid
from hashlib import sha256
import boto3

with open("statemachine/workflow.json", "rb") as file:
    workflow = file.read()
key = sha256(workflow).hexdigest()
boto3.client("s3").put_object(Bucket="sam-artifacts", Key=key, Body=workflow)
with open("template.yaml") as file:
    text = file.read().replace("WORKFLOW", key)
# As AlwaysDeploy has it.
text = text.replace("AlwaysDeployed", "Deployment" + uuid.uuid4().hex[:10])
if sys.argv[1] == "package":
    with open(sys.argv[sys.argv.index("--output-template-file") + 1], "w") as file:
        file.write(text)
else:
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(StackName="coffee-orders", TemplateBody=text)
    status = "CREATE_IN_PROGRESS"
    while status == "CREATE_IN_PROGRESS":
        time.sleep(0.1)
        (stack,) = cloudformation.describe_stacks(StackName="coffee-orders")["Stacks"]
        status = stack["StackStatus"]
    if status != "CREATE_COMPLETE":
        sys.exit("The stack is " + status)
"""

FUNCTION = """\
import os
def handler(event, context):
    return {"statusCode": 200, "body": "a " + os.environ["DRINK"]}
"""

TEMPLATE = """\
Parameters:
  Drink: {Type: String, Default: Flat white}
  LocalStackEndpoint: {Type: String, Default: ""}
  OidcIssuer: {Type: String, Default: ""}
Resources:
  Config:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: PK, AttributeType: S}]
      KeySchema: [{AttributeName: PK, KeyType: HASH}]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Role: FUNCTION_ROLE
      Handler: index.handler
      MemorySize: 128
      Code: {ZipFile: FUNCTION_CODE}
      Environment: {Variables: {DRINK: !Ref Drink}}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: MACHINE_ROLE
      DefinitionS3Location: {Bucket: sam-artifacts, Key: WORKFLOW}
      DefinitionSubstitutions: {Drink: !Ref Drink}
  Bus:
    Type: AWS::Events::EventBus
    Properties: {Name: bus}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: {source: [shop]}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        openapi: 3.0.1
        info: {title: api, version: "1"}
        paths:
          /menu:
            get:
              x-amazon-apigateway-integration:
                type: aws_proxy
                httpMethod: POST
                uri: !Sub "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/\\
                  ${Function.Arn}/invocations"
  AlwaysDeployed:
    Type: AWS::ApiGateway::Deployment
    Properties: {RestApiId: !Ref Api}
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: !Ref Api, StageName: v1, DeploymentId: !Ref AlwaysDeployed}
Outputs:
  ConfigTableName: {Value: !Ref Config}
  Machine: {Value: !Ref Machine}
  ApiUrl: {Value: !Ref Api}
  OrderPageUrl: {Value: "http://the.api/order"}
  CounterPageUrl: {Value: "http://the.api/counter"}
"""

WORKFLOW = {
    "StartAt": "Wait",
    "States": {"Wait": {"Type": "Wait", "Seconds": 1000, "Comment": "a ${Drink}", "End": True}},
}

MAIN = """\
import sys
from pathlib import Path
from embedded_localstack.__main__ import main
sys.exit(main(sys.argv[2:], Path(sys.argv[1])))
"""


class Project:
    """A checkout, and a shell in it."""

    def __init__(self, root: Path) -> None:
        self.checkout = Checkout(root.resolve(), free_port())
        program = self.checkout.root / ".venv" / "bin" / "sam"
        program.parent.mkdir(parents=True)
        program.write_text(SAM.format(python=sys.executable))
        program.chmod(0o755)
        for source in stack.SOURCES:
            path = self.checkout.root / source
            path.touch() if path.suffix else path.mkdir()
        self.change_template("", "")
        self.write_workflow(json.dumps(WORKFLOW))

    def change_template(self, old: str, new: str) -> None:
        """Write the template as it is at first, with one change."""
        assert old in TEMPLATE
        text = TEMPLATE.replace(old, new)
        for name, value in {
            "FUNCTION_ROLE": ROLE,
            "MACHINE_ROLE": MACHINE_ROLE,
            "FUNCTION_CODE": json.dumps(FUNCTION),
        }.items():
            text = text.replace(name, value)
        (self.checkout.root / "template.yaml").write_text(text)

    def write_workflow(self, text: str) -> None:
        (self.checkout.root / "statemachine" / "workflow.json").write_text(text)

    def begin(self, *arguments: str, port: int | None = None) -> subprocess.Popen[str]:
        persons = {"AWS_PROFILE": "production", "AWS_ENDPOINT_URL": "http://elsewhere"}
        return subprocess.Popen(
            [sys.executable, "-c", MAIN, self.checkout.root, *arguments],
            env={**os.environ, **persons, "LOCALSTACK_PORT": str(port or self.checkout.port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str, port: int | None = None) -> tuple[int, str, str]:
        process = self.begin(*arguments, port=port)
        output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors

    @property
    def processes(self) -> set[int]:
        files = self.checkout.server_files
        found = localstack_processes(files) + function_processes(files)
        return {process.pid for process in found}

    @property
    def sam_commands(self) -> list[str]:
        """What the last `up` had the SAM CLI do."""
        return [line.split()[1] for line in self.checkout.sam_log.read_text().splitlines()]

    @property
    def files(self) -> set[str]:
        return {path.name for path in self.checkout.state.iterdir()}

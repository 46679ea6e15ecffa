"""A checkout with a stand-in for the SAM CLI, and a shell in it.

The stand-in copies what there is to build and deploys a small stack of the same kinds of resources:
the real one takes longer, and has tests of its own in this repository's end-to-end tests.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from conftest import ROLE, free_port
from parts import MACHINE_ROLE

from coffee_shop import CoffeeShop
from embedded_localstack.processes import function_processes, localstack_processes, sam_processes

SAM = """\
#!/bin/sh
"exec" "{python}" "$0" "$@"
import os, shutil, sys, time

print("sam", *sys.argv[1:], flush=True)
if sys.argv[1] == "build":
    folder = sys.argv[sys.argv.index("--build-dir") + 1]
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree("functions", folder + "/Function")
    if os.path.exists("broken"):
        sys.exit("There is no template.")
while os.path.exists("slow-" + sys.argv[1]):
    time.sleep(0.05)
if sys.argv[1] == "build":
    sys.exit(0)

import boto3

s3, cloudformation = boto3.client("s3"), boto3.client("cloudformation")
built = os.path.dirname(sys.argv[sys.argv.index("--template-file") + 1])
archive = shutil.make_archive(os.environ["TMPDIR"] + "/code", "zip", built + "/Function")
for key, path in (("code", archive), ("workflow", "statemachine/workflow.asl.json")):
    s3.upload_file(path, "sam-artifacts", key)
with open("template.yaml") as file:
    cloudformation.create_stack(StackName="coffee-orders", TemplateBody=file.read())
created = cloudformation.get_waiter("stack_create_complete")
created.wait(StackName="coffee-orders", WaiterConfig={{"Delay": 0.1}})
"""

FUNCTION = """\
def handler(event, context):
    return "a Flat white"
"""

TEMPLATE = f"""\
Resources:
  Config:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{{AttributeName: PK, AttributeType: S}}]
      KeySchema: [{{AttributeName: PK, KeyType: HASH}}]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Role: {ROLE}
      Handler: index.handler
      MemorySize: 128
      Code: {{S3Bucket: sam-artifacts, S3Key: code}}
  Version:
    Type: AWS::Lambda::Version
    Properties: {{FunctionName: !Ref Function}}
  Alias:
    Type: AWS::Lambda::Alias
    Properties:
      FunctionName: !Ref Function
      FunctionVersion: !GetAtt Version.Version
      Name: live
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: {MACHINE_ROLE}
      DefinitionS3Location: {{Bucket: sam-artifacts, Key: workflow}}
      DefinitionSubstitutions: {{Table: !Ref Config}}
Outputs:
  ConfigTableName: {{Value: !Ref Config}}
  Function: {{Value: !Ref Function}}
  Machine: {{Value: !Ref Machine}}
  ApiUrl: {{Value: "http://the.api"}}
  OrderPageUrl: {{Value: "http://the.api/order"}}
  CounterPageUrl: {{Value: "http://the.api/counter"}}
  BoardPageUrl: {{Value: "http://the.api/board"}}
  WorkflowPageUrl: {{Value: "http://the.api/workflow"}}
"""

WORKFLOW = {
    "StartAt": "Wait",
    "States": {"Wait": {"Type": "Wait", "Seconds": 1000, "Comment": "${Table}", "End": True}},
}

MAIN = """\
import sys
from pathlib import Path
from coffee_shop import CoffeeShop
from embedded_localstack.__main__ import main
sys.exit(main(sys.argv[2:], Path(sys.argv[1]), CoffeeShop))
"""


class Project:
    """A checkout, and a shell in it."""

    def __init__(self, root: Path) -> None:
        self.checkout = CoffeeShop(root.resolve(), free_port())
        program = self.path(".venv/bin/sam")
        program.parent.mkdir(parents=True)
        program.write_text(SAM.format(python=sys.executable))
        program.chmod(0o755)
        for name in ("samconfig.toml", "uv.lock"):
            self.path(name).touch()
        for name in ("functions", "statemachine"):
            self.path(name).mkdir()
        self.restore()

    def path(self, name: str) -> Path:
        return self.checkout.root / name

    def restore(self) -> None:
        """Give the sources the text that they have at first."""
        self.path("template.yaml").write_text(TEMPLATE)
        self.path("functions/index.py").write_text(FUNCTION)
        self.write_workflow(json.dumps(WORKFLOW))

    def change(self, name: str, old: str, new: str) -> None:
        text = self.path(name).read_text()
        assert old in text
        self.path(name).write_text(text.replace(old, new))

    def write_workflow(self, text: str) -> None:
        self.path("statemachine/workflow.asl.json").write_text(text)

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

    def sam(self, command: str) -> list[int]:
        """The processes of the SAM CLI that carry out a command."""
        found = sam_processes(self.checkout.sam_files)
        return [process.pid for process in found if command in process.cmdline()]

    @property
    def sam_commands(self) -> list[str]:
        """What the last `up` had the SAM CLI do."""
        return [line.split()[1] for line in self.checkout.sam_log.read_text().splitlines()]

    @property
    def files(self) -> set[str]:
        return {path.name for path in self.checkout.state.iterdir()}

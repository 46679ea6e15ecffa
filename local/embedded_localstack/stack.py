"""Builds and deploys the stack with the SAM CLI, and updates its code."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from embedded_localstack.checkout import ARTIFACT_BUCKET, REGION, Checkout
from embedded_localstack.problem import Problem, end_of
from embedded_localstack.sam import deploy_arguments, sam

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


@contextmanager
def run_sam(checkout: Checkout, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the SAM CLI during the block, with its output in a log.

    Raises Problem if it is not installed.
    """
    checkout.sam_files.mkdir(exist_ok=True)
    environment = os.environ | {"SAM_CLI_POLL_DELAY": "0.2"}
    with (
        checkout.sam_log.open("ab") as log,
        sam(
            checkout.root, *arguments, environment=environment, files=checkout.sam_files, log=log
        ) as process,
    ):
        yield process


def require_success(checkout: Checkout, process: subprocess.Popen[bytes], doing: str) -> None:
    """Wait for the SAM CLI; raise Problem with the end of its log if it fails."""
    if process.wait() != 0:
        raise Problem(f"{doing} failed.\n{end_of(checkout.sam_log)}")


def sources(checkout: Checkout) -> dict[str, str]:
    """Return a hash of each thing that the deployed stack depends on, by its name."""
    parameters = json.dumps(checkout.parameters()).encode()
    return {"parameters": sha256(parameters).hexdigest()} | {
        path.name: _hash(path)
        for source in checkout.sources
        for path in sorted(checkout.root.glob(source))
    }


def changes(checkout: Checkout, current: Mapping[str, str]) -> set[str] | None:
    """Return which sources have changed since the stack was deployed, or None without a stack."""
    stack = described(checkout.stack)
    if stack is None:
        return None
    noted = _noted(checkout)
    if noted["deployment"] != _deployment(stack):
        return {"the deployed stack"}  # By others, or by a deployment that did not end well.
    before = noted["sources"]
    return {name for name in {*before, *current} if before.get(name) != current.get(name)}


def note(checkout: Checkout, current: Mapping[str, str]) -> None:
    """Note what was deployed; the note ends with this LocalStack."""
    noted: dict[str, Any] = {
        "deployment": _deployment(described(checkout.stack)),
        "sources": current,
    }
    if checkout.workflow:
        deployed = _deployed_workflow(checkout)["definition"]
        noted["substitutions"] = substitutions(_workflow(checkout), deployed)
    checkout.deployed_note.write_text(json.dumps(noted))


def described(name: str) -> "StackTypeDef | None":
    """Describe a deployed stack; None if there is none."""
    try:
        (stack,) = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":  # As if there were none.
            raise
        return None
    return stack


def outputs(checkout: Checkout) -> dict[str, str]:
    """Return the outputs of the deployed stack."""
    stack = described(checkout.stack)
    found = stack.get("Outputs", []) if stack else []
    return {each["OutputKey"]: each["OutputValue"] for each in found}


def deploy(checkout: Checkout) -> None:
    """Deploy what was built, to a LocalStack without the stack; raise Problem if that fails."""
    arguments = deploy_arguments(
        checkout.packages, checkout.stack, REGION, ARTIFACT_BUCKET, checkout.parameters()
    )
    with run_sam(checkout, *arguments) as process:
        require_success(checkout, process, "Deploying the stack")


def update(checkout: Checkout, changed: set[str]) -> None:
    """Put the workflow and the built functions into the running stack; nothing else changes.

    Raises Problem if the definition is refused. What was not updated then still counts as changed.
    """
    if checkout.workflow in changed:
        _update_workflow(checkout)
    if checkout.functions in changed:
        functions = _resources(checkout, "AWS::Lambda::Function")
        with ThreadPoolExecutor() as pool:  # Each waits most of its time.
            list(pool.map(partial(_update_function, checkout), functions, functions.values()))


def substitutions(source: str, deployed: str) -> dict[str, str]:
    """Return what a deployed definition has in place of each ${name} of its source.

    CloudFormation tells no one the values of DefinitionSubstitutions. Raises ValueError if the
    definition was not made from this source.
    """
    pattern = re.escape(source)
    for name in set(re.findall(r"\$\{(\w+)\}", source)):
        place = re.escape(f"${{{name}}}")
        pattern = pattern.replace(place, f"(?P<{name}>.*?)", 1).replace(place, f"(?P={name})")
    found = re.fullmatch(pattern, deployed, re.DOTALL)
    if not found:
        raise ValueError("the definition was not made from this source")
    return found.groupdict()


def _hash(source: Path) -> str:
    digest = sha256()
    for path in sorted([source, *source.rglob("*")]):
        name = path.relative_to(source)
        if path.is_file() and not {"node_modules", "__pycache__"} & {*name.parts}:
            digest.update(f"{name} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _noted(checkout: Checkout) -> dict[str, Any]:
    noted: dict[str, Any] = {"deployment": None}
    with suppress(FileNotFoundError):
        noted = json.loads(checkout.deployed_note.read_text())
    return noted


def _deployment(stack: "StackTypeDef | None") -> str:
    """An id of the stack and its latest operation, empty if there is no stack."""
    return f"{stack.get('StackId')} {stack.get('ChangeSetId')}" if stack else ""


def _resources(checkout: Checkout, kind: str) -> dict[str, str]:
    """The stack's resources of a type: their physical ids by their names in the template."""
    found = boto3.client("cloudformation").describe_stack_resources(StackName=checkout.stack)
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for each in found["StackResources"]
        if each["ResourceType"] == kind
    }


def _workflow(checkout: Checkout) -> str:
    (file,) = (checkout.root / checkout.workflow).glob("*.asl.json")
    return file.read_text(encoding="utf-8")


def _deployed_workflow(checkout: Checkout) -> Any:
    (arn,) = _resources(checkout, "AWS::StepFunctions::StateMachine").values()
    return boto3.client("stepfunctions").describe_state_machine(stateMachineArn=arn)


def _update_workflow(checkout: Checkout) -> None:
    definition = _workflow(checkout)
    for name, value in _noted(checkout)["substitutions"].items():
        definition = definition.replace(f"${{{name}}}", value)
    stepfunctions = boto3.client("stepfunctions")
    try:
        stepfunctions.update_state_machine(
            stateMachineArn=_deployed_workflow(checkout)["stateMachineArn"], definition=definition
        )
    except stepfunctions.exceptions.InvalidDefinition as error:
        reason = error.response["Error"]["Message"]
        raise Problem(f"The workflow's definition is invalid. {reason}") from None


def _update_function(checkout: Checkout, name: str, function: str) -> None:
    """Publish what was built as a version, which the function's aliases then show."""
    lambda_ = boto3.client("lambda")
    archive = shutil.make_archive(
        str(checkout.sam_files / name), "zip", root_dir=checkout.packages / name
    )
    version = lambda_.update_function_code(
        FunctionName=function, ZipFile=Path(archive).read_bytes(), Publish=True
    )["Version"]
    for waiter, qualifier in (("function_updated_v2", "$LATEST"), ("function_active_v2", version)):
        lambda_.get_waiter(waiter).wait(FunctionName=function, Qualifier=qualifier)  # type: ignore[call-overload]
    for alias in lambda_.list_aliases(FunctionName=function)["Aliases"]:
        lambda_.update_alias(FunctionName=function, Name=alias["Name"], FunctionVersion=version)

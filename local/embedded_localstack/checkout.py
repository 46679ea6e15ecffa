"""The paths and the environments of the LocalStack of one project."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

REGION: Final = "eu-central-1"

ARTIFACT_BUCKET: Final = "sam-artifacts"
"""The S3 bucket for functions and templates."""

STOCK: Final = os.environ.get("STOCK_LOCALSTACK") == "1"
"""Whether LocalStack runs unchanged, as in Docker.

Even then it has our executor of functions, provider of DynamoDB, folder of S3 and server on the
loopback address. Every other plug-in of ours checks this.
"""

FUNCTION_PYTHON: Final = Path(__file__).parents[1] / "runtime" / ".venv" / "bin" / "python"
"""The Python that runs functions. It has only `awslambdaric` and boto3 (local/runtime)."""

SERVICES: Final = (
    "apigateway,cloudformation,cloudwatch,dynamodb,events,iam,lambda,logs,s3,sns,sqs,ssm,"
    "stepfunctions,sts"
)
"""The services that are loaded at start. Any other loads when it is first called."""

PROVIDERS: Final = {"dynamodb": "moto", "s3": "own_folder"}
"""The services that this package provides itself, and the plug-in of each."""

TEST_ACCOUNT: Final = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",  # pragma: allowlist secret
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
"""What an AWS SDK reads beside an endpoint. Some read one of the regions, some the other."""


def libraries() -> dict[str, str]:
    """Return the caller's variables without which not every Python finds its libraries."""
    names = ("LD_LIBRARY_PATH", "DYLD_", "NIX_LD")
    return {name: value for name, value in os.environ.items() if name.startswith(names)}


def in_test_account(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return `inherited` with the test account instead of all that is the caller's of AWS."""
    kept = {name: value for name, value in inherited.items() if not name.startswith("AWS_")}
    return kept | TEST_ACCOUNT


@dataclass(frozen=True)
class Checkout:
    """A SAM project's folder, and the port that its LocalStack listens on.

    A project that has more to say says it in a class of its own, as local/coffee_shop does.
    """

    command: ClassVar[str] = "python -m embedded_localstack"
    """How a person gives the commands."""

    sources: ClassVar[tuple[str, ...]] = ("[!.]*",)
    """What a deployment depends on: patterns of names in the folder."""

    functions: ClassVar[str] = ""
    workflow: ClassVar[str] = ""
    """The sources whose change is put into a running stack: folders of all functions, and of the
    only state machine. Any other change takes a new LocalStack.
    """

    users: ClassVar[Mapping[str, Any]] = {}
    """The claims of each person who can sign in at the OpenID provider; without any, none runs."""

    root: Path
    port: int

    @property
    def stack(self) -> str:
        """The stack's name: the first one in samconfig.toml, or else made of the folder's."""
        config = self.root / "samconfig.toml"
        text = config.read_text() if config.exists() else ""
        found = re.search(r'^stack_name *= *"(.+)"', text, re.MULTILINE)
        return found[1] if found else re.sub("[^A-Za-z0-9]+", "-", self.root.name).strip("-")

    def parameters(self) -> dict[str, str]:
        """Return the template's parameters, which samconfig.toml may have instead."""
        return {}

    def begin(self, outputs: Mapping[str, str]) -> str:  # noqa: ARG002 - for a project's own
        """Do what is left to do when the stack is deployed; return what to tell of it."""
        return ""

    def addresses(self, outputs: Mapping[str, str]) -> dict[str, str]:
        """Return what `up` prints."""
        return dict(outputs)

    @property
    def endpoint(self) -> str:
        """The URL of LocalStack, for every service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def issuer(self) -> str:
        """The OpenID provider."""
        return f"http://127.0.0.1:{self.issuer_port}"

    @property
    def issuer_port(self) -> int:
        """The port after LocalStack's."""
        return self.port + 1

    @property
    def state(self) -> Path:
        """The folder for everything that is written. Each project has its own."""
        return self.root / ".localstack"

    @property
    def server_files(self) -> Path:
        """The folder that LocalStack itself writes to; it lasts as long as LocalStack does."""
        return self.state / "server"

    @property
    def deployed_note(self) -> Path:
        """A note of what was deployed last, and from what."""
        return self.server_files / "deployed"

    @property
    def server_log(self) -> Path:
        """The log of LocalStack."""
        return self.state / "localstack.log"

    @property
    def sam_files(self) -> Path:
        """The folder that the SAM CLI keeps its own and its temporary files in."""
        return self.state / "sam"

    @property
    def packages(self) -> Path:
        """The folder of the functions built for this machine; `sam build` has another.

        By its path a makefile can know what it builds for.
        """
        return self.state / "functions" / "build"

    @property
    def built_note(self) -> Path:
        """A note of what the packages were built from; `sam build` deletes it with their folder."""
        return self.packages / "sources"

    @property
    def sam_log(self) -> Path:
        """The log of the last `sam build` and `sam deploy`."""
        return self.state / "sam.log"

    def server_environment(self) -> dict[str, str]:
        """Return LocalStack's environment. It has only PATH and `libraries` from the caller's.

        Sources: localstack/config.py of LocalStack 4.14, and its configuration reference.
        """
        address = f"127.0.0.1:{self.port}"
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            **libraries(),
            "PYTHONUTF8": "1",  # Not every system has a locale C.UTF-8.
            # plux keeps a cache of entry points there, which would outlive a changed plug-in.
            "HOME": str(self.server_files / "home"),
            # Not TMPDIR, of which LocalStack warns as an old setting of its own.
            "TMP": str(self.server_files / "tmp"),
            "FILESYSTEM_ROOT": str(self.server_files),
            "GATEWAY_LISTEN": address,
            "GATEWAY_SERVER": "loopback",
            "LOCALSTACK_HOST": address,
            # Queue URLs under LOCALSTACK_HOST; the default host name needs a name server.
            "SQS_ENDPOINT_STRATEGY": "path",
            "SERVICES": SERVICES,
            "EAGER_SERVICE_LOADING": "1",
            "STRICT_SERVICE_LOADING": "0",
            "LAMBDA_RUNTIME_EXECUTOR": "process",
            "SIGN_IN_USERS": json.dumps(self.users),
            **{
                f"PROVIDER_OVERRIDE_{service.upper()}": provider
                for service, provider in PROVIDERS.items()
            },
            **({"STOCK_LOCALSTACK": "1"} if STOCK else _changed_settings()),
            # What would leave this machine: a DNS server and its upstream, a certificate, usage
            # statistics.
            "DNS_ADDRESS": "0",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "DISABLE_EVENTS": "1",
        }

    def client_variables(self) -> dict[str, str]:
        """Return the variables that make any AWS client use LocalStack."""
        return {"AWS_ENDPOINT_URL": self.endpoint, **TEST_ACCOUNT}

    def client_environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return `inherited` with LocalStack instead of the caller's AWS account."""
        no_proxy = [inherited.get("NO_PROXY", inherited.get("no_proxy", "")), "127.0.0.1"]
        return in_test_account(inherited) | {
            "AWS_ENDPOINT_URL": self.endpoint,
            **dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(filter(None, no_proxy))),
        }


def _changed_settings() -> dict[str, str]:
    return {
        # No pause between two looks into a queue, for each look waits (corrections.py).
        "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0",
        # Nobody looks at the queues' metrics; the functions write theirs into their logs.
        "SQS_DISABLE_CLOUDWATCH_METRICS": "1",
        # Services call each other through the gateway, but not over HTTP.
        "IN_MEMORY_CLIENT": os.environ.get("IN_MEMORY_CLIENT", "1"),
    }

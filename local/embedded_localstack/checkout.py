"""Where one checkout keeps its LocalStack, and the environments of everything that is run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REGION: Final = "eu-central-1"

ARTIFACT_BUCKET: Final = "sam-artifacts"
"""What a deployment takes functions and templates from."""

STOCK: Final = os.environ.get("STOCK_LOCALSTACK") == "1"
"""Whether LocalStack is to do what it does by itself, as that of Docker.

What it runs on here is ours all the same: the executor of functions, the provider of DynamoDB, the
folder of S3 and the server on the loopback address. Each other plug-in of ours asks for this.
"""

FUNCTION_PYTHON: Final = Path(__file__).parents[1] / "runtime" / ".venv" / "bin" / "python"
"""What runs functions: it has `awslambdaric` and boto3, and nothing else (local/runtime)."""

SERVICES: Final = (
    "apigateway,cloudformation,cloudwatch,dynamodb,dynamodbstreams,events,iam,lambda,logs,s3,sns,"
    "sqs,ssm,stepfunctions,sts"
)
"""What the stack uses. Loaded at start; any other service loads when it is first called."""

PROVIDERS: Final = {"dynamodb": "moto", "dynamodbstreams": "moto", "s3": "own_folder"}
"""The services that this package provides itself, and by which of its plug-ins."""


@dataclass(frozen=True)
class Checkout:
    """A checkout of the repository and the port that its LocalStack listens on."""

    root: Path
    port: int

    @property
    def endpoint(self) -> str:
        """The URL of LocalStack, for every service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def issuer(self) -> str:
        """The OpenID provider that baristas sign in with."""
        return f"http://127.0.0.1:{self.issuer_port}"

    @property
    def issuer_port(self) -> int:
        """The next port: beside that of LocalStack it is as free."""
        return self.port + 1

    @property
    def state(self) -> Path:
        """The folder that holds everything that is written: no two checkouts share one."""
        return self.root / ".localstack"

    @property
    def server_files(self) -> Path:
        """The folder that LocalStack itself writes to; it lasts as long as LocalStack does."""
        return self.state / "server"

    @property
    def deployed_note(self) -> Path:
        """What was deployed last; there is none while that is under way."""
        return self.server_files / "deployed"

    @property
    def server_log(self) -> Path:
        """What LocalStack prints."""
        return self.state / "localstack.log"

    @property
    def sam_files(self) -> Path:
        """The folder that the SAM CLI keeps its own and its temporary files in."""
        return self.state / "sam"

    @property
    def packages(self) -> Path:
        """What functions are built into for this machine; what goes to AWS has a folder of its own.

        functions/Makefile knows by the folder's path what to build for.
        """
        return self.state / "functions" / "build"

    @property
    def built_note(self) -> Path:
        """What the packages were built from; `sam build` empties their folder before it begins."""
        return self.packages / "sources"

    @property
    def sam_log(self) -> Path:
        """What the last `sam build` and `sam deploy` printed."""
        return self.state / "sam.log"

    def server_environment(self) -> dict[str, str]:
        """Give LocalStack's environment: nothing of the caller's but PATH reaches it.

        Sources: localstack/config.py of LocalStack 4.14, and its configuration reference.
        """
        address = f"127.0.0.1:{self.port}"
        return {
            "PATH": os.environ.get("PATH", os.defpath),
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
        """Give what makes any AWS client talk to LocalStack."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",  # pragma: allowlist secret
            "AWS_DEFAULT_REGION": REGION,
        }

    def client_environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Give `inherited` with LocalStack in the place of the caller's own AWS account."""
        kept = {name: value for name, value in inherited.items() if not name.startswith("AWS_")}
        no_proxy = [inherited.get("NO_PROXY", inherited.get("no_proxy", "")), "127.0.0.1"]
        return kept | {
            **self.client_variables(),
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            **dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(filter(None, no_proxy))),
        }

    def sam_environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Give the environment of the SAM CLI."""
        return self.client_environment(inherited) | {
            "PATH": ":".join([str(self.root / ".venv" / "bin"), inherited.get("PATH", os.defpath)]),
            "SAM_CLI_POLL_DELAY": "0.2",
        }


def _changed_settings() -> dict[str, str]:
    return {
        # No pause between two looks into a queue, for each look waits (corrections.py).
        "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0",
        "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "0.01",
        # Nobody looks at the queues' metrics; the functions write theirs into their logs.
        "SQS_DISABLE_CLOUDWATCH_METRICS": "1",
        # Services call each other through the gateway, but not over HTTP.
        "IN_MEMORY_CLIENT": os.environ.get("IN_MEMORY_CLIENT", "1"),
        "SPEED_UPS_OFF": os.environ.get("SPEED_UPS_OFF", ""),
    }

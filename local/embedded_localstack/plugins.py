"""The entry points by which LocalStack finds the services that this package adds to it."""

from pathlib import Path

from localstack import config
from localstack.aws.api.dynamodb import DynamodbApi
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.plugins import Service, aws_provider
from localstack.services.s3.provider import S3Provider
from localstack.services.s3.storage.ephemeral import EphemeralS3ObjectStore

from embedded_localstack.dynamodb import serialized
from embedded_localstack.functions.executor import ProcessRuntimeExecutor


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """Offers `LAMBDA_RUNTIME_EXECUTOR=process`."""

    name = "process"

    def load(self) -> type[ProcessRuntimeExecutor]:
        """Give LocalStack the class of which it makes one object an execution environment."""
        return ProcessRuntimeExecutor


@aws_provider(api="dynamodb", name="moto")
def dynamodb() -> Service:
    """Offer `PROVIDER_OVERRIDE_DYNAMODB=moto`."""
    return Service.for_provider(DynamodbApi(), dispatch_table_factory=serialized)


@aws_provider(api="s3", name="own_folder")
def s3() -> Service:
    """Offer `PROVIDER_OVERRIDE_S3=own_folder`: LocalStack's S3, with its files among the others.

    By itself it keeps them in /tmp/localstack-s3-storage (services/s3/provider.py), which every
    LocalStack on a machine would share.
    """
    storage = EphemeralS3ObjectStore(str(Path(config.dirs.tmp) / "s3"))
    return Service.for_provider(S3Provider(storage))

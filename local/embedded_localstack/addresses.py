"""Gives an API the same id at each start, so that its address stays and bookmarks lead to it."""

from hashlib import sha256
from typing import Final

from localstack.runtime import hooks
from localstack.utils.id_generator import localstack_id_manager
from moto.apigateway.models import apigateway_backends
from moto.apigateway.utils import ApigwRestApiIdentifier
from moto.utilities.id_generator import IdSourceContext

from embedded_localstack.checkout import STOCK

ID_LENGTH: Final = 10
"""In characters, as on AWS."""


@hooks.on_infra_start(should_load=not STOCK)
def keep_addresses() -> None:
    """Have LocalStack ask for the id of what it makes; it asks for the tag `_custom_id_` first."""
    localstack_id_manager.add_id_source(id_by_name)


def id_by_name(context: IdSourceContext) -> str | None:
    """The id of an API, unless another API of this name has it; None leaves it to chance."""
    api = context["resource_identifier"]
    if not isinstance(api, ApigwRestApiIdentifier):
        return None
    found = sha256(api.name.encode()).hexdigest()[:ID_LENGTH]
    taken = apigateway_backends[api.account_id][api.region].apis
    return None if found in taken else found

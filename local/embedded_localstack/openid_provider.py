"""The OpenID provider of a project with users, in LocalStack's process, on the port after its.

It is a mock, made for tests: it asks for no password. It ends when LocalStack does.
"""

import json
import os
from datetime import timedelta
from threading import Thread
from typing import Final

import oidc_provider_mock
from localstack.config import GATEWAY_LISTEN
from localstack.runtime import hooks
from werkzeug.serving import make_server

A_DAYS_WORK: Final = timedelta(hours=12)
"""How long a sign-in lasts; refresh tokens expire at the same time."""


# Not at the start: nobody signs in before the stack is deployed.
@hooks.on_infra_ready()
def serve_sign_in() -> None:
    """Start the provider. LocalStack calls this when it is ready, the unchanged one too."""
    claims = json.loads(os.environ["SIGN_IN_USERS"])
    if not claims:
        return
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # Without TLS, on the loopback address only.
    users = [oidc_provider_mock.User(sub=name, claims=claims[name]) for name in claims]
    app = oidc_provider_mock.app(user_claims=users, access_token_max_age=A_DAYS_WORK)
    server = make_server("127.0.0.1", GATEWAY_LISTEN[0].port + 1, app, threaded=True)
    Thread(target=server.serve_forever, name="openid-provider", daemon=True).start()

"""The OpenID provider is gone: who is signed in works on, and an operator hears of it."""

from contextlib import ExitStack

import pytest
import requests

from harness.deployment import Stack
from tests.e2e.deploying import deployed_shop
from tests.pages.provider import running

from .conftest import watched
from .figures import say
from .watch import Watch

SIGN_INS = 3


@pytest.mark.usefixtures("_built")
@pytest.mark.alarms("OpenIdProviderAlarm")
def test_the_openid_provider_does_not_answer(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # On loopback it speaks HTTP.
    with ExitStack() as alive, ExitStack() as opening:
        provider = alive.enter_context(running())
        stack = Stack("faults-signed-in", issuer=provider.issuer)
        shop = opening.enter_context(deployed_shop(stack))
        shop.sign_in(provider.token("Julia", minutes=60))
        with watched(request, Watch(shop)):
            assert shop.get("/store").status_code == 200
            alive.close()
            sign_in = {"code": "c", "verifier": "v" * 43, "nonce": "n" * 43}
            sign_in["redirectUri"] = shop.outputs["CounterPageUrl"]
            from_our_page = {"Sec-Fetch-Site": "same-origin"}
            for _ in range(SIGN_INS):
                answer = requests.post(
                    f"{shop.outputs['ApiUrl']}/session",
                    json=sign_in,
                    headers=from_our_page,
                    timeout=20,
                )
                assert answer.status_code == 503, answer.text
            assert shop.get("/store").status_code == 200
    say(f"{SIGN_INS} sign-ins at a dead provider: 0 got in, and who was signed in worked on")

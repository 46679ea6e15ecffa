"""The OpenID provider is gone: who is signed in works on, and an operator hears of it."""

from contextlib import ExitStack

import pytest

from harness.deployment import Stack
from tests.e2e.deploying import deployed_shop
from tests.pages.provider import running
from tests.pages.test_staff_routes import session

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
            for _ in range(SIGN_INS):
                answer = session(shop, "POST", {"Sec-Fetch-Site": "same-origin"})
                assert answer.status_code == 503, answer.text
            assert shop.get("/store").status_code == 200
    say(f"{SIGN_INS} sign-ins at a dead provider: 0 got in, and who was signed in worked on")

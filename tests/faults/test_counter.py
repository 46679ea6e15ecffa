"""A counter with a sign-in: strangers who flood it, and an OpenID provider that is gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import requests

from harness.deployment import ROOT, Stack
from harness.ledger import audit
from harness.polling import until
from harness.queues import Queues
from harness.shop import DeployedShop
from tests.e2e.deploying import deployed_shop
from tests.gateway import Gateway
from tests.pages.provider import running

from .conftest import watched
from .crowd import new_orders
from .figures import say
from .watch import Watch

SIGN_INS = 3
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
COMPLETE, SESSION = "/orders/{orderId}/complete", "/session"
SECONDS, CLICKS, RENEWALS = 120, 200, 20  # How long a laptop asks, and how often a second.


@pytest.fixture(scope="module")
def provider() -> Iterator[ExitStack]:
    """The OpenID provider, until this is closed."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as alive:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # On loopback it speaks HTTP.
        yield alive


@pytest.fixture(scope="module")
def counter(_built: None, provider: ExitStack) -> Iterator[DeployedShop]:
    """A shop where Julia has signed in."""
    people = provider.enter_context(running())
    with deployed_shop(Stack("faults-signed-in", issuer=people.issuer)) as shop:
        shop.sign_in(people.token("Julia", minutes=60))
        yield shop


def test_a_laptop_floods_the_staffs_routes(
    request: pytest.FixtureRequest, counter: DeployedShop
) -> None:
    """AWS WAF and API Gateway are played by the template's numbers, on a clock of their own.

    As long as they let the stranger in, a click and a renewal of each second are sent.
    """
    gateway, orders, let_in, sent = Gateway("prod"), new_orders(10), 0, 0
    with watched(request, Watch(counter)):
        counter.prepare(*orders)
        waiting = list(orders)
        for second in range(SECONDS):
            admitted = [
                gateway.admits(second + number / rate, "a laptop", method, resource)
                for rate, method, resource in (
                    (CLICKS, "POST", COMPLETE),
                    (RENEWALS, "PUT", SESSION),
                )
                for number in range(rate)
            ]
            if any(admitted):
                let_in += sum(admitted)
                sent += 2
                path = COMPLETE.format(orderId=orders[-1].order_id)
                stranger = requests.post(counter.outputs["ApiUrl"] + path, json={}, timeout=20)
                assert stranger.status_code == 401, stranger.text
                stranger = requests.put(
                    counter.outputs["ApiUrl"] + SESSION, headers=FROM_OUR_PAGE, timeout=20
                )
                assert stranger.status_code == 401, stranger.text
            assert gateway.admits(second + 0.99, "the counter", "PUT", SESSION)
            if second % (SECONDS // len(orders)) == 0:
                assert gateway.admits(second + 0.99, "the counter", "POST", COMPLETE)
                counter.complete(waiting.pop())
        assert not waiting
        findings = audit(counter, Queues(counter.stack_name), orders)
    faults = f"{let_in} requests without a token let in, {sent} of them sent"
    findings.report("a laptop floods the staff's routes", faults)


@contextmanager
def make_play(shop: DeployedShop) -> Iterator[subprocess.Popen[bytes]]:
    """The program of `make play` at a shop."""
    command = [sys.executable, "local/play.py", "--seconds", "20", "--seed", "7"]
    here = {"PYTHONPATH": ".", "AWS_SAM_STACK_NAME": shop.stack_name}
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | here) as program:
        yield program
    shop.close_up()


def test_make_play_loses_nothing_and_leaves_nothing(counter: DeployedShop) -> None:
    with make_play(counter) as program:
        pass
    assert program.returncode == 0


def test_make_play_that_is_interrupted_leaves_nothing(counter: DeployedShop) -> None:
    with make_play(counter) as program:
        until("orders at the counter", counter.counter, bool)
        program.send_signal(signal.SIGINT)
    assert program.returncode == 130


@pytest.mark.alarms("OpenIdProviderAlarm")
def test_the_openid_provider_does_not_answer(
    request: pytest.FixtureRequest, counter: DeployedShop, provider: ExitStack
) -> None:
    with watched(request, Watch(counter)):
        assert counter.get("/store").status_code == 200
        provider.close()
        sign_in = {"code": "c", "verifier": "v" * 43, "nonce": "n" * 43}
        sign_in["redirectUri"] = counter.outputs["CounterPageUrl"]
        for _ in range(SIGN_INS):
            answer = requests.post(
                f"{counter.outputs['ApiUrl']}/session",
                json=sign_in,
                headers=FROM_OUR_PAGE,
                timeout=20,
            )
            assert answer.status_code == 503, answer.text
        assert counter.get("/store").status_code == 200
    say(f"{SIGN_INS} sign-ins at a dead provider: 0 got in, and who was signed in worked on")

"""Safari's engine keeps other cookies than Chromium's: here it signs in.

It is a WebKitGTK, driven by https://www.w3.org/TR/webdriver2/.
"""

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Any

import pytest
import requests

from harness.polling import until
from harness.shop import DeployedShop

DRIVER = shutil.which("WebKitWebDriver")
SCREEN = shutil.which("Xvfb")
WINDOW = next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"), None)
MISSING = "Safari's engine is not installed: apt-get install webkit2gtk-driver xvfb"
CLICK = """
    const found = [...document.querySelectorAll('button')].find((one) =>
        one.checkVisibility() && one.textContent.trim() === %s);
    found?.click();
    return Boolean(found);
"""

pytestmark = pytest.mark.skipif(not (DRIVER and SCREEN and WINDOW), reason=MISSING)


@pytest.fixture
def tell() -> Iterator[Callable[..., Any]]:
    """Gives a command, with its parameters, to a window on a screen that nobody sees."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        driver = f"http://127.0.0.1:{free.getsockname()[1]}"
    with ExitStack() as running:

        def start(*command: object, **variables: str) -> Popen[bytes]:
            environment = os.environ | variables
            process = running.enter_context(
                Popen(list(map(str, command)), env=environment, stdout=PIPE, stderr=DEVNULL)
            )
            running.callback(process.terminate)
            return process

        screen = start(SCREEN, "-displayfd", "1", "-nolisten", "tcp").stdout
        assert screen
        display = screen.readline().decode().strip()
        start(DRIVER, f"--port={driver.rpartition(':')[2]}", DISPLAY=f":{display}")
        until("driver", lambda: is_up(driver), bool)
        options = {"binary": str(WINDOW), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        session = post(f"{driver}/session", capabilities=wanted)["sessionId"]
        yield lambda command, **body: post(f"{driver}/session/{session}/{command}", **body)
        requests.delete(f"{driver}/session/{session}", timeout=60)


def is_up(driver: str) -> bool:
    try:
        return bool(requests.get(f"{driver}/status", timeout=60).json()["value"]["ready"])
    except requests.ConnectionError:
        return False


def post(address: str, /, **body: object) -> Any:
    answer = requests.post(address, json=body, timeout=60)
    assert answer.ok, answer.text
    return answer.json()["value"]


def test_a_barista_signs_in_with_safaris_engine(
    shop: DeployedShop, tell: Callable[..., Any]
) -> None:
    def run(script: str) -> Any:
        return tell("execute/sync", script=script, args=[])

    def click(button: str) -> None:
        until(f"button {button!r}", lambda: run(CLICK % json.dumps(button)), bool)

    def reads(text: str) -> None:
        script = "return document.body.innerText"
        until(f"text {text!r}", lambda: run(script), lambda seen: text in seen)

    tell("url", url=shop.outputs["CounterPageUrl"])
    click("Sign in")
    click("Julia")  # The provider, which shows no more than the name.
    reads("Signed in as Julia")
    reads("No orders at the moment.")
    tell("url", url=shop.outputs["CounterPageUrl"])
    reads("Signed in as Julia")

"""Drives a WebKitGTK, which has Safari's engine.

The protocol: https://www.w3.org/TR/webdriver2/
"""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import requests

from harness.polling import until

DRIVER: Final = shutil.which("WebKitWebDriver")
SCREEN: Final = shutil.which("Xvfb")
WINDOW: Final = next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"), None)
MISSING: Final = "Safari's engine is not installed: apt-get install webkit2gtk-driver xvfb"
SECONDS: Final = 60


class WebKit:
    """A browser's window."""

    def __init__(self, session: str) -> None:
        self._session = session

    def goto(self, url: str) -> None:
        _ask("POST", f"{self._session}/url", {"url": url})

    def run(self, script: str) -> Any:
        """What the script returns."""
        return _ask("POST", f"{self._session}/execute/sync", {"script": script, "args": []})

    def click(self, button: str) -> None:
        """Click a button as soon as it is there."""
        script = (
            "const found = [...document.querySelectorAll('button')].find((one) =>"
            f" one.checkVisibility() && one.textContent.trim() === {json.dumps(button)});"
            "found?.click(); return Boolean(found)"
        )
        until(f"button {button!r}", lambda: self.run(script), bool)

    def reads(self, text: str) -> None:
        script = "return document.body.innerText"
        until(f"text {text!r}", lambda: self.run(script), lambda seen: text in seen)


@contextmanager
def webkit() -> Iterator[WebKit]:
    """A window on a screen that nobody sees."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with _running([str(SCREEN), "-displayfd", "1", "-nolisten", "tcp"]) as screen:
        assert screen.stdout
        display = f":{screen.stdout.readline().decode().strip()}"
        with _running([str(DRIVER), f"--port={port}"], DISPLAY=display):
            driver = f"http://127.0.0.1:{port}"
            until("driver", lambda: _is_up(driver), bool)
            options = {"binary": str(WINDOW), "args": ["--automation"]}
            wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
            made = _ask("POST", f"{driver}/session", {"capabilities": wanted})
            session = f"{driver}/session/{made['sessionId']}"
            try:
                yield WebKit(session)
            finally:
                _ask("DELETE", session)


def _is_up(driver: str) -> bool:
    try:
        return bool(_ask("GET", f"{driver}/status")["ready"])
    except requests.ConnectionError:
        return False


def _ask(method: str, url: str, body: object = None) -> Any:
    answer = requests.request(method, url, json=body, timeout=SECONDS)
    value = answer.json()["value"]
    if not answer.ok:
        raise RuntimeError(value)
    return value


@contextmanager
def _running(command: list[str], **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | variables
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.terminate()

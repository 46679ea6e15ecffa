"""Ends LocalStack when nobody uses it any longer, in LocalStack's own process.

Who uses it stops it (server.py), but not who was killed: only the locks of those are gone.
"""

import os
import time
from pathlib import Path
from threading import Thread
from typing import Final

from localstack.config import GATEWAY_LISTEN
from localstack.runtime import hooks

from embedded_localstack import server
from embedded_localstack.checkout import Checkout

LOOK_SECONDS: Final = 1


@hooks.on_infra_start()
def end_with_the_last_user() -> None:
    """Begin to look. LocalStack calls this as it starts, the unchanged one too."""
    Thread(target=_look, name="lease", daemon=True).start()


def _look() -> None:
    files = Path(os.environ["FILESYSTEM_ROOT"])
    checkout = Checkout(files.parents[1], GATEWAY_LISTEN[0].port)
    while True:
        time.sleep(LOOK_SECONDS)
        server.end_unused(checkout)

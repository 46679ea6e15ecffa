"""Safari's engine keeps other cookies than Chromium's: here it signs in."""

import pytest

from harness.webkit import DRIVER, MISSING, SCREEN, WINDOW, webkit
from harness.shop import DeployedShop


@pytest.mark.skipif(not (DRIVER and SCREEN and WINDOW), reason=MISSING)
def test_a_barista_signs_in_with_safaris_engine(shop: DeployedShop) -> None:
    with webkit() as julia:
        julia.goto(shop.outputs["CounterPageUrl"])
        julia.click("Sign in")
        julia.click("Julia")  # The provider, which shows no more than the name.
        julia.reads("Signed in as Julia")
        julia.reads("No orders at the moment.")
        julia.goto(shop.outputs["CounterPageUrl"])
        julia.reads("Signed in as Julia")

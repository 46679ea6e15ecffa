"""`python -m coffee_shop COMMAND`: runs the coffee shop on this machine, without AWS."""

import sys
from pathlib import Path

from coffee_shop import CoffeeShop
from embedded_localstack.__main__ import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).resolve().parents[2], CoffeeShop))

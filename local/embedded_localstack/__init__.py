"""LocalStack on this machine without Docker: its plug-ins, and the commands that run it."""

import os
import sys

# A standard input that was closed is an empty one, for children as well. Before all other imports,
# for the first file that is opened would take its place.
if sys.stdin is None:
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115 - for as long as this process lives
    os.set_inheritable(sys.stdin.fileno(), True)

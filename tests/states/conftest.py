"""TestState needs no stack, only credentials that an emulator takes."""

from tests.e2e.deploying import use_test_account

use_test_account()  # Before any client is made.

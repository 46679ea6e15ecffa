"""No test reads the AWS settings of who runs it, but those of make aws-check, which are for AWS."""

from harness.aws import ON_AWS, is_deployed, use_test_account

if not (ON_AWS and is_deployed()):
    use_test_account()  # Before any client is made.

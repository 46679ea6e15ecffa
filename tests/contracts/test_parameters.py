"""What the template's parameters open, and what they can't."""

import json
import re

import pytest

from tests.contracts.definitions import ROOT, resources, states, template

PARAMETERS = template()["Parameters"]


def test_only_a_parameter_of_its_own_opens_the_staffs_routes() -> None:
    function = resources("AWS::Serverless::Function")["BaristaCallback"]
    assert function["Environment"]["Variables"]["UNSIGNED_STAFF"] == {"Ref": "UnsignedStaff"}
    assert PARAMETERS["UnsignedStaff"]["Default"] == "refused"
    assert PARAMETERS["UnsignedStaff"]["AllowedValues"] == ["refused", "allowed"]


@pytest.mark.parametrize(
    ("issuer", "allowed"),
    [
        ("", True),
        ("https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc", True),
        ("https://people.example:8443/realms/shop", True),
        ("http://127.0.0.1:4567", True),
        ("http://localhost:4567/realms/shop", True),
        ("http://[::1]:4567", True),
        ("http://localhost.localstack.cloud:4567", True),  # As in compose.yaml.
        ("http://people.example", False),
        ("http://127.0.0.1.people.example", False),
        ("http://localhost@people.example", False),
        ("http://localhost:1@people.example", False),
        ("http://localhost.people.example/", False),
        ("http://192.168.0.17:4567", False),
        ("https://", False),
        ("https://people.example and more", False),
        ("people.example", False),
        ("ftp://people.example", False),
    ],
)
def test_tokens_are_trusted_over_tls_or_on_this_machine(issuer: str, allowed: bool) -> None:
    """CloudFormation wants all of the value to match.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """
    matched = re.fullmatch(PARAMETERS["OidcIssuer"]["AllowedPattern"], issuer)
    assert (matched is not None) is allowed


def test_a_heartbeat_is_shorter_than_the_time_out_of_its_task() -> None:
    """Else Step Functions refuses the task, and every order breaks.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
    """
    limit = states()["Awaiting order completion"]["TimeoutSeconds"]
    pattern = re.compile(PARAMETERS["HeartbeatSeconds"]["AllowedPattern"])
    allowed = [seconds for seconds in range(100_001) if pattern.fullmatch(str(seconds))]
    assert allowed == list(range(1, limit))


@pytest.mark.parametrize("name", ["ContactEmail", "ContactPhone"])
@pytest.mark.parametrize(
    ("contact", "allowed"),
    [
        ("Ada O'Neil & Zoë <ada@example.com> $1", True),
        ("08001234", True),
        ('Ada "A" <ada@example.com>', False),
        ("ada\\n", False),
        ("ada\n", False),
        ("${Partition}", False),
        ("{% $order %}", False),
        ("", False),
    ],
)
def test_a_contact_stays_a_string_in_the_definition(name: str, contact: str, allowed: bool) -> None:
    matched = re.fullmatch(PARAMETERS[name]["AllowedPattern"], contact)
    assert (matched is not None) is allowed
    if allowed:
        definition = (ROOT / "statemachine" / "order_processor.asl.json").read_text()
        assert f'"{contact}"' in json.dumps(
            json.loads(definition.replace(f"${{{name}}}", contact)), ensure_ascii=False
        )

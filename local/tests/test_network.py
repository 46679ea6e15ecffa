"""Who reaches LocalStack on this machine, and for how long a connection stays open."""

import json
import socket
from collections.abc import Callable
from typing import Any
from unittest.mock import MagicMock
from urllib.parse import quote

import pytest
from rolo.gateway import Gateway
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock

from embedded_localstack.checkout import Checkout
from embedded_localstack.network import OwnGateway

QUEUE = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
CREATE_STACK = (
    "/?Action=CreateStack&Version=2010-05-15&StackName=from-a-page"
    f"&TemplateBody={quote(json.dumps(QUEUE))}"
)
ORDER_PAGE = "/_aws/execute-api/no-api/v1/order?code=1&state=2"
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
IMAGE = {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}


def ask(checkout: Checkout, path: str, *lines: str, method: str = "GET") -> int:
    """Send a request with these header lines and no other; return the answer's status."""
    request = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "Connection: close", "", ""])
    with socket.create_connection(("127.0.0.1", checkout.port), timeout=30) as connection:
        connection.sendall(request.replace("PORT", str(checkout.port)).encode())
        with connection.makefile() as answer:
            return int(answer.readline().split()[1])


def fetched(site: str, more: dict[str, str]) -> list[str]:
    """What a browser adds to a request."""
    headers = {"Host": "127.0.0.1:PORT", "Sec-Fetch-Site": site} | more
    return [f"{name}: {value}" for name, value in headers.items()]


@pytest.mark.parametrize("host", ["127.0.0.1:PORT", "localhost:PORT", "LOCALHOST:PORT"])
def test_programs_call_it_by_a_name_of_this_machine(checkout: Checkout, host: str) -> None:
    assert ask(checkout, "/_localstack/plugins", f"Host: {host}") == 200


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("Host:",),
        ("Host: rebound.example.com:PORT",),
        ("Host: localhost.localstack.cloud:PORT",),
        ("Host: 127.0.0.1.example.com:PORT",),
        ("Host: 127.0.0.1",),
        ("Host: localhost:80",),
        ("Host: 127.0.0.1:PORT", "Host: rebound.example.com:PORT"),
    ],
    ids=", ".join,
)
def test_no_other_name_leads_to_it(checkout: Checkout, lines: tuple[str, ...]) -> None:
    assert ask(checkout, "/_localstack/plugins", *lines) in {400, 403}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("how", [IMAGE, NAVIGATION], ids=["image", "link"])
def test_no_page_creates_a_stack(
    checkout: Checkout, client: Callable[[str], Any], site: str, how: dict[str, str]
) -> None:
    assert ask(checkout, CREATE_STACK, *fetched(site, how)) == 403
    stacks = client("cloudformation").list_stacks()["StackSummaries"]
    assert "from-a-page" not in {stack["StackName"] for stack in stacks}


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_its_own_pages_and_a_person_reach_everything(checkout: Checkout, site: str) -> None:
    assert ask(checkout, "/_localstack/plugins", *fetched(site, IMAGE)) == 200


def test_a_link_from_elsewhere_leads_to_an_api_only(checkout: Checkout) -> None:
    link, no_such_api = fetched("cross-site", NAVIGATION), 404
    assert ask(checkout, ORDER_PAGE, *link) == no_such_api
    for elsewhere in ("/../../../_localstack/plugins", "//order", "/%2e%2e/order", "?Action="):
        assert ask(checkout, ORDER_PAGE.replace("/order", elsewhere), *link) == 403
    assert ask(checkout, ORDER_PAGE, *link, "Content-Length: 0", method="POST") == 403
    in_a_frame = fetched("cross-site", NAVIGATION | {"Sec-Fetch-Dest": "iframe"})
    assert ask(checkout, ORDER_PAGE, *in_a_frame) == 403


def test_an_idle_connection_stays_open() -> None:
    clock, connection = Clock(), MagicMock()
    site: Any = OwnGateway(Gateway())
    site.reactor = clock
    site.buildProtocol(IPv4Address("TCP", "127.0.0.1", 1)).makeConnection(connection)

    clock.advance(3600)

    assert not connection.loseConnection.called

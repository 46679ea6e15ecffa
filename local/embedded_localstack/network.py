"""Keeps LocalStack on this machine: it listens on the loopback address, and uses no DNS."""

import re
from typing import Any, Final, override

from localstack.config import HostAndPort
from localstack.runtime import hooks
from localstack.runtime.server.core import RuntimeServerPlugin
from localstack.runtime.server.twisted import TwistedRuntimeServer
from localstack.utils.aws import aws_stack
from rolo.gateway import Gateway
from rolo.serving.twisted import TwistedGateway
from twisted.internet import endpoints, reactor
from twisted.web.pages import forbidden
from twisted.web.server import Request

from embedded_localstack.checkout import STOCK

_BACKLOG: Final = 1000
"""Connections that may wait to be accepted. With Twisted's 50, a burst delays some by a second."""


_OF_AN_API: Final = re.compile(rb"/_aws/execute-api/[\w-]+/[\w-]+(/[\w-]+)+")


class OwnGateway(TwistedGateway):
    """Serves programs and LocalStack's own pages, but refuses requests from other web pages.

    Any web page could create functions, which run as the person at the browser. LocalStack checks
    Origin and Referer (aws/handlers/cors.py), which an image need not send, but not Host, and a
    page can point a name of its own at this machine (DNS rebinding). Browsers send where a request
    comes from (https://www.w3.org/TR/fetch-metadata/); programs do not.
    """

    def __init__(self, gateway: Gateway) -> None:
        """Keep idle connections open, unless LocalStack is to be stock.

        Twisted closes them after a minute (twisted/web/http.py). A task of a workflow that sends
        its request at that moment fails, because its client does not retry.
        """
        super().__init__(gateway)
        if not STOCK:
            self.timeOut = None

    @override
    def getResourceFor(self, request: Request) -> Any:
        """Refuse a request with a Host that is not this machine's, or from another page."""
        port, fields = request.getHost().port, request.requestHeaders.getRawHeaders
        names = [[b"127.0.0.1:%d" % port], [b"localhost:%d" % port]]
        by_name = [host.lower() for host in fields(b"Host", [])] in names
        from_here = fields(b"Sec-Fetch-Site") in (None, [b"none"], [b"same-origin"])
        # After a sign-in at a provider the browser opens a page of an API, which is allowed.
        how = (request.method, fields(b"Sec-Fetch-Mode"), fields(b"Sec-Fetch-Dest"))
        opens = how == (b"GET", [b"navigate"], [b"document"]) and _OF_AN_API.fullmatch(request.path)
        if by_name and (from_here or opens):
            return super().getResourceFor(request)
        return forbidden("LocalStack is for programs on this machine, which call it 127.0.0.1.")


class LoopbackServer(TwistedRuntimeServer):
    """Listens only on the addresses in GATEWAY_LISTEN.

    LocalStack's own server takes only the port from an IPv4 address and listens on all interfaces
    (localstack/runtime/server/twisted.py), where anyone could create a function and run it.
    """

    @override
    def register(
        self,
        gateway: Gateway,
        listen: list[HostAndPort],
        ssl_creds: tuple[str, str] | None = None,
    ) -> None:
        """Serve the gateway over HTTP only: LocalStack's certificate is for a public name."""
        for address in listen:
            endpoint = endpoints.TCP4ServerEndpoint(
                reactor, address.port, backlog=_BACKLOG, interface=address.host
            )
            endpoint.listen(OwnGateway(gateway))


class LoopbackServerPlugin(RuntimeServerPlugin):
    """Offers `GATEWAY_SERVER=loopback`. LocalStack does not start if it cannot find that."""

    name = "loopback"

    @override
    def load(self) -> LoopbackServer:
        """Give LocalStack its one server."""
        return LoopbackServer()


@hooks.on_infra_start(priority=100)
def look_up_no_name() -> None:
    """Prevent the DNS query for `s3.127.0.0.1`, which can take seconds offline.

    This sets the cached answer that there is no such name (utils/aws/aws_stack.py,
    `get_s3_hostname`).
    """
    # LocalStack types its variable by its first value, None.
    aws_stack.CACHE_S3_HOSTNAME_DNS_STATUS = False  # type: ignore[assignment]

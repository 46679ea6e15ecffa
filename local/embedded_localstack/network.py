"""Keeps LocalStack to this machine: nobody else reaches it, and it asks no name server."""

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
"""Connections that may wait to be accepted; with Twisted's 50, a burst loses some for a second."""


_PAGES: Final = re.compile(rb"/_aws/execute-api/[^/]+/[^/]+/(order|counter)")


class OwnGateway(TwistedGateway):
    """Serves programs and LocalStack's own pages, but no other page that a browser here shows.

    Any page of the web could create functions, which run as the person at the browser: LocalStack
    looks at Origin and Referer (aws/handlers/cors.py), which an image need not send, and not at the
    host, which a page can have a name of its own lead to. Browsers say where a request comes from
    (https://www.w3.org/TR/fetch-metadata/), and programs do not.
    """

    @override
    def getResourceFor(self, request: Request) -> Any:
        """Refuse what is asked for by a name that is not this machine's, or by another page."""
        port, fields = request.getHost().port, request.requestHeaders.getRawHeaders
        names = [[b"127.0.0.1:%d" % port], [b"localhost:%d" % port]]
        by_name = [host.lower() for host in fields(b"Host", [])] in names
        from_here = fields(b"Sec-Fetch-Site") in (None, [b"none"], [b"same-origin"])
        # As after a sign-in at the provider: the browser opens a page of ours, and no more.
        how = (request.method, fields(b"Sec-Fetch-Mode"), fields(b"Sec-Fetch-Dest"))
        opens = how == (b"GET", [b"navigate"], [b"document"]) and _PAGES.fullmatch(request.path)
        if by_name and (from_here or opens):
            return super().getResourceFor(request)
        return forbidden("LocalStack is for programs on this machine, which call it 127.0.0.1.")


class LoopbackServer(TwistedRuntimeServer):
    """Listens on the addresses in GATEWAY_LISTEN and on no other.

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
        """Serve the gateway, over HTTP alone: LocalStack's certificate is for a public name.

        Idle connections stay open. Twisted's server closes them after a minute, and a task of a
        workflow that sends its request in that moment fails (twisted/web/http.py): its client does
        not try twice.
        """
        for address in listen:
            endpoint = endpoints.TCP4ServerEndpoint(
                reactor, address.port, backlog=_BACKLOG, interface=address.host
            )
            site = OwnGateway(gateway)
            if not STOCK:
                site.timeOut = None
            endpoint.listen(site)


class LoopbackServerPlugin(RuntimeServerPlugin):
    """Offers `GATEWAY_SERVER=loopback`. LocalStack does not start if it cannot find that."""

    name = "loopback"

    @override
    def load(self) -> LoopbackServer:
        """Give LocalStack its one server."""
        return LoopbackServer()


@hooks.on_infra_start(priority=100)
def look_up_no_name() -> None:
    """Spare the name server a question about `s3.127.0.0.1`, before any service asks it.

    Offline that can take as long as a name server is given to answer (utils/aws/aws_stack.py,
    `get_s3_hostname`). What is noted here is the answer that there is no such name.
    """
    # LocalStack types its variable by its first value, None.
    aws_stack.CACHE_S3_HOSTNAME_DNS_STATUS = False  # type: ignore[assignment]

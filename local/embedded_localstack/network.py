"""Keeps LocalStack to this machine: nobody else reaches it, and it asks no name server."""

from typing import Final, override

from localstack.config import HostAndPort
from localstack.runtime import hooks
from localstack.runtime.server.core import RuntimeServerPlugin
from localstack.runtime.server.twisted import TwistedRuntimeServer
from localstack.utils.aws import aws_stack
from rolo.gateway import Gateway
from rolo.serving.twisted import TwistedGateway
from twisted.internet import endpoints, reactor

from embedded_localstack.checkout import STOCK

_BACKLOG: Final = 1000
"""Connections that may wait to be accepted; with Twisted's 50, a burst loses some for a second."""


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
            site = TwistedGateway(gateway)
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

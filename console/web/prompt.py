"""HTTP/1.1 whose answers leave at once."""

import asyncio
import socket

from uvicorn.protocols.http.h11_impl import H11Protocol


class PromptProtocol(H11Protocol):
    """uvicorn's protocol with Nagle's algorithm off.

    asyncio turns it off for sockets that it opened itself; those that processes share come from uvicorn, and every answer of two
    writes, head and body, would wait 40 ms for the browser's delayed acknowledgement.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in H11Protocol
        """A browser has connected."""
        peer: socket.socket | None = transport.get_extra_info("socket")
        if peer is not None and peer.family in (socket.AF_INET, socket.AF_INET6):
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)

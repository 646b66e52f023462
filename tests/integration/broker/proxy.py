"""A TCP proxy whose link can be cut during a test: pass, blackhole (nothing moves or closes), reset, refuse."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

_RESET = struct.pack("ii", 1, 0)  # linger for 0 seconds: close() sends a reset


class Proxy:
    """Listens on `port` of 127.0.0.1 and passes bytes to `target`."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._moving = threading.Event()
        self._moving.set()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._refusing = False
        self._closed = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.accepted = 0  # connections so far
        self._spawn(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closed = True
        self._moving.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.reset()
        for thread in self._threads:
            thread.join(5)

    def blackhole(self) -> None:
        """From now on bytes are neither moved nor refused."""
        self._moving.clear()

    def heal(self) -> None:
        """Pass again what was held and what comes."""
        self._refusing = False
        self._moving.set()

    def refuse(self) -> None:
        """Reset every connection, also the new ones, until healed."""
        self._refusing = True
        self.reset()

    def half_close(self) -> None:
        """End every connection's way to us: we read an end of file, what we write still goes through."""
        for each in self._sockets[::2]:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Cut every connection with a TCP reset."""
        sockets, self._sockets = self._sockets, []
        for each in sockets:
            with contextlib.suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        for each in sockets:
            _close(each)

    def _spawn(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refusing:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                client.close()
                continue
            server = socket.create_connection(self._target)
            self.accepted += 1
            self._sockets += [client, server]
            self._spawn(self._pump, client, server)
            self._spawn(self._pump, server, client)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._moving.wait()
                sink.sendall(data)
        for each in (source, sink):
            _close(each)


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RD)  # wakes the thread that reads it
    connection.close()

"""One connection to the broker that comes back by itself."""

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from functools import partial

import pika
from pika.adapters.select_connection import IOLoop, SelectConnection
from pika.exceptions import (
    AMQPConnectionError,
    ConnectionClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from domain.errors import BadSetting, BrokerGone
from pipeline.amqp_url import SETTING, addresses, masked
from pipeline.backoff import Backoff

ANSWER_WITHIN = 10.0  # seconds; a quorum queue without a leader does not answer for a minute or more
HEARTBEAT = 10  # seconds; a dead peer is noticed after two of them and ten seconds more
TCP_USER_TIMEOUT = 15_000  # milliseconds that written bytes may stay unacknowledged
_STABLE = 5.0  # seconds that a connection must live before the waiting times start from the beginning

_log = logging.getLogger(__name__)


class Link:
    """One connection on a thread of its own. `up(connection)` and `down()` are called on that thread."""

    def __init__(self, urls: str, role: str, up: Callable[[SelectConnection], None], down: Callable[[], None]) -> None:
        """Returns when connected; raises BrokerGone when no host of `urls` lets us in, BadSetting for a bad URL."""
        self._urls, self._up, self._down = urls, up, down
        self._hosts = [_parameters(url, role) for url in addresses(urls)]
        self._connection: SelectConnection | None = None
        self._error: BaseException | None = None  # why the newest connection ended
        self._refused: BaseException | None = None  # why the first one failed
        self._first, self._closing = threading.Event(), threading.Event()
        self.connected = False
        # pika logs each failure with a traceback; what it says arrives here as exceptions
        logging.getLogger("pika").setLevel(logging.CRITICAL)
        self._thread = threading.Thread(target=self._run, name=f"amqp-{role}", daemon=True)
        self._thread.start()
        self._first.wait()
        if self._refused:
            self._thread.join()
            raise BrokerGone(explained(self._refused, urls)) from self._refused

    @property
    def ended(self) -> bool:
        """Whether the thread is over: nothing will ever arrive again."""
        return not self._thread.is_alive()

    def call(self, action: Callable[[], None]) -> None:
        """Run `action` on the connection's thread; dropped when there is no connection."""
        connection = self._connection
        if connection is not None:
            connection.ioloop.add_callback_threadsafe(action)

    def abort(self, reason: str) -> None:
        """Drop the connection without asking the broker, which does not answer. On the connection's thread only."""
        if self._connection is not None:
            _log.warning("broker connection dropped: %s", reason)
            # pika's public close() waits for the answer that does not come; its heartbeat checker calls this too
            self._connection._terminate_stream(AMQPConnectionError(reason))  # type: ignore[attr-defined]

    def close(self) -> None:
        """Close the connection for good; returns within seconds even when the broker is silent."""
        self._closing.set()
        self.call(self._say_goodbye)
        self._thread.join(5)
        if self._thread.is_alive():
            self.call(partial(self.abort, "no answer to connection.close"))
            self._thread.join(5)

    def _run(self) -> None:
        backoff = Backoff()
        while not self._closing.is_set():
            started = time.monotonic()
            if not any(self._live(host) for host in self._hosts) and not self._first.is_set():
                self._refused = self._error
                break
            if time.monotonic() - started > _STABLE:
                backoff.reset()
            self._closing.wait(backoff.next())
        self._first.set()

    def _live(self, host: pika.URLParameters) -> bool:
        """One connection, from opening to its end. Whether it was ever open."""
        loop, opened = IOLoop(), False

        def on_open(connection: SelectConnection) -> None:
            nonlocal opened
            opened, self._error, self.connected = True, None, True
            self._first.set()
            self._up(connection)

        def on_end(_: SelectConnection, error: BaseException) -> None:
            self._error = error
            loop.stop()

        try:
            self._connection = SelectConnection(host, on_open, on_end, on_end, custom_ioloop=loop)
            loop.start()
        except Exception as error:  # noqa: BLE001 # pika 1.4 raises ValueError for a socket that is reset while it connects:
            # whatever escapes its loop is the end of this connection, never of the thread that reconnects
            self._error = error
            _close_sockets(error)
            self._drop_remains()
        self._connection, self.connected = None, False
        loop.close()
        self._report(opened)
        return opened

    def _drop_remains(self) -> None:
        """Close the socket of a connection whose loop has failed."""
        with contextlib.suppress(Exception):
            self.abort("its loop failed")

    def _report(self, opened: bool) -> None:
        if opened:
            self._down()
        if self._first.is_set() and self._error and not self._closing.is_set():
            _log.warning("%s", explained(self._error, self._urls))

    def _say_goodbye(self) -> None:
        if self._connection is not None and not (self._connection.is_closing or self._connection.is_closed):
            self._connection.close()


def _close_sockets(error: BaseException) -> None:
    """Close the socket that pika was connecting with: after such an error nothing else refers to it."""
    trace = error.__traceback__
    while trace is not None:
        held = trace.tb_frame.f_locals.get("sock")
        if isinstance(held, socket.socket):
            held.close()
        trace = trace.tb_next


def explained(error: BaseException, urls: str) -> str:
    """One sentence: which setting, what is wrong, what to do."""
    where = f"{SETTING} ({masked(urls)})"
    cause = _innermost(error)
    text = " ".join(str(getattr(cause, "reply_text", None) or getattr(cause, "strerror", None) or cause).split())
    if isinstance(cause, ProbableAuthenticationError):
        return f"{where}: RabbitMQ refuses this user or password (guest may only log in from the broker's own host)"
    if isinstance(cause, ProbableAccessDeniedError) or getattr(cause, "reply_code", 0) == 530:  # not allowed
        why = text.rpartition(" - ")[2].rstrip("')\"")
        return f"{where}: RabbitMQ does not let this user into the virtual host: {why}"
    if isinstance(cause, ConnectionClosedByBroker):
        return f"{where}: RabbitMQ closed the connection: {text}"
    return f"{where}: RabbitMQ does not answer ({text or type(cause).__name__}); start it, or run: coedi dev up"


def _innermost(error: BaseException) -> BaseException:
    """pika wraps what happened in the steps that it took; the newest attempt tells most."""
    while True:
        inner = getattr(error, "exceptions", None) or getattr(error, "exception", None) or error.args[:1]
        nested = inner[-1] if isinstance(inner, list | tuple) and inner else inner
        if not isinstance(nested, BaseException):
            return error
        error = nested


def _parameters(url: str, role: str) -> pika.URLParameters:
    try:
        parameters = pika.URLParameters(url)
    except (ValueError, TypeError) as error:
        raise BadSetting(f"{SETTING}: {masked(url)} cannot be read: {error}") from None
    parameters.heartbeat = HEARTBEAT
    parameters.connection_attempts = 1  # the hosts are tried in turn by us
    parameters.socket_timeout = 5
    parameters.stack_timeout = ANSWER_WITHIN
    parameters.tcp_options = {"TCP_USER_TIMEOUT": TCP_USER_TIMEOUT}
    parameters.client_properties = {"connection_name": f"coedi {role} {socket.gethostname()} {os.getpid()}"}
    return parameters

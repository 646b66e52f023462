"""One connection to PostgreSQL: counted round trips, transactions, and errors in coedi's words."""

import contextlib
import select
from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import psycopg2.extensions
import psycopg2.extras

from domain.errors import CommitUnknown, DatabaseGone, Failure
from store.queries import as_prepared, queries

psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call] # the stubs leave it untyped

Row = tuple[Any, ...]
T = TypeVar("T")
# out of disk, memory, connections or time: the service cannot work now, the data is not to blame
_EXHAUSTED = ("53", "57014")


class TryAgain(Failure):
    """The database chose this transaction as the victim of a deadlock or a serialization conflict."""


class Database:
    """A connection that is opened when first used and after it was lost.

    role: non-owner role to act as; prepares: named queries that PostgreSQL plans once for each connection. round_trips counts
    what was sent, for the benchmark.
    """

    def __init__(self, url: str, role: str = "", name: str = "coedi", prepares: Collection[str] = ()) -> None:
        self.url, self.role, self.name, self.prepares = url, role, name, prepares
        self.round_trips = 0
        self.session = 0  # grows with each connection: an owner number belongs to one session
        self._remembered: dict[str, tuple[int, Any]] = {}  # channel -> session in which it was read, what was read
        self._connection: Any = None
        self._prepared: dict[str, str] = {}  # name -> how it is asked for, in this session
        self._opening = ""  # what the next statement has to take along

    def connect(self) -> None:
        """Open the connection now; raises DatabaseGone with a sentence that names the setting."""
        options = f"-c role={self.role}" if self.role else ""
        try:
            self._connection = psycopg2.connect(
                self.url, options=options, application_name=self.name, connect_timeout=5,
                keepalives_idle=10, keepalives_interval=5, keepalives_count=2,
            )
        except psycopg2.OperationalError as error:
            raise DatabaseGone(
                f"PostgreSQL is not reachable at {masked(self.url)} (COEDI_DATABASE_URL): {_first_line(error)}; "
                "start PostgreSQL, or set COEDI_DATABASE_URL"
            ) from error
        self._connection.autocommit = True
        self._prepared.clear()
        self.session += 1

    @property
    def connected(self) -> bool:
        """Whether a connection is open, as far as we know."""
        return self._connection is not None and not self._connection.closed

    @property
    def idle(self) -> bool:
        """Whether no transaction is open."""
        status = psycopg2.extensions.TRANSACTION_STATUS_IDLE
        return not self._opening and (not self.connected or self._connection.get_transaction_status() == status)

    def close(self) -> None:
        """Close the connection; the next use opens a new one."""
        if self._connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None

    def query(self, name: str, /, **parameters: Any) -> list[Row]:
        """Run the named query; its rows, [] when it has none."""
        return self.run(self._text(name), parameters)

    def run(self, sql: str, parameters: Any = None) -> list[Row]:
        """Run SQL text; its rows. Raises DatabaseGone, TryAgain, or psycopg2's error for bad data."""
        if not self.connected:
            self.connect()
        self.round_trips += 1
        opening, self._opening = self._opening, ""
        with _in_our_words(self), self._connection.cursor() as cursor:
            cursor.execute(opening + sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def quote(self, name: str, /, **parameters: Any) -> str:
        """The named query with its parameters filled in, to be sent together with others."""
        sql = self._text(name)
        with self._connection.cursor() as cursor:
            text: bytes = cursor.mogrify(sql, parameters)
        return text.decode()

    def _text(self, name: str) -> str:
        """The named query as it is sent: by its name alone once it is prepared."""
        if name not in self.prepares:
            return queries()[name]
        if not self.connected:
            self.connect()
        if name not in self._prepared:
            prepare, execute = as_prepared(name)
            self.run(prepare)
            self._prepared[name] = execute
        return self._prepared[name]

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction: committed at the end, rolled back when the block raises. CommitUnknown when the answer is lost.

        It begins with its first statement, in one round trip.
        """
        if not self.connected:
            self.connect()
        self._opening = "begin;\n"
        try:
            yield
        except BaseException:
            self._roll_back()
            raise
        self._commit()

    def _commit(self) -> None:
        if self._opening:  # nothing was asked
            self._opening = ""
            return
        try:
            self.run("commit")
        except DatabaseGone as error:
            raise CommitUnknown(f"the connection was lost while committing: {error}") from error

    def _roll_back(self) -> None:
        begun, self._opening = not self._opening, ""
        with contextlib.suppress(Failure, psycopg2.Error):
            if begun and self.connected:
                self.run("rollback")

    def wait_notified(self, channel: str, seconds: float) -> bool:
        """Wait for a NOTIFY on `channel` (LISTEN must have been run); True when one came."""
        if not self.connected:
            self.connect()
            self.run(f"listen {channel}")
        with _in_our_words(self):
            if not select.select([self._connection], [], [], seconds)[0]:
                return False
            self._connection.poll()
            came = bool(self._connection.notifies)
            self._connection.notifies.clear()
        return came

    def remembered(self, channel: str, read: Callable[[], T]) -> T:
        """What `read` gave in this session; read again after a NOTIFY on `channel`. No statement is sent otherwise."""
        if not self.connected:
            self.connect()
        session, value = self._remembered.get(channel, (0, None))
        if session != self.session:
            self.run(f"listen {channel}")  # before reading, so that no change falls in between
        elif not self._arrived(channel):
            return cast("T", value)
        self._remembered.pop(channel, None)  # reading may fail, and what was told is told once
        value = read()
        self._remembered[channel] = self.session, value
        return value

    def forget(self) -> None:
        """What was remembered is read again: somebody else asks now, who may see other rows."""
        self._remembered.clear()

    def _arrived(self, channel: str) -> bool:
        """Whether a NOTIFY came on this channel, by what the socket holds."""
        with _in_our_words(self):
            self._connection.poll()
        others = [one for one in self._connection.notifies if one.channel != channel]
        came = len(others) < len(self._connection.notifies)
        self._connection.notifies[:] = others
        return came


@contextlib.contextmanager
def _in_our_words(database: Database) -> Iterator[None]:
    try:
        yield
    except psycopg2.extensions.TransactionRollbackError as error:
        raise TryAgain(_first_line(error)) from error
    except psycopg2.Error as error:
        if not database.connected or isinstance(error, psycopg2.InterfaceError):
            database.close()
            raise DatabaseGone(f"the connection to PostgreSQL was lost: {_first_line(error)}") from error
        if (error.pgcode or "").startswith(_EXHAUSTED):
            raise DatabaseGone(f"PostgreSQL cannot work now: {_first_line(error)}") from error
        raise


def masked(url: str) -> str:
    """The URL without its password."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]

"""console: the pages for people and the HTTP interface for programs."""

import ipaddress
import os
import socket

import click

from console import settings as configuration
from console.logs import set_up
from domain.errors import BadSetting, Failure

NO_USERS = """no user yet 还没有用户。 Create the first administrator:
  coedi branch list
  coedi user add 1100B0/admin --role administrator
It prints a password that works once; no default password exists."""


@click.command()
@click.option("--host", help="Address to listen on; COEDI_CONSOLE_HOST.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port; COEDI_CONSOLE_PORT.")
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that share the port.")
def console(host: str | None, port: int | None, processes: int) -> None:
    """Run the web console until SIGTERM."""
    import uvicorn

    set_up()
    settings = configuration.load()
    host, port = host or settings.console_host, port or int(settings.console_port)
    _refuse_open_door(host, settings)
    _refuse_taken_port(host, port)
    if not _has_users(settings):
        click.echo(NO_USERS, err=True)
    scheme = "https" if settings.console_certificate else "http"
    click.echo(f"console: {settings.console_origin or f'{scheme}://{host}:{port}'}/", err=True)
    os.environ["COEDI_CONSOLE_HOST"], os.environ["COEDI_CONSOLE_PORT"] = host, str(port)
    uvicorn.run(
        "console.web.serving:create", factory=True, host=host, port=port, workers=processes, log_config=None, access_log=False,
        server_header=False, proxy_headers=False, timeout_graceful_shutdown=10, http="console.web.prompt:PromptProtocol",
        ssl_certfile=settings.console_certificate or None, ssl_keyfile=settings.console_certificate_key or None)


def _refuse_open_door(host: str, settings: configuration.Settings) -> None:
    """Passwords and sessions never cross a network in the clear."""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not (local or settings.console_certificate or settings.trusted_proxies):
        raise BadSetting(
            f"the console would listen on {host} without TLS; set COEDI_CONSOLE_CERTIFICATE and COEDI_CONSOLE_CERTIFICATE_KEY, or "
            "COEDI_TRUSTED_PROXIES when a proxy with TLS stands before it")


def _refuse_taken_port(host: str, port: int) -> None:
    """Say it before anything is started, in one line."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        raise Failure(f"the console cannot listen on {host}, port {port}: {error.strerror}; "
                      "name another with COEDI_CONSOLE_PORT or --port") from None


def _has_users(settings: configuration.Settings) -> bool:
    from console import wiring

    database = wiring.database(settings, name="coedi console")
    try:
        return bool(database.query("any_user")[0][0])
    finally:
        database.close()


COMMANDS = {"console": console}

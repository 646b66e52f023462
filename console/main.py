"""The one command, `coedi`: finds each verb in its file under console/commands and imports it only when called."""

import importlib
import sys
from typing import Any

import click

from domain.errors import CoediError, NeedsAdministrator

# verb -> (module under console.commands that defines it, what it does): the one table of verbs
VERBS: dict[str, tuple[str, str]] = {
    "audit": ("audit", "Verify the history chains and write signed checkpoints."),
    "branch": ("partners", "Branches of the issuing body: add, list, credentials."),
    "check": ("check", "Validate XML files offline: every finding, no service needed."),
    "console": ("console", "Run the web console: pages for people, HTTP for programs."),
    "demo": ("demo", "The main job on real samples, end to end, in a database of its own."),
    "dev": ("dev", "Private PostgreSQL and RabbitMQ for development: up, down, status."),
    "doctor": ("doctor", "Check every promise on the live system."),
    "document": ("document", "Fetch a finished certificate, its hash checked."),
    "enterprise": ("partners", "Enterprises: add, list, show, credentials, revoke."),
    "export": ("ubl", "Issued certificates in the formats of others: ubl."),
    "filing": ("filing", "Goods filings: list, show, approve, return."),
    "import": ("ubl", "Drafts of applications from the formats of others: ubl."),
    "lifecycle": ("catalogue", "States and moves of a certificate."),
    "migrate": ("services", "Create or update the database schema."),
    "parked": ("parked", "Messages that could not be handled: list, show, groups, discard, archive."),
    "policy": ("policy", "Review policies: list, show, keep, activate, try; working days: calendar."),
    "receipts": ("receipts", "Read the receipts of an enterprise, or send old ones again."),
    "replay": ("replay", "Handle again what failed: plan, run, resume, cancel, status, list."),
    "registration": ("filing", "Registrations of enterprises: list, show, approve, return."),
    "relay": ("services", "Run the relay: send what no worker owns."),
    "review": ("review", "The reviewers' queue: list, claim, refer, approve, return, void and the rest."),
    "rules": ("rules", "The rules and their packs: list, packs, diff, shadow, activate, grade, grades."),
    "send": ("send", "Submit XML files as an enterprise and follow them."),
    "topology": ("topology", "Broker objects: apply, show."),
    "trace": ("trace", "The whole life of a certificate or message on one screen."),
    "types": ("catalogue", "Certificate types with their boxes."),
    "up": ("services", "Run everything: workers and relay."),
    "user": ("user", "People of the console: add, list, role, reset, totp, disable, skills, sessions, keys."),
    "work": ("services", "Run one worker process."),
}


class Verbs(click.Group):
    """A click group that imports a verb's module only when that verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module: Any = importlib.import_module(f"console.commands.{VERBS[cmd_name][0]}")
        command: click.Command = module.COMMANDS[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of verbs as it stands above: no module is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, VERBS[verb][1]) for verb in self.list_commands(ctx)])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="coedi")
def cli() -> None:
    """coedi: certificates of origin, from XML on RabbitMQ to the printed page.

    Exit codes: 0 done, 1 negative result, 2 usage, 3 a service is not reachable, 4 refused, 5 partly done.
    """


def main() -> None:
    """Run the command; what coedi can explain ends in one line on standard error, never in a traceback."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except NeedsAdministrator as error:
        click.echo(f"coedi: {error}\nThe broker's administrator has to run:", err=True)
        for command in error.commands:
            click.echo(f"  {command}", err=True)
        sys.exit(error.exit_code)
    except CoediError as error:
        click.echo(f"coedi: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)

"""The command line in this process: what it says and how it ends."""

import json
from typing import Any, NamedTuple

from click.testing import CliRunner

from console.main import cli
from domain.errors import CoediError
from tests.services import World


class Said(NamedTuple):
    """exit_code as the shell would see it; out: standard output; why: the one line on standard error."""

    exit_code: int
    out: str
    why: str

    @property
    def data(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.out)


def coedi(world: World, *arguments: object) -> Said:
    """Run a command against a test's world."""
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments], env=world.environment, prog_name="coedi")
    if isinstance(result.exception, CoediError):
        return Said(result.exception.exit_code, result.stdout, str(result.exception))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)

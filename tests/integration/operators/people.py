"""People for tests: users with a password and a telephone that shows one-time codes."""

from dataclasses import dataclass, field

import pyotp

from console.secrets_at_rest import Keys, keys_of
from console.signing_in import Given, Refused, Signed, sign_in
from console.user_changes import By, NewUser, add, give_totp
from store import people
from store.database import Database
from tests.services import World

BRANCH, OTHER = "1100B0", "3302A0"
PASSWORD = "vier-lange-regenschirme"
ADDRESS, AGENT = "192.0.2.7", "a browser"


@dataclass
class Town:
    """The console's connection, an operator's, the key that seals, and the telephones."""

    world: World
    console: Database
    shell: Database
    keys: Keys
    telephones: dict[str, str] = field(default_factory=dict)

    def add(self, name: str = "wang", *roles: str, branch: str = BRANCH, totp: bool = False, **options: object) -> str:
        """A user with PASSWORD as his own; "1100B0/wang"."""
        new = NewUser(branch, name, name, roles or ("reviewer",), totp_required=totp, **options)  # type: ignore[arg-type]
        add(self.shell, By(), new, PASSWORD)
        if totp:
            self.telephones[f"{branch}/{name}"] = give_totp(self.shell, self.keys, By(), branch, name)
        return f"{branch}/{name}"

    def code(self, key: str, steps: int = 0) -> str:
        """What the telephone shows, or showed or will show so many steps away."""
        return self.code_of(self.telephones[key], steps)

    def code_of(self, secret: str, steps: int = 0) -> str:
        """The same of a secret."""
        now = int(self.shell.run("select extract(epoch from clock_timestamp())::bigint")[0][0])
        return pyotp.TOTP(secret).at(now + 30 * steps)

    def sign_in(
        self, name: str = "wang", password: str = PASSWORD, code: str = "", branch: str = BRANCH, address: str = ADDRESS,
        card: str | None = None, database: Database | None = None,
    ) -> Signed | Refused:
        """What the sign-in page would be told."""
        return sign_in(database or self.console, self.keys, Given(branch, name, password, code, card), address, AGENT)

    def session(self, name: str = "wang", branch: str = BRANCH) -> people.Session:
        """A session of this user."""
        signed = self.sign_in(name, branch=branch)
        assert isinstance(signed, Signed), signed
        found = people.session_of(self.console, signed.token)
        assert found
        return found

    def audited(self, action: str) -> list[tuple[str, str, str | None, dict[str, object]]]:
        """(actor, subject, branch, detail) of the audit's lines with this action, in order."""
        return self.shell.run(
            "select actor, subject, branch, detail from audit where action = %s order by id", (action,))  # type: ignore[return-value]


def town(world: World) -> Town:
    """A town without people."""
    return Town(world, world.database("coedi_console"), world.database("coedi_operator"), keys_of(world.settings.state_dir))

"""The broker account of one partner: made, kept, given a new password, deleted; also where only a person may do it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from console.credentials import CredentialFile, Credentials
from console.settings import Settings
from domain.errors import BrokerGone, CoediError, NeedsAdministrator, NotAllowed
from pipeline.accounts import Account, branch_account, enterprise_account
from pipeline.amqp_url import virtual_host, with_credentials
from pipeline.broker_admin import admin_for
from pipeline.rabbit import depths
from pipeline.topology import Names
from store.registry import Partner


def broker_user(prefix: str, identity: str) -> str:
    """The broker user of an enterprise number or branch code: 4 to 20 letters and digits.

    Users belong to the whole broker: behind a prefix the name carries a hash, so that installations never share one.
    """
    if not prefix:
        return identity
    return f"{identity[:9]}x{hashlib.sha256(f'{prefix}/{identity}'.encode()).hexdigest()[:10]}"


@dataclass(frozen=True, slots=True)
class BrokerAccount:
    """One partner's account.

    queue: what it may read; made_with: the account with a password, None to keep the one it has.
    """

    settings: Settings
    user: str
    queue: str
    file: CredentialFile
    made_with: Callable[[str | None], Account]

    def ensure(self, known: bool) -> bool:
        """The account with the password on file; raises NeedsAdministrator until a person has made it.

        known: the partner was on file before. Without a password here it got one on another machine, which is kept:
        then False is returned.
        """
        if self.file.read() is None and known and self._stands():
            return False
        self._provision(self.file.keep_or_make(self.user), self.file.path)
        return True

    def rotate(self) -> Credentials:
        """A new password, on file once the broker has it. Open connections stay; the next login needs the new one."""
        made = self.file.next(self.user)
        try:
            self._provision(made, self.file.pending)
        except NeedsAdministrator as error:
            # as a rule the user is there: it needs another password
            commands = [command.replace(" add_user ", " change_password ") for command in error.commands]
            raise NeedsAdministrator(f"{error}; then run this again", commands) from None
        self.file.promote()
        return made

    def delete(self) -> None:
        """Delete the user, and forget its password; the broker closes its connections."""
        try:
            admin_for(self.settings.admin_url, self.settings.amqp_url).delete_user(self.user)
        except NeedsAdministrator:
            held = self.file.read()
            if held is None or self._lets_in(held):
                raise
        self.file.remove()

    def url(self, credentials: Credentials) -> str:
        """COEDI_AMQP_URL for this account."""
        return with_credentials(self.settings.amqp_url, credentials.user, credentials.password)

    def _provision(self, credentials: Credentials, path: Path) -> None:
        """Through the administrator's ways; or find that a person has done it meanwhile."""
        account = self.made_with(credentials.password)
        try:
            admin_for(self.settings.admin_url, self.settings.amqp_url).provision([account])
        except NeedsAdministrator as error:
            if not self._lets_in(credentials):
                raise NeedsAdministrator(f"{error} (the password stands in {path})", error.commands) from None

    def _stands(self) -> bool:
        """Whether the broker has this user; its permissions are set again. Believed where only a person can look."""
        try:
            admin_for(self.settings.admin_url, self.settings.amqp_url).provision([self.made_with(None)])
        except NeedsAdministrator:
            return True
        except CoediError as error:
            if "no_such_user" in str(error):
                return False
            raise
        return True

    def _lets_in(self, credentials: Credentials) -> bool:
        """Whether the broker, which answers us, lets this account in and to its queue."""
        try:
            return bool(depths(self.url(credentials), [self.queue]))
        except (BrokerGone, NotAllowed):
            return False


def enterprise_file(settings: Settings, no: str) -> CredentialFile:
    """Where an enterprise's password is kept."""
    return CredentialFile(settings.state_dir / "credentials", f"enterprise-{settings.prefix}{no}")


def branch_file(settings: Settings, code: str) -> CredentialFile:
    """Where a branch's password is kept."""
    return CredentialFile(settings.state_dir / "credentials", f"branch-{settings.prefix}{code}")


def of_enterprise(settings: Settings, partner: Partner) -> BrokerAccount:
    """The account of an enterprise: publishes to its own exchange, reads its own receipts."""
    names, vhost = Names(settings.prefix), virtual_host(settings.amqp_url)
    user = broker_user(settings.prefix, partner.no)
    return BrokerAccount(
        settings, user, partner.receipt_queue, enterprise_file(settings, partner.no),
        lambda password: enterprise_account(names, vhost, partner.no, partner.receipt_queue, password, user=user))


def of_branch(settings: Settings, code: str) -> BrokerAccount:
    """The account of a branch: publishes to its own exchange, reads its own queue."""
    names, vhost = Names(settings.prefix), virtual_host(settings.amqp_url)
    user = broker_user(settings.prefix, code)
    return BrokerAccount(
        settings, user, names.branch_queue(code), branch_file(settings, code),
        lambda password: branch_account(names, vhost, code, user, password))

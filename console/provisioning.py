"""Partners on the broker: their objects, their accounts, and what happens when only an administrator may make those.

Every step may be done twice. The password file is written before the registry row: a partner that is on file without
one got it on another machine, and its password is not changed behind its back.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from console.credentials import CredentialFile, Credentials
from console.operator import record
from console.settings import Settings
from domain.branch import Branch
from domain.errors import BrokerGone, NeedsAdministrator, NotAllowed, UnknownThing
from domain.registry import EnterpriseRecord
from pipeline.accounts import Account, branch_account, enterprise_account
from pipeline.amqp_url import virtual_host, with_credentials
from pipeline.broker_admin import admin_for
from pipeline.rabbit import declare, depths
from pipeline.topology import Names, core, for_branch, for_enterprise
from store import registry
from store.database import Database
from store.registry import Partner


def broker_user(names: Names, identity: str) -> str:
    """The broker user of an enterprise number or branch code, at most 20 letters and digits.

    Users belong to the whole broker: behind a prefix the name carries a hash, so that two installations never share one.
    """
    if not names.prefix:
        return identity
    return f"{identity[:9]}x{hashlib.sha256(f'{names.prefix}/{identity}'.encode()).hexdigest()[:10]}"


def enterprise_file(settings: Settings, no: str) -> CredentialFile:
    """Where an enterprise's password is kept."""
    return CredentialFile(settings.state_dir / "credentials", f"enterprise-{settings.prefix}{no}")


def branch_file(settings: Settings, code: str) -> CredentialFile:
    """Where a branch's password is kept."""
    return CredentialFile(settings.state_dir / "credentials", f"branch-{settings.prefix}{code}")


def add_branch(settings: Settings, database: Database, branch: Branch) -> bool:
    """Row, queue and account of a branch; False when its password is on another machine and was left as it is.

    Raises NeedsAdministrator when the account has to be made by a person; all else is done by then.
    """
    known = any(each.code == branch.code for each in registry.branches(database))
    file, names = branch_file(settings, branch.code), Names(settings.prefix)
    user = broker_user(names, branch.code)
    credentials = file.read() if known else file.keep_or_make(user)
    registry.add_branch(database, branch)
    database.query("set_branch_user", code=branch.code, user=user)
    record(database, "branch.add", branch.code, name_zh=branch.name_zh, name_en=branch.name_en, place=branch.place,
           contact=branch.contact)
    declare(settings.amqp_url, core(names, _stages()) + for_branch(names, branch.code))
    if credentials is None:
        return False
    _ensure_account(settings, _branch_account(settings, branch.code, credentials), names.branch_queue(branch.code), file)
    return True


def add_enterprise(settings: Settings, database: Database, enterprise: EnterpriseRecord, credit_code: str = "") -> bool:
    """Row, exchange, receipt queue and account of an enterprise; one that exists keeps exchange and queue.

    False when its password is on another machine and was left as it is. Raises Refusal for an unknown branch,
    NeedsAdministrator when the account has to be made by a person; all else is done by then.
    """
    known = {each.no: each.active for each in registry.partners(database)}.get(enterprise.no, False)
    file, names = enterprise_file(settings, enterprise.no), Names(settings.prefix)
    _require_branch(database, enterprise.branch)
    credentials = file.read() if known else file.keep_or_make(broker_user(names, enterprise.no))
    registry.add_enterprise(
        database, enterprise, names.enterprise_exchange(enterprise.no), names.new_receipt_queue(enterprise.no), credit_code)
    partner = registry.partner(database, enterprise.no)
    record(database, "enterprise.add", enterprise.no, branch=enterprise.branch, name_zh=enterprise.name_zh,
           name_en=enterprise.name_en, customs_code=enterprise.customs_code, credit_code=credit_code,
           signatories={each.code: each.name_zh for each in enterprise.signatories},
           print_seal=enterprise.print_seal_ready, local_print=enterprise.local_print)
    declare(settings.amqp_url, core(names, _stages()) + for_enterprise(names, partner.no, partner.receipt_queue))
    if credentials is None:
        return False
    _ensure_account(settings, _enterprise_account(settings, partner, credentials), partner.receipt_queue, file)
    return True


def rotate_enterprise(settings: Settings, database: Database, partner: Partner) -> Credentials:
    """A new password for an enterprise; its connections stay, its next login needs the new one."""
    made = _rotate(settings, enterprise_file(settings, partner.no), broker_user(Names(settings.prefix), partner.no),
                   partner.receipt_queue, lambda credentials: _enterprise_account(settings, partner, credentials))
    record(database, "enterprise.rotate", partner.no, user=made.user)
    return made


def rotate_branch(settings: Settings, database: Database, code: str) -> Credentials:
    """A new password for a branch."""
    names = Names(settings.prefix)
    made = _rotate(settings, branch_file(settings, code), broker_user(names, code), names.branch_queue(code),
                   lambda credentials: _branch_account(settings, code, credentials))
    record(database, "branch.rotate", code, user=made.user)
    return made


def revoke_enterprise(settings: Settings, database: Database, partner: Partner) -> None:
    """Switch an enterprise off: refused from now on, its account deleted. Its data, exchange and receipts stay."""
    file, user = enterprise_file(settings, partner.no), broker_user(Names(settings.prefix), partner.no)
    database.query("set_active", no=partner.no, active=False)
    record(database, "enterprise.revoke", partner.no, user=user)
    try:
        admin_for(settings.admin_url, settings.amqp_url).delete_user(user)
    except NeedsAdministrator:
        held = file.read()
        if held is None or _lets_in(settings, held, partner.receipt_queue):
            raise
    file.remove()


def _rotate(
    settings: Settings, file: CredentialFile, user: str, queue: str, account: Callable[[Credentials], Account]
) -> Credentials:
    made = file.next(user)
    try:
        _ensure_account(settings, account(made), queue, replace(file, name=f"{file.name}.json.next"))
    except NeedsAdministrator as error:
        # the user exists already, as a rule: it needs another password
        commands = [command.replace(" add_user ", " change_password ") for command in error.commands]
        raise NeedsAdministrator(f"{error}; then run this command again", commands) from None
    file.promote()
    return made


def _ensure_account(settings: Settings, account: Account, queue: str, file: CredentialFile) -> None:
    """Make the account, or find that the administrator has made it meanwhile."""
    try:
        admin_for(settings.admin_url, settings.amqp_url).provision([account])
    except NeedsAdministrator as error:
        if not _lets_in(settings, Credentials(account.user, account.password or ""), queue):
            raise NeedsAdministrator(f"{error} (the password stands in {file.path})", error.commands) from None


def _lets_in(settings: Settings, credentials: Credentials, queue: str) -> bool:
    """Whether the broker, which answers us, lets this account in and to its queue."""
    try:
        return bool(depths(with_credentials(settings.amqp_url, credentials.user, credentials.password), [queue]))
    except (BrokerGone, NotAllowed):
        return False


def _require_branch(database: Database, code: str) -> None:
    if not any(each.code == code for each in registry.branches(database)):
        raise UnknownThing(f"there is no branch {code}; add it first: coedi branch add {code} ...")


def _enterprise_account(settings: Settings, partner: Partner, credentials: Credentials) -> Account:
    return enterprise_account(
        Names(settings.prefix), virtual_host(settings.amqp_url), partner.no, partner.receipt_queue, credentials.password,
        user=credentials.user)


def _branch_account(settings: Settings, code: str, credentials: Credentials) -> Account:
    return branch_account(
        Names(settings.prefix), virtual_host(settings.amqp_url), code, credentials.user, credentials.password)


def _stages() -> list[str]:
    from console.wiring import STAGES

    return list(STAGES)

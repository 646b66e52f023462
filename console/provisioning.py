"""Partners from the registry row to the broker account: every step may be done twice.

A new partner's password file is written first, before its row: so one that has a row and no file got its password on
another machine, and keeps it.
"""

from console.broker_accounts import broker_user, enterprise_file, of_branch, of_enterprise
from console.operator import actor, record
from console.settings import Settings
from domain.branch import Branch
from domain.errors import Refusal, UnknownThing
from domain.registry import EnterpriseRecord
from pipeline.rabbit import declare
from pipeline.topology import Names, Topology, core, for_branch, for_enterprise
from store import registry
from store.database import Database
from store.registry import Partner


def add_branch(settings: Settings, database: Database, branch: Branch) -> bool:
    """Row, exchange, queue and account of a branch; False when its password is on another machine and stays as it is.

    Raises NeedsAdministrator when a person has to make the account; all else is done by then.
    """
    account = of_branch(settings, branch.code)
    known = has_branch(database, branch.code)
    if not known:
        account.file.keep_or_make(account.user)
    names = Names(settings.prefix)
    registry.add_branch(database, branch, names.branch_exchange(branch.code))
    database.query("set_branch_user", code=branch.code, user=account.user)
    record(database, "branch.add", branch.code, name_zh=branch.name_zh, name_en=branch.name_en, place=branch.place,
           contact=branch.contact)
    declare(settings.amqp_url, _core(names) + for_branch(names, branch.code))
    return account.ensure(known)


def add_enterprise(settings: Settings, database: Database, enterprise: EnterpriseRecord, credit_code: str = "") -> bool:
    """Row, exchange, receipt queue and account of an enterprise; one that exists keeps exchange and queue.

    False when its password is on another machine and stays as it is. Raises UnknownThing for an unknown branch, Refusal
    for a credit code that is another enterprise's, NeedsAdministrator when a person has to make the account; all else
    is done by then.
    """
    names, no = Names(settings.prefix), enterprise.no
    known = _known(database, enterprise, credit_code)
    if not known:
        enterprise_file(settings, no).keep_or_make(broker_user(settings.prefix, no))
    registry.add_enterprise(
        database, enterprise, names.enterprise_exchange(no), names.new_receipt_queue(no), credit_code, actor())
    record(database, "enterprise.add", no, branch=enterprise.branch, name_zh=enterprise.name_zh,
           name_en=enterprise.name_en, customs_code=enterprise.customs_code, credit_code=credit_code,
           signatories={each.code: each.name_zh for each in enterprise.signatories},
           print_seal=enterprise.print_seal_ready, local_print=enterprise.local_print)
    partner = registry.partner(database, no)
    declare(settings.amqp_url, _core(names) + for_enterprise(names, no, partner.receipt_queue))
    return of_enterprise(settings, partner).ensure(known)


def revoke_enterprise(settings: Settings, database: Database, partner: Partner) -> None:
    """Switch an enterprise off: refused from now on, its account deleted. Its data, exchange and receipts stay."""
    account = of_enterprise(settings, partner)
    database.query("set_active", no=partner.no, active=False)
    record(database, "enterprise.revoke", partner.no, user=account.user)
    account.delete()


def everything(settings: Settings, database: Database) -> Topology:
    """Every broker object of this installation: the core, and what branches and enterprises have."""
    names = Names(settings.prefix)
    found = _core(names)
    for branch in registry.branches(database):
        found += for_branch(names, branch.code)
    for each in registry.partners(database):
        found += for_enterprise(names, each.no, each.receipt_queue)
    return found


def adopt_branches(settings: Settings, database: Database) -> list[str]:
    """Branches from before they could send get their exchange: broker permission and row; their codes.

    The exchanges must be on the broker (`everything`). Raises NeedsAdministrator as `add_branch` does; again is allowed.
    """
    names, codes = Names(settings.prefix), [row[0] for row in database.query("branches_without_exchange")]
    for code in codes:
        of_branch(settings, code).ensure(known=True)
        database.query("set_branch_exchange", code=code, exchange=names.branch_exchange(code))
        record(database, "branch.exchange", code, exchange=names.branch_exchange(code))
    return codes


def has_branch(database: Database, code: str) -> bool:
    """Whether there is such a branch."""
    return any(branch.code == code for branch in registry.branches(database))


def _known(database: Database, enterprise: EnterpriseRecord, credit_code: str) -> bool:
    """Whether it is on file and active; raises when branch or credit code do not allow it to be."""
    if not has_branch(database, enterprise.branch):
        branch = enterprise.branch
        raise UnknownThing(f"there is no branch {branch}; add it first: coedi branch add {branch} ...")
    for each in registry.partners(database):
        if each.no != enterprise.no and each.credit_code and each.credit_code in (credit_code, enterprise.no):
            raise Refusal(f"credit code {each.credit_code} is on file for enterprise {each.no} {each.name_zh}")
    return any(each.no == enterprise.no and each.active for each in registry.partners(database))


def _core(names: Names) -> Topology:
    from console.wiring import STAGES

    return core(names, STAGES)

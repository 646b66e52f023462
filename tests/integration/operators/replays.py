"""Plans and runs of `coedi replay` on a test's world, and what they left."""

from typing import Any

from pipeline.effects import finish as compose
from pipeline.orders import order_body
from tests.desk import Desk, Orders
from tests.integration.operators.command import Said, coedi
from tests.services import World


def states(world: World, state: str) -> list[str]:
    """Invoices of the certificates in a state."""
    database = world.database()
    rows = database.run("select invoice from certificate where state = %s order by invoice", (state,))
    database.close()
    return [row[0] for row in rows]


def plan(world: World, *filters: object) -> Any:
    """A plan as data."""
    said = coedi(world, "replay", "plan", *filters, "--json")
    assert said.exit_code == 0, said
    return said.data


def run(world: World, made: Any, *options: object) -> Said:
    """Run it."""
    return coedi(world, "replay", "run", made["id"], "--reason", "signatories were repaired", "--json", *options)


def healthy(world: World) -> bool:
    """Whether every promise holds."""
    return coedi(world, "doctor", "--no-documents").exit_code == 0


def finish(desk: Desk) -> None:
    """Let the print stage do what is announced."""
    orders = Orders(desk.session)
    rows = desk.query("select certificate, version, stage from outbox where kind = 'order' and owner is null")
    done = orders.commit(orders.open([desk.delivery(order_body(*row), "") for row in rows], silent=False))
    compose(desk.session, done.waiting)

"""The OpenAPI document against a running console: whatever is sent, no answer is a 5xx, and each is one that the document names."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from console.passwords import hash_of
from console.sampler import FIRMS
from console.web.open_api import API
from console.web.routes import routes
from pipeline.rabbit import declare
from pipeline.topology import for_enterprise
from store.accounts import add_key
from store.people import ROLES
from tests.desk import make_desk
from tests.integration.web.rights import SAMPLES
from tests.scene import BRANCH, Scene, branch_at_work
from tests.services import make_world
from tests.web import Site, site

CHECKS: list[Any] = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 4  # of each operation, valid ones and others each
PASSWORD = "a long enough password"
PERSON, FIRM = "a person's key", "an enterprise's key"
SENDER = FIRMS[0].record.no
OPERATIONS = sorted(route.name for route in routes() if route.api)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, template: str) -> Iterator[Scene]:
    """Both branches with something of everything."""
    for world in make_world(tmp_path_factory.mktemp("schemathesis"), template, with_broker=True):
        desk = make_desk(world)
        way_in = for_enterprise(world.names, SENDER, world.names.new_receipt_queue(SENDER))
        world.topology += way_in
        declare(world.settings.amqp_url, way_in)
        yield branch_at_work(desk)
        desk.session.database.close()
        desk.owner.close()


@pytest.fixture(scope="module")
def running(scene: Scene) -> Iterator[Site]:
    """A console with a person of every role and an enterprise, each with a key."""
    world = scene.desk.world
    with site(world) as made:
        made.visitor(*ROLES, name="everybody", password=hash_of(PASSWORD))
        owner = world.database()
        add_key(owner, PERSON, "tests", 1, "tests", (BRANCH, "everybody"), None)
        add_key(owner, FIRM, "tests", 1, "tests", None, SENDER)
        owner.close()
        yield made


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """One connection for all."""
    with requests.Session() as made:
        yield made


@pytest.fixture(scope="module")
def schema(running: Site) -> Any:
    """What the console says of itself."""
    return schemathesis.openapi.from_dict(running.stranger().get(f"{API}/openapi.json").json())


@pytest.mark.broker
@pytest.mark.database
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_request_makes_the_console_stumble_and_every_answer_is_as_documented(
    name: str, scene: Scene, running: Site, schema: Any, session: requests.Session
) -> None:
    operation = next(found.ok() for found in schema.get_all_operations() if found.ok().definition.raw["operationId"] == name)
    known = _known(name, scene)
    keys = (PERSON, FIRM) if "enterpriseKey" in str(operation.definition.raw["security"]) else (PERSON,)
    wrong = [GenerationMode.NEGATIVE] if operation.definition.raw.keys() & {"parameters", "requestBody"} else []
    for mode in (GenerationMode.POSITIVE, *wrong):
        _try(operation, mode, running, session, known, keys)


def _try(operation: Any, mode: Any, running: Site, session: requests.Session, known: dict[str, Any], keys: tuple[str, ...]) -> None:
    chance = random.Random(operation.path)

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True,
              phases=[Phase.generate])
    def one(case: Any) -> None:
        if known and chance.random() < 0.7:  # a thing that is there leads further than one that is not
            case.path_parameters = known
        if isinstance(case.query, dict):
            case.query.pop("wait", None)  # to wait is another test's
        for key in keys:
            answer = case.call(base_url=running.address, session=session, headers={"Authorization": f"Bearer {key}"})
            case.validate_response(answer, checks=CHECKS)

    one()


def _known(name: str, scene: Scene) -> dict[str, Any]:
    """A place that is there, for the parts of an address."""
    sample = SAMPLES.get(name)
    try:
        return sample.path(scene, BRANCH) if sample else {}
    except AssertionError:
        return {}  # an earlier case has moved it

"""One process of the console, put together from settings."""

from starlette.applications import Starlette

from console import settings as configuration
from console import wiring
from console.logs import set_up
from console.secrets_at_rest import keys_of
from console.web.app import make_app
from console.web.asking import House
from console.web.pool import Pool
from console.web.rendering import warm_up
from pipeline.transport import Publisher
from review_worker.policy import load_policy


def create() -> Starlette:
    """The application of this process; raises DatabaseGone or BadSetting with the remedy."""
    set_up()
    settings = configuration.load()
    wiring.database(settings, name="coedi console").close()  # say now what is missing
    warm_up()
    return make_app(house(settings), Pool(settings.database_url))


def house(settings: configuration.Settings) -> House:
    """What lasts as long as the process."""

    def publisher() -> Publisher:
        from pipeline.rabbit import RabbitPublisher

        return RabbitPublisher(settings.amqp_url)

    return House(settings, keys_of(settings.state_dir), publisher, load_policy(settings.policy))

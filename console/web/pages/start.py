"""What belongs to every page: the language."""

from console.web.asking import PUBLIC, Ask, Done, Field, Route
from console.web.pages.sign_in import own_address
from console.web.security import LANGUAGE_COOKIE


def language(ask: Ask) -> Done:
    """The page again, in the other language."""
    return Done(own_address(ask.given.get("back", "/")), cookies={LANGUAGE_COOKIE: ask.given["language"]})


ROUTES: tuple[Route, ...] = (
    Route("POST", "/language", "language", language, PUBLIC, "切换语言", "Switch the language", api=False, fields=(
        Field("language", "choice", required=True, choices=("zh", "en"), zh="语言", en="language"),
        Field("back", longest=2000, zh="返回", en="back"))),
)

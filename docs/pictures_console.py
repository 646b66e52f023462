"""The pictures of the console, made by a real browser from pages of a made-up day: python docs/pictures_console.py [NAME...]

It needs PostgreSQL, RabbitMQ and Chromium. Pictures are written to docs/images/console, with a palette to stay small; look at
each of them afterwards. The samples are those of the tests; their times are spread over the hours before, and the minute-by-minute
figures of the operator's page are drawn, not measured.
"""

import io
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page

from tests.acceptance.web.browser import Window, chromium, window
from tests.desk import make_desk
from tests.filing_messages import base64_of, registration
from tests.integration.web.rights import address
from tests.scene import BRANCH, Scene, branch_at_work
from tests.services import make_world, template_database
from tests.web import Site, add_user, site

IMAGES = Path(__file__).parent / "images" / "console"
COLOURS = 96
NAMES = {"reviewer": "赵晓梅", "senior-reviewer": "李文博", "registrar": "陈志远", "operator": "王建国", "auditor": "何雨晴",
         "print-clerk": "林嘉明", "administrator": "沈国平"}
# the day so far: what came first lies longest ago
DAY = """
set session_replication_role = replica;
create temp table age as select id, (row_number() over (order by id desc)) * interval '4 minutes' as old from certificate;
update transition t set at = at - old from age where age.id = t.certificate;
update certificate c set changed_at = changed_at - old, created_at = created_at - old, approved_at = approved_at - old
    from age where age.id = c.id;
update review_task t set queued_at = queued_at - old, deadline = deadline - old from age where age.id = t.certificate;
update document d set at = at - old from age where age.id = d.certificate;
update interchange i set received_at = received_at - old from age, message m
    where age.id = m.certificate and i.id = m.interchange;
update receipt r set at = at - old from age where r.stream = 'certificate:' || age.id;
set session_replication_role = default;
"""
MINUTES = """
insert into stage_sample (branch, stage, at, waiting, oldest, passed)
select place, stage, date_trunc('minute', now()) - n * interval '1 minute', greatest(0, 2 + 3 * sin(n / 7.0 + length(stage)))::int,
    greatest(0, 9 + 8 * sin(n / 5.0))::int, greatest(0, 14 + 6 * sin(n / 9.0 + length(stage)) + 4 * sin(n * 2.7))::int
from generate_series(0, 70) n, (values ('1100B0', 'intake'), ('1100B0', 'schema-check'), ('1100B0', 'rule-check'),
    ('1100B0', 'auto-review'), ('1100B0', 'review'), ('1100B0', 'print'), ('1100B0', 'issued'), ('', 'relay'), ('', 'work'),
    ('', 'intake')) s (place, stage)
on conflict do nothing
"""


@dataclass(frozen=True)
class Picture:
    """One picture. route: a page, path: an address instead; keys: pressed before; wanted: of which certificate on the desk."""

    name: str
    route: str = ""
    role: str = "reviewer"
    language: str = "zh"
    dark: bool = False
    size: str = "laptop"
    query: str = ""
    path: str = ""
    keys: str = ""
    wanted: str = ""


PICTURES = (
    Picture("sign-in", path="/sign-in", role=""),
    Picture("me", "me"),
    Picture("today", "today"),
    Picture("today-en-dark", "today", language="en", dark=True),
    Picture("queue-review", "queue-review"),
    Picture("queue-review-en", "queue-review", language="en"),
    Picture("queue-review-tablet", "queue-review", size="tablet"),
    Picture("queue-print", path="/queues/print", role="print-clerk"),
    Picture("queue-approved", path="/queues/approved"),
    Picture("queue-void-en", path="/queues/void", language="en"),
    Picture("desk", "desk", keys="c"),
    Picture("desk-en-dark", "desk", language="en", dark=True, keys="c"),
    Picture("desk-return", "desk", keys="cr"),
    Picture("desk-changes-en", "desk", language="en", wanted="revision = 2"),
    Picture("desk-four-eyes", "desk", keys="c", wanted="eyes = 2"),
    Picture("desk-tablet", "desk", size="tablet", keys="c"),
    Picture("desk-xml-en", "desk.source", language="en"),
    Picture("search", "search"),
    Picture("search-found-en", "search", language="en", query="?state=ISSUED&sort=invoice"),
    Picture("exports", "exports", role="auditor"),
    Picture("certificate", "certificate", role="senior-reviewer"),
    Picture("certificate-en-dark", "certificate", role="senior-reviewer", language="en", dark=True),
    Picture("filings", "filings", role="registrar"),
    Picture("filing", "filing", role="registrar", keys="c"),
    Picture("registrations-en", "registrations", role="registrar", language="en"),
    Picture("registration", "registration", role="registrar", keys="c"),
    Picture("registry", "registry", role="registrar"),
    Picture("enterprise", "enterprise", role="registrar"),
    Picture("enterprise-en", "enterprise", role="registrar", language="en"),
    Picture("policy", "policy"),
    Picture("policy-try-en", "policy-try", language="en"),
    Picture("calendar", "calendar", role="administrator"),
    Picture("rules", "rules"),
    Picture("rule-packs-en", "rule-packs", language="en"),
    Picture("operations", "operations", role="operator"),
    Picture("operations-en-dark", "operations", role="operator", language="en", dark=True),
    Picture("parked", "parked", role="operator"),
    Picture("parked-ticket-en", "parked-ticket", role="operator", language="en"),
    Picture("audit", "audit", role="auditor"),
    Picture("users", "users", role="administrator"),
    Picture("user-en", "user", role="administrator", language="en"),
    Picture("interface-en", "interface", language="en"),
    Picture("not-found", path="/certificates/nothing-here"),
)


def main(names: list[str]) -> None:
    """Make the named pictures, or all; prints what they weigh."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with console() as (scene, place), chromium() as browser:
        for picture in PICTURES:
            if not names or picture.name in names:
                print(*taken(browser, place, scene, picture))
    print(f"{sum(file.stat().st_size for file in IMAGES.glob('*.png')) / 1e6:.2f} MB")


@contextmanager
def console() -> Iterator[tuple[Scene, Site]]:
    """A console with a branch in the middle of its day."""
    with TemporaryDirectory() as folder:
        for template in template_database():
            for world in make_world(Path(folder), template, with_broker=True):
                desk = make_desk(world)
                for name, shown in NAMES.items():
                    add_user(desk.owner, BRANCH, name, (name,), shown=shown)
                add_user(desk.owner, BRANCH, "somebody", ("reviewer", "print-clerk"), shown="周立新")
                scene = branch_at_work(desk, more=36, waiting=16)
                seals(scene)
                desk.owner.run(DAY)
                desk.owner.run(MINUTES)
                with site(world) as running:
                    yield scene, running
                desk.session.database.close()
                desk.owner.close()


def seals(scene: Scene) -> None:
    """A registration with everything that one can have."""
    firm, seal, signature = "1100A0025", base64_of(specimen((900, 900), seal_of)), base64_of(specimen((600, 300), hand_of))
    [(zh, en)] = scene.desk.query("select name_zh, name_en from enterprise where no = %s", firm)
    more = f"""<Signatories><Signatory><Code>01</Code><NameZh>赵晓梅</NameZh>
<Signature>{signature}</Signature></Signatory></Signatories>
<CustomsCodes><CustomsCode><Code>1101960099</Code><IssuedOn>2026-01-05</IssuedOn><Nature>trade</Nature></CustomsCode></CustomsCodes>
<Seal>{seal}</Seal>"""
    body = registration("RG-25", firm, no=firm, zh=zh, en=en, more=more)
    scene.desk.deliver(body, exchange=scene.desk.world.names.enterprise_exchange(firm))


def specimen(size: tuple[int, int], draw: Callable[[ImageDraw.ImageDraw], None]) -> bytes:
    """A picture as a scanner would send it."""
    picture, out = Image.new("RGB", size, "white"), io.BytesIO()
    draw(ImageDraw.Draw(picture))
    picture.save(out, "PNG", dpi=(600, 600))
    return out.getvalue()


def seal_of(on: ImageDraw.ImageDraw) -> None:
    """A ring with a star."""
    on.ellipse((40, 40, 860, 860), outline=(200, 30, 30), width=28)
    on.regular_polygon((450, 450, 150), 5, fill=(200, 30, 30))


def hand_of(on: ImageDraw.ImageDraw) -> None:
    """A stroke of the pen."""
    points = [(40 + 5 * n, 150 + 80 * math.sin(n / 6) * math.cos(n / 17)) for n in range(104)]
    on.line(points, fill=(20, 20, 40), width=7, joint="curve")


def taken(browser: Browser, place: Site, scene: Scene, picture: Picture) -> tuple[str, int]:
    """Take it; its name and bytes."""
    roles = (picture.role,) if picture.role else ()
    scheme = "dark" if picture.dark else "light"
    with window(browser, place, *roles, language=picture.language, size=picture.size, color_scheme=scheme) as mine:
        scene.desk.owner.run("update console_session set agent = 'Chromium 140, Linux' where agent = 'tests'")
        page = mine.go(picture.path or where(scene, picture) + picture.query)
        for key in picture.keys:
            pressed(mine, key)
        page.wait_for_timeout(500)
        file = IMAGES / f"{picture.name}.png"
        file.write_bytes(small(page.screenshot()))
        put_back(page, mine)
    return picture.name, file.stat().st_size


def where(scene: Scene, picture: Picture) -> str:
    """The address of the page, of the certificate that is asked for."""
    if picture.wanted:
        waits = "select t.subject from review_task t join certificate c on c.id = t.certificate where t.branch = %s and "
        return f"/desk/{scene.first(waits + picture.wanted, BRANCH)}"
    return address(scene, picture.route)


def pressed(mine: Window, key: str) -> None:
    """Press a key as a person does: once the page has been seen."""
    mine.page.wait_for_timeout(500)
    mine.page.keyboard.press(key)
    mine.page.wait_for_timeout(700)
    mine.page.wait_for_load_state("load")


def put_back(page: Page, mine: Window) -> None:
    """Give back what was claimed, for the next picture."""
    page.keyboard.press("Escape")
    if page.locator("[data-key=x]").count():
        pressed(mine, "x")


def small(body: bytes) -> bytes:
    """The picture with a palette."""
    out = io.BytesIO()
    Image.open(io.BytesIO(body)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])

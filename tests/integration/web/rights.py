"""Who may do what, written by hand: the expectation that the route table is compared with, and a valid sample of every form.

R reviewer, S senior reviewer, G registrar, P print clerk, O operator, U auditor, A administrator; `anybody` signs in first or not,
`signed-in` is any role, `pending` also while a password or a second factor has to be set, `enterprise` is a program with an
enterprise's key.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from console.web.routes import routes
from tests.filing_messages import png
from tests.scene import BRANCH, OTHER_FIRM, Scene
from tests.scene import FIRM as OUR_FIRM

PASSWORD = "vier-lange-regenschirme"
TABLE = {route.name: route for route in routes()}
FREE = frozenset({"(anybody)"})
LETTERS = {
    "R": "reviewer", "S": "senior-reviewer", "G": "registrar", "P": "print-clerk", "O": "operator", "U": "auditor",
    "A": "administrator"}
WORDS = {"anybody": "(anybody)", "signed-in": "(signed in)", "pending": "(pending)", "enterprise": "(enterprise)"}

# route name, who: one line each; everybody of a branch may look (RSGPOUA)
WHO = """
language                anybody
sign_in_page            anybody
sign_in                 anybody
sign_out                pending
first_steps             pending
first_password          pending
first_code              pending
openapi                 anybody
interface               anybody
desk.stylesheet         anybody

me                      signed-in
end_session             signed-in
end_other_sessions      signed-in
change_password         signed-in
renew_totp              signed-in
confirm                 signed-in

users                   A
add_user                A
user                    A
user_roles              A
user_skills             A
user_reset              A
user_totp               A
user_disable            A
user_enable             A
user_end_sessions       A

filings                 RSGPOUA
filing                  RSGPOUA
filing-xml              RSGPOUA
filing-next             SG
filing-claim            SG
filing-renew            SG
filing-release          SG
filing-steal            SG
filing-reassign         SG
filing-return           SG
filing-approve          SG
registrations           RSGPOUA
registration            RSGPOUA
registration-xml        RSGPOUA
registration-image      RSGPOUA
registration-next       G
registration-claim      G
registration-renew      G
registration-release    G
registration-steal      G
registration-reassign   G
registration-return     G
registration-approve    G

desk                    RSGPOUA
desk.source             RSGPOUA
desk.source_file        RSGPOUA
desk.preview            RSGPOUA
desk.picture            RSGPOUA
desk.next               RS
desk.claim              RS
desk.renew              RS
desk.release            RS
desk.steal              RS
desk.refer              RS
desk.approve            RS
desk.return             RS
desk.reassign           S

registry                RSGUA
enterprise              RSGUA
enterprise-image        RSGPUA
registry-customs-code   GA
registry-operator       GA
registry-signatory      GA
registry-specimen       GA
registry-particulars    GA
registry-local-print    GA
registry-switch         A

today                   RSGPOUA
counts                  RSGPOUA
queue                   RSGPOUA
queue-review            RSGPOUA
approve-many            RS
release-many            RS
reassign-many           S
search                  RSGPOUA
find                    RSGPOUA
save-search             RSGPOUA
forget-search           RSGPOUA
exports                 RSGPOUA
export                  RSGPOUA
export-file             RSGPOUA
start-export            RSGPOUA
export-again            RSGPOUA
cancel-export           RSGPOUA

certificate             RSGPOUA
certificate-document    RSGPOUA
void                    S
enter-serial            SP
correct-serial          SP
recall                  SP

policy                  RSGPOUA
rules                   RSGPOUA
rule-packs              RSGPOUA
rule-shadow             RSGPOUA
policy-try              RSGPOUA
policy-tried            RSGPOUA
calendar                RSGPOUA
calendar-set            A

operations              OUA
parked                  OUA
parked-ticket           OUA
parked-discard          OA
parked-archive          OA
healthz                 anybody
audit                   UA
audit-export            UA

interchange             enterprise
receipts                enterprise
receipt                 enterprise
enterprise-document     enterprise
"""


def rights() -> dict[str, frozenset[str]]:
    """Route name -> who, as `console.web.asking.Route.who` says it."""
    found = {}
    for line in filter(None, WHO.splitlines()):
        name, who = line.split()
        assert name not in found, name
        found[name] = frozenset([WORDS[who]] if who in WORDS else (LETTERS[letter] for letter in who))
    return found


Values = dict[str, Any]
Make = Callable[[Scene, str], Values]


@dataclass(frozen=True)
class Sample:
    """What an address and a form (a query, of a GET) are filled with, of things of a branch. bound: these belong to the branch."""

    path: Make = lambda scene, branch: {}
    form: Make = lambda scene, branch: {}
    bound: bool = True


def firm_of(branch: str) -> str:
    """An enterprise of the branch."""
    return OUR_FIRM if branch == BRANCH else OTHER_FIRM


def newest(scene: Scene, state: str, branch: str) -> tuple[str, int]:
    """Id and version of the newest certificate in this state; of another, when the tests before have used them up."""
    [(identity, version)] = scene.desk.query(
        "select id::text, version from certificate where branch = %s order by (state = %s) desc, id desc limit 1", branch, state)
    return identity, version


def newest_filing(scene: Scene, kind: str, branch: str) -> tuple[str, int]:
    """The same of a filing that waits."""
    [(identity, version)] = scene.desk.query(
        "select id::text, version from filing where branch = %s and kind = %s order by (state = 'PENDING_REVIEW') desc, id desc"
        " limit 1", branch, kind)
    return identity, version


def certificate(state: str) -> Make:
    """The id of a certificate in this state."""
    return lambda scene, branch: {"certificate": newest(scene, state, branch)[0]}


def filing(kind: str) -> Make:
    """The id of a filing that waits."""
    return lambda scene, branch: {"filing": newest_filing(scene, kind, branch)[0]}


def printed(scene: Scene, branch: str) -> Values:
    """A certificate with a document."""
    return {"certificate": scene.first(
        "select c.id from certificate c join document d on d.certificate = c.id where c.branch = %s order by c.id limit 1", branch)}


def user(scene: Scene, branch: str) -> Values:
    """A user whom nobody else needs."""
    return {"branch": branch, "name": "somebody"}


def always(**values: Any) -> Make:
    """The same for every branch."""
    return lambda scene, branch: values


def decided(kind: str) -> Make:
    """The version that a decision on a filing names."""
    return lambda scene, branch: {"version": newest_filing(scene, kind, branch)[1]}


def both(*makers: Make) -> Make:
    """The values of all."""
    return lambda scene, branch: {name: value for make in makers for name, value in make(scene, branch).items()}


def on_filings(prefix: str, kind: str) -> dict[str, Sample]:
    """The forms of the two filing desks."""
    where = filing(kind)
    return {
        prefix: Sample(where), f"{prefix}-xml": Sample(where),
        f"{prefix}-next": Sample(bound=False),
        f"{prefix}-claim": Sample(where),
        f"{prefix}-renew": Sample(where, always(token=1)),
        f"{prefix}-release": Sample(where, always(token=1)),
        f"{prefix}-steal": Sample(where, always(reason="colleague is ill")),
        f"{prefix}-reassign": Sample(where, always(to="", reason="colleague is ill")),
        f"{prefix}-return": Sample(where, both(decided(kind), always(token=1, code="OTHER", reason="incomplete"))),
        f"{prefix}-approve": Sample(where, both(decided(kind), always(token=1, note=""))),
    }


def review(scene: Scene, branch: str) -> Values:
    """The version that a decision on a certificate names."""
    return {"version": newest(scene, "PENDING_REVIEW", branch)[1]}


def rows(scene: Scene, branch: str) -> Values:
    """What is chosen in the queue."""
    identity, version = newest(scene, "PENDING_REVIEW", branch)
    return {"row": [f"{identity}:{version}:"]}


def ticket(scene: Scene, branch: str) -> Values:
    """What was parked."""
    return {"ticket": scene.first("select id from parked where enterprise = %s", firm_of(branch))}


def numbered(state: str) -> Make:
    """What a form names that cannot be taken back: number and version of the certificate, and the password again."""
    def made(scene: Scene, branch: str) -> Values:
        identity, version = newest(scene, state, branch)
        number = scene.first("select coalesce(number, 'none') from certificate where id = %s", identity)
        return {"version": version, "number": number, "password": PASSWORD, "code": ""}
    return made


def firm(scene: Scene, branch: str) -> Values:
    """An enterprise's number."""
    return {"no": firm_of(branch)}


PENDING = certificate("PENDING_REVIEW")
ISSUED = certificate("ISSUED")
PAPER = certificate("AWAIT_PRINT")
SOMEBODYS_EXPORT = "00000000-0000-7000-8000-000000000001"  # nobody else can see it, whoever asks
NEW_PASSWORD = always(new="neun-blaue-regenschirme", again="neun-blaue-regenschirme")

# route name -> sample; a route without parts in its address and without a form needs none
SAMPLES: dict[str, Sample] = {
    "language": Sample(form=always(language="zh", back="/"), bound=False),
    "sign_in": Sample(form=always(branch=BRANCH, name="nobody", password="wrong", code=""), bound=False),
    "sign_out": Sample(bound=False),
    "first_password": Sample(form=NEW_PASSWORD, bound=False),
    "first_code": Sample(form=always(code="000000"), bound=False),
    "desk.stylesheet": Sample(always(type="CO"), bound=False),
    "end_session": Sample(form=always(id="00"), bound=False),
    "end_other_sessions": Sample(bound=False),
    "change_password": Sample(form=both(always(password="x", code=""), NEW_PASSWORD), bound=False),
    "renew_totp": Sample(form=always(password="x", code=""), bound=False),
    "confirm": Sample(form=always(password="x", code="", back="/users"), bound=False),
    "add_user": Sample(form=always(name="newcomer", shown="新", roles=["reviewer"]), bound=False),
    "user": Sample(user),
    "user_roles": Sample(user, always(roles=["reviewer", "auditor"])),
    "user_skills": Sample(user, always(skills=["CO"])),
    "user_reset": Sample(user),
    "user_totp": Sample(user),
    "user_disable": Sample(user),
    "user_enable": Sample(user),
    "user_end_sessions": Sample(user),
    **on_filings("filing", "goods"),
    **on_filings("registration", "registration"),
    "registration-image": Sample(both(filing("registration"), always(kind="seal", code="x"))),
    "desk": Sample(PENDING), "desk.source": Sample(PENDING), "desk.source_file": Sample(PENDING), "desk.preview": Sample(PENDING),
    "desk.picture": Sample(both(PENDING, always(n=1))),
    "desk.next": Sample(bound=False),
    "desk.claim": Sample(PENDING),
    "desk.renew": Sample(PENDING, always(token=1)),
    "desk.release": Sample(PENDING, always(token=1)),
    "desk.steal": Sample(PENDING, always(code="HOLDER_ABSENT", text="")),
    "desk.refer": Sample(PENDING, always(text="please look at box 1", to="", token=1)),
    "desk.approve": Sample(PENDING, both(review, always(token=1))),
    "desk.return": Sample(PENDING, both(review, always(token=1, text="as said on the telephone"))),
    "desk.reassign": Sample(PENDING, always(to="", text="")),
    "parked-ticket": Sample(ticket),
    "parked-discard": Sample(ticket, always(reason="a test message", password=PASSWORD, code="")),
    "parked-archive": Sample(ticket, always(reason="a test message", password=PASSWORD, code="")),
    "enterprise": Sample(firm),
    "enterprise-image": Sample(both(firm, always(kind="seal", code="x"))),
    "registry-customs-code": Sample(firm, always(code="1101960099", decision="approve", reason="letter of customs")),
    "registry-operator": Sample(firm, always(code="b", name_zh="王芳", contact="", active="1", reason="letter")),
    "registry-signatory": Sample(firm, always(code="09", name_zh="王芳", active="1", reason="letter")),
    "registry-specimen": Sample(firm, always(kind="seal", code="", picture=png(900, 900), reason="letter")),
    "registry-particulars": Sample(firm, always(name_zh="新", name_en="NEW", address_en="", contact="", reason="letter")),
    "registry-local-print": Sample(firm, always(to="on", reason="letter")),
    "registry-switch": Sample(firm, lambda scene, branch: {
        "to": "off", "repeat": firm_of(branch), "password": PASSWORD, "code": "", "reason": "closed"}),
    "find": Sample(form=always(text="S26-000000"), bound=False),
    "queue": Sample(always(queue="approved"), bound=False),
    "approve-many": Sample(form=rows, bound=False),
    "release-many": Sample(form=rows, bound=False),
    "reassign-many": Sample(form=both(rows, always(to="", why="ill")), bound=False),
    "save-search": Sample(form=always(label="mine", query="state=ISSUED"), bound=False),
    "forget-search": Sample(form=always(label="kept"), bound=False),
    **{name: Sample(always(export=SOMEBODYS_EXPORT)) for name in ("export", "export-file", "export-again", "cancel-export")},
    "start-export": Sample(form=always(query="/search?state=ISSUED"), bound=False),
    "certificate": Sample(ISSUED),
    "certificate-document": Sample(printed),
    "void": Sample(ISSUED, both(numbered("ISSUED"), always(reason="ISSUED_BY_MISTAKE", text=""))),
    "enter-serial": Sample(PAPER, both(numbered("AWAIT_PRINT"), always(serial="R0000123", copies=1))),
    "correct-serial": Sample(PAPER, both(numbered("AWAIT_PRINT"), always(old="R0000123", serial="R0000124", why="misread"))),
    "recall": Sample(PAPER, both(numbered("AWAIT_PRINT"), always(why="wrong box 9"))),
    "policy-tried": Sample(form=always(version="2026.2", days=1), bound=False),
    "calendar-set": Sample(form=lambda scene, branch: {"branch": branch, "day": "2027-03-01", "state": "closed", "note": "x"}),
    "interchange": Sample(bound=False),
    "receipt": Sample(always(receipt="00000000-0000-7000-8000-000000000000"), bound=False),
    "enterprise-document": Sample(always(name="x.pdf"), bound=False),
}
# what is not there in either branch, so that its own branch is told 404 as well
NOWHERE = frozenset({
    "forget-search", "export", "export-file", "export-again", "cancel-export",
    "registration-image", "enterprise-image", "desk.picture", "receipt", "enterprise-document"})
# what an enterprise's key gets for these samples
ENTERPRISE_ANSWERS = {"interchange": 503, "receipts": 200, "receipt": 404, "enterprise-document": 404}


def filled(path: str, parts: Mapping[str, Any]) -> str:
    """A route's path with its parts in place."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(parts[found[1]]), path)


def address(scene: Scene, name: str, branch: str = BRANCH) -> str:
    """Where the route is, with things of this branch."""
    return filled(TABLE[name].path, SAMPLES.get(name, Sample()).path(scene, branch))


def looks() -> Iterator[tuple[str, str]]:
    """(route, role) of everything that people look at."""
    who = rights()
    for name, route in TABLE.items():
        if name in who and route.method == "GET" and who[name] != {"(enterprise)"} and name not in NOWHERE:
            roles = [role for role in LETTERS.values() if role in who[name]]
            yield name, "administrator" if "administrator" in roles else (roles or ["reviewer"])[0]

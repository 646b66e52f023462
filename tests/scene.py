"""A branch in the middle of its day, for tests that look at the console: something of everything, and the same next door."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from console.sampler import Sample
from domain.certificate import Decision
from pipeline.advance import advance
from pipeline.cases import cases_of
from store.wanted import Wanted
from tests.desk import Desk, another_session, clean
from tests.filing_messages import FIRM, decision, goods, registration
from tests.trade import amendment, give_branch_an_exchange, interchange, void

BRANCH, OTHER = "1100B0", "3302A0"
OTHER_FIRM = "3302A0311"  # of tests/samples/registry.toml
Change = Callable[[str], str]
_PARKED = """insert into parked (id, key, source, exchange, enterprise, sha256, body, error, traceback, fingerprint, tries, at)
    values (gen_random_uuid(), %s, 'delivery', %s, %s, sha256(%s), %s, 'no box 14', 'Traceback (most recent call last): ...',
        'KeyError at compose.boxes', 3, clock_timestamp()) returning id"""


def ours(number: int) -> int:
    """The number of the sampler's sample `number` of 1100B0."""
    return number // 2 * 6 + number % 2


def theirs(number: int) -> int:
    """The same of 3302A0."""
    return ours(number) + 4


def changed(sample: Sample, change: Change) -> Sample:
    """The sample with its text changed."""
    return Sample(sample.firm, sample.message_id, sample.invoice, change(sample.body.decode()).encode(), sample.fault)


def rifles(text: str) -> str:
    """Goods that two persons look at."""
    return re.sub(r"<HSCode>\d+<", "<HSCode>93040000<", text)


@dataclass
class Scene:
    """What the tests ask for: ids by what stands there. Each is (certificate or filing id, version)."""

    desk: Desk

    def newest(self, state: str, branch: str = BRANCH, revision: int = 0) -> tuple[str, int]:
        """Id and version of the newest certificate in this state."""
        rows = self.desk.query(
            "select id::text, version from certificate where state = %s and branch = %s and (%s = 0 or revision = %s)"
            " order by id desc limit 1", state, branch, revision, revision)
        assert rows, f"no certificate {state} in {branch}: {self.desk.certificates()}"
        return rows[0][0], rows[0][1]

    def filing(self, kind: str, state: str, branch: str = BRANCH) -> tuple[str, int]:
        """Id and version of the newest filing of this kind in this state."""
        rows = self.desk.query(
            "select id::text, version from filing where kind = %s and state = %s and branch = %s order by id desc limit 1",
            kind, state, branch)
        assert rows, f"no {kind} filing {state} in {branch}"
        return rows[0][0], rows[0][1]

    def first(self, sql: str, *parameters: object) -> str:
        """The first value of a query as text."""
        return str(self.desk.query(sql, *parameters)[0][0])


def branch_at_work(desk: Desk, more: int = 0, waiting: int = 8) -> Scene:
    """Both branches with something of everything; more: certificates issued beside; waiting: for a reviewer."""
    for number in (ours, theirs):
        certificates(desk, number, more, waiting)
    for branch, firm in ((BRANCH, FIRM), (OTHER, OTHER_FIRM)):
        filings(desk, branch, firm)
        paper(desk, branch)
        body = clean((ours if branch == BRANCH else theirs)(900)).body
        desk.query(_PARKED, f"d:{branch}", desk.world.names.enterprise_exchange(firm), firm, body, body)
    return Scene(desk)


def certificates(desk: Desk, number: Callable[[int], int], more: int = 0, waiting: int = 8) -> None:
    """Issued, superseded, void, returned, waiting for review, for four eyes, and an amendment that waits."""
    firm = clean(number(0)).firm
    branch = firm.record.branch
    samples = [clean(number(at)) for at in range(3 + more)]
    samples += [clean(number(100 + at), fault="intermediary") for at in range(waiting)]
    samples += [clean(number(200), fault="several"), clean(number(202), fault="consignee-missing")]
    samples += [changed(clean(number(300)), rifles)]
    desk.deliver(*samples)
    numbers = [row[0] for row in desk.query(
        "select number from certificate where state = 'ISSUED' and branch = %s and invoice = any(%s) order by invoice", branch,
        [sample.invoice for sample in samples[:3]])]
    exchange = desk.world.names.enterprise_exchange
    desk.deliver(amended(clean(number(0)), numbers[0], branch, ("<HSCode>", "<HSCode>")), exchange=exchange(firm.record.no))
    made_void = void(numbers[2], f"V-{branch}", branch).replace(b"1100B0", branch.encode())
    desk.deliver(made_void, exchange=branch_exchange(desk, branch))
    desk.deliver(waits(clean(number(1)), numbers[1], branch), exchange=exchange(clean(number(1)).firm.record.no))
    desk.deliver(withdrawn(clean(number(102)), branch), exchange=exchange(firm.record.no))


def amended(like: Sample, number: str, branch: str, change: tuple[str, str]) -> bytes:
    """An amendment of this certificate."""
    return amendment(like, f"A-{number.replace('/', '-')}", number, 1, change=change).replace(b"1100B0", branch.encode())


def waits(like: Sample, number: str, branch: str) -> bytes:
    """An amendment that changes the origin data, which a person looks at."""
    body = amended(like, number, branch, ("</Consignee>", "</Consignee>"))
    return re.sub(rb"<HSCode>\d+<", b"<HSCode>84137099<", body).replace(b"</Marks>", b"\nAMENDED</Marks>")


def withdrawn(like: Sample, branch: str) -> bytes:
    """The exporter takes this application back."""
    return interchange(f"W-{branch}", like.firm.record.no, f"""<Withdrawal><MessageId>W-{branch}</MessageId><Certificate>
<InvoiceNo>{like.invoice}</InvoiceNo></Certificate><Reason>wrong consignee</Reason></Withdrawal>""").replace(
        b"1100B0", branch.encode())


def branch_exchange(desk: Desk, branch: str) -> str:
    """The exchange of a branch, on file as `coedi branch add` puts it there."""
    if branch == BRANCH:
        return give_branch_an_exchange(desk)
    exchange = desk.world.names.branch_exchange(branch)
    desk.owner.run("update branch set exchange = %s where code = %s", (exchange, branch))
    desk.owner.run("insert into feed_counter (enterprise) values (%s) on conflict do nothing", (branch,))
    return exchange


def filings(desk: Desk, branch: str, firm: str) -> None:
    """Goods filings approved, returned and waiting, and a registration that waits."""
    exchange = desk.world.names.enterprise_exchange(firm)
    for at, code in enumerate(("732393", "821599", "841370", "854442")):
        desk.deliver(goods(f"G-{branch}-{at}", firm, branch, HSCode=code, Criterion="PE", ValueContent=""), exchange=exchange)
    rows = desk.query("select id, version from filing where branch = %s and state = 'PENDING_REVIEW' order by id", branch)
    for (identity, version), what in zip(rows, ("APPROVE", "RETURN"), strict=False):
        said = decision(f"GD-{identity}", identity, version, what, branch=branch, reason="" if what == "APPROVE" else "not so")
        desk.deliver(said, exchange=branch_exchange(desk, branch))
    [(zh, en)] = desk.query("select name_zh, name_en from enterprise where no = %s", firm)
    desk.deliver(registration(f"RG-{branch}", firm, no=firm, branch=branch, zh=zh, en=en), exchange=exchange)


def paper(desk: Desk, branch: str) -> None:
    """A certificate that waits for numbered stock."""
    number = (ours if branch == BRANCH else theirs)(400)
    session = another_session(desk.world, ("schema-check", "rule-check", "auto-review"))
    desk_of_it = Desk(desk.world, session, type(desk.intake)(session), desk.owner)
    desk_of_it.deliver(clean(number))
    [(identity, enterprise)] = desk.query("select id, enterprise from certificate where invoice = %s", clean(number).invoice)
    [case] = cases_of(session.database, [identity])
    with session.store.work(Wanted(certificates=[identity], enterprises=[enterprise])) as work:
        advance(work, work.held.certificates[identity], Decision("print-on-paper"), "print", case.origin)
    session.database.close()

"""Claims: a lease in database time that two reviewers never hold at once, and a token that tells an old one apart."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from domain.errors import NotAllowed, UnknownThing
from pipeline.identity import new_id
from review_worker import claims, manual_review
from store.database import Database
from store.postgres import PostgresStore
from tests.desk import clean
from tests.integration.operators.command import coedi
from tests.integration.operators.test_doctor import plant
from tests.integration.operators.test_trace import one, traced
from tests.services import World

pytestmark = pytest.mark.database

INVOICE = clean(11).invoice
THREADS, EACH = 8, 25


@pytest.fixture
def database(lived: World) -> Iterator[Database]:
    """An operator's connection to a world where one certificate waits for review."""
    opened = lived.database("coedi_operator")
    yield opened
    opened.close()


@pytest.fixture
def waiting(database: Database) -> UUID:
    """The certificate that waits."""
    (row,) = manual_review.waiting(database)
    return row.subject


def expire(world: World) -> None:
    """Let every lease end, in the database's time."""
    plant(world, "update review_task set lease_until = clock_timestamp() - interval '1 second'")


def approve(database: Database, certificate: UUID, who: str, token: int | None) -> str | None:
    """Approve at version 4; the state it led to."""
    return manual_review.approve(PostgresStore(database), certificate, who, 4, token=token).state


def test_eight_reviewers_at_once_get_two_hundred_different_certificates(lived: World) -> None:
    plant(lived, f"""
        insert into review_task (certificate, version, branch, enterprise, reasons, queued_at, deadline)
        select gen_random_uuid(), 4, branch, enterprise, reasons, queued_at, deadline + n * interval '1 second'
        from review_task, generate_series(2, {THREADS * EACH}) n""")

    def reviewer(number: int) -> list[UUID]:
        mine = lived.database("coedi_operator")
        made = [claims.claim(mine, f"reviewer{number}") for _ in range(EACH)]
        mine.close()
        return [claim.subject for claim in made if claim]

    with ThreadPoolExecutor(THREADS) as pool:
        claimed = [certificate for many in pool.map(reviewer, range(THREADS)) for certificate in many]
    assert len(claimed) == len(set(claimed)) == THREADS * EACH
    assert one(lived, "select count(*) from review_task where claimed_by is null or token <> 1") == 0


def test_the_nearest_deadline_is_claimed_first_and_then_nothing_is_left(lived: World, waiting: UUID) -> None:
    said = coedi(lived, "review", "claim", "--as-reviewer", "liu", "--json")
    assert (said.data["certificate"], said.data["token"], said.data["claimed_by"]) == (str(waiting), 1, "liu")
    again = coedi(lived, "review", "claim", "--as-reviewer", "zhao")
    assert (again.exit_code, again.why) == (4, "nothing is left to claim; see: coedi review list")


def test_a_branch_claims_its_own(lived: World, waiting: UUID) -> None:
    assert coedi(lived, "review", "claim", "--branch", "1100X9").exit_code == 4
    branch = one(lived, "select branch from review_task")
    assert coedi(lived, "review", "claim", "--branch", branch, "--json").data["certificate"] == str(waiting)


def test_a_lease_lasts_so_many_minutes_of_the_databases_clock(database: Database, waiting: UUID) -> None:
    before = database.query("now")[0][0]
    made = claims.claim(database, "liu", 30)
    after = database.query("now")[0][0]
    assert made and made.until
    assert before <= made.until - timedelta(minutes=30) <= after


def test_the_second_is_told_who_has_it_and_until_when(lived: World, waiting: UUID) -> None:
    coedi(lived, "review", "claim", INVOICE, "--as-reviewer", "liu")
    until = one(lived, "select to_char(lease_until at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS') from review_task")
    for words in (["claim", INVOICE], ["approve", INVOICE], ["return", INVOICE, "--reason", "x"], ["renew", INVOICE],
                  ["release", INVOICE]):
        said = coedi(lived, "review", *words, "--as-reviewer", "zhao")
        assert said.exit_code == 4
        assert f"is claimed by liu until {until}" in said.why
    assert traced(lived, INVOICE)["certificate"]["state"] == "PENDING_REVIEW"


def test_the_list_shows_who_has_what_until_when_and_what_is_mine(lived: World, waiting: UUID) -> None:
    assert coedi(lived, "review", "list", "--json").data["waiting"][0]["claimed_by"] is None
    coedi(lived, "review", "claim", "--as-reviewer", "liu")
    (row,) = coedi(lived, "review", "list", "--json").data["waiting"]
    assert (row["claimed_by"], row["lease_until"] is None) == ("liu", False)
    assert coedi(lived, "review", "list", "--mine", "--as-reviewer", "liu", "--json").data["waiting"] == [row]
    assert coedi(lived, "review", "list", "--mine", "--as-reviewer", "zhao", "--json").data["waiting"] == []
    assert "liu until 20" in coedi(lived, "review", "list").out
    expire(lived)
    assert coedi(lived, "review", "list", "--json").data["waiting"][0]["claimed_by"] is None


def test_the_holder_decides_with_the_token_or_by_name(database: Database, waiting: UUID) -> None:
    made = claims.claim(database, "liu")
    assert made
    assert approve(database, waiting, "liu", made.token) == "APPROVED"


def test_deciding_on_what_nobody_holds_needs_no_claim(lived: World) -> None:
    assert coedi(lived, "review", "approve", INVOICE, "--as-reviewer", "liu").exit_code == 0


def test_an_old_claim_cannot_decide_after_somebody_claimed_since(lived: World, database: Database, waiting: UUID) -> None:
    first = claims.claim(database, "liu")
    expire(lived)
    second = claims.claim(database, "zhao")
    assert first and second and (first.token, second.token) == (1, 2)
    expire(lived)
    with pytest.raises(NotAllowed, match=r"token 1\) has ended and it was claimed again since \(token 2\)"):
        approve(database, waiting, "liu", first.token)
    with pytest.raises(NotAllowed):
        approve(database, waiting, "liu", second.token)  # it is not theirs
    assert approve(database, waiting, "zhao", second.token) == "APPROVED"


def test_an_old_claim_cannot_decide_even_when_the_one_who_claimed_since_gave_it_back(
    database: Database, waiting: UUID, lived: World
) -> None:
    first = claims.claim(database, "liu")
    claims.steal(database, "zhao", waiting, "urgent")
    claims.release(database, "zhao", waiting)
    assert first
    with pytest.raises(NotAllowed, match="claimed again since"):
        approve(database, waiting, "liu", first.token)
    said = coedi(lived, "review", "return", INVOICE, "--reason", "x", "--token", first.token, "--as-reviewer", "liu")
    assert said.exit_code == 4


def test_a_lease_that_ended_still_decides_when_nobody_claimed_since(lived: World, waiting: UUID) -> None:
    made = coedi(lived, "review", "claim", "--as-reviewer", "liu", "--json").data
    expire(lived)
    said = coedi(lived, "review", "return", INVOICE, "--reason", "x", "--token", made["token"], "--as-reviewer", "liu")
    assert said.exit_code == 0


def test_renewing_lengthens_and_keeps_the_token_but_not_after_somebody_else_claimed(
    lived: World, database: Database, waiting: UUID
) -> None:
    first = claims.claim(database, "liu", 1)
    renewed = claims.renew(database, "liu", waiting, 60, 1)
    assert first and first.until and renewed.until
    assert (renewed.token, renewed.until > first.until) == (1, True)
    with pytest.raises(NotAllowed, match="token 7 is not that of your newest claim"):
        claims.renew(database, "liu", waiting, 60, 7)
    expire(lived)
    claims.claim(database, "zhao")
    with pytest.raises(NotAllowed, match="claimed by zhao"):
        claims.renew(database, "liu", waiting, 60, 1)


def test_what_is_released_can_be_claimed_at_once_under_a_new_token(lived: World, waiting: UUID) -> None:
    coedi(lived, "review", "claim", "--as-reviewer", "liu")
    assert coedi(lived, "review", "release", INVOICE, "--as-reviewer", "liu").out.endswith("version 4: released\n")
    assert coedi(lived, "review", "claim", "--as-reviewer", "zhao", "--json").data["token"] == 2


def test_stealing_needs_a_reason_and_a_claim_and_shuts_out_the_old_holder(
    lived: World, database: Database, waiting: UUID
) -> None:
    assert coedi(lived, "review", "steal", INVOICE, "--reason", "x", "--as-reviewer", "zhao").exit_code == 4
    claims.claim(database, "liu")
    assert coedi(lived, "review", "steal", INVOICE, "--as-reviewer", "zhao").exit_code == 2
    assert coedi(lived, "review", "steal", INVOICE, "--reason", " ", "--as-reviewer", "zhao").exit_code == 2
    said = coedi(lived, "review", "steal", INVOICE, "--reason", "刘休假", "--as-reviewer", "zhao", "--json")
    assert (said.data["claimed_by"], said.data["token"]) == ("zhao", 2)
    with pytest.raises(NotAllowed, match="claimed by zhao"):
        approve(database, waiting, "liu", 1)


def test_claims_stand_in_the_audit(lived: World, database: Database, waiting: UUID) -> None:
    claims.claim(database, "liu")
    claims.steal(database, "zhao", waiting, "urgent")
    claims.renew(database, "zhao", waiting)
    claims.release(database, "zhao", waiting)
    lines = database.run(
        "select actor, action, detail ->> 'token', detail ->> 'reason', detail ->> 'held_by' from audit where subject = %s"
        " order by id", (str(waiting),))
    assert lines == [
        ("reviewer:liu", "review claim", "1", None, None), ("reviewer:zhao", "review steal", "2", "urgent", "liu"),
        ("reviewer:zhao", "review renew", "2", None, None), ("reviewer:zhao", "review release", "2", None, None)]
    assert coedi(lived, "doctor", "--no-documents").exit_code == 0


def test_what_does_not_wait_cannot_be_claimed(database: Database) -> None:
    for ask in (claims.claim, claims.renew, claims.release):
        with pytest.raises(UnknownThing, match="does not wait for review"):
            ask(database, "liu", subject=new_id())  # type: ignore[operator] # each takes it by name


def test_the_database_refuses_a_lease_without_a_claimer(lived: World) -> None:
    database = lived.database()
    with pytest.raises(Exception, match="check constraint"):
        database.run("update review_task set lease_until = clock_timestamp()")
    database.close()

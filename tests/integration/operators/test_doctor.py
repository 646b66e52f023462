"""Every promise that the doctor checks finds a planted violation, and a clean world is clean."""

import shutil
from threading import Timer

import pytest

from store.invariants import CHAINS, CHECKPOINTS, CHECKS, DOCUMENT_FILES
from tests.integration.operators.command import coedi
from tests.integration.operators.filing_violations import FILINGS
from tests.services import World

pytestmark = pytest.mark.database

# what an intruder, a bug or a lost write could leave behind, and the promise that must notice it
PLANTED: tuple[tuple[str, str], ...] = (
    ("history_dense",
     "delete from transition where version = 2 and certificate = (select id from certificate where "
     "version = 5 limit 1)"),
    ("history_dense", "update transition set source = 'RETURNED' where event = 'approve'"),
    ("history_dense", "update transition set version = 9 where event = 'issue'"),
    ("moves_known", "update transition set event = 'jump' where version = 3"),
    ("moves_known", "update transition set state = 'VOID' where version = 1"),
    ("state_is_newest", "update certificate set state = 'VOID' where state = 'ISSUED'"),
    ("state_is_newest", "update certificate set revision = 2 where state = 'RETURNED'"),
    ("state_is_newest", "update certificate set version = version - 1 where state = 'RETURNED'"),
    ("state_is_newest", "update certificate set head = sha256('x') where state = 'RETURNED'"),
    ("state_is_newest",
     "delete from transition where certificate = (select id from certificate where state = "
     "'RETURNED')"),
    ("delivery_answered", "delete from receipt where code = 'BYTES_RECEIVED' and feed_no = 1"),
    ("delivery_answered", "delete from parked"),
    ("message_answered", "delete from receipt where code = 'MSG_ID_REUSED'"),
    ("message_answered", "delete from receipt where stream like 'certificate:%' and sequence = 1"),
    ("message_answered", "update message set of_message = gen_random_uuid() where disposition = 'repeated'"),
    ("transition_receipts", "delete from receipt where code = 'ISSUED'"),
    ("transition_receipts", "update receipt set state = 'VOID' where code = 'APPROVED'"),
    ("transition_receipts", "update transition set receipt = receipt || 'x' where state = 'APPROVED'"),
    ("streams_dense", "delete from receipt where code = 'RULES_CHECKED'"),
    ("streams_dense", "update receipt set sequence = 7 where code = 'MSG_ID_REUSED'"),
    ("feeds_dense", "update feed_counter set last = last + 1 where last > 0"),
    ("feeds_dense", "delete from receipt where feed_no = 2"),
    ("feeds_dense", "delete from feed_counter"),
    ("ledger_dense", "delete from number_ledger where n = 1"),
    ("ledger_dense", "update number_counter set last = last + 1"),
    ("ledger_matches", "update certificate set number = 'X' || number where number is not null"),
    ("ledger_matches", "update number_ledger set certificate = gen_random_uuid()"),
    ("ledger_matches", "update certificate set number = 'X1' where state = 'RETURNED'"),
    ("numbered", "update certificate set number = null where state = 'APPROVED'"),
    ("archive_intact", "update interchange set body = body || 'x' where refusal is null"),
    ("archive_intact", "update interchange set sha256 = sha256('x') where refusal is null and total = 2"),
    ("inbox_complete", "delete from inbox"),
    ("inbox_complete", "update inbox set digest = sha256('x')"),
    ("inbox_complete", "update inbox set message = gen_random_uuid()"),
    ("outbox_drained", "update outbox set claimed_at = claimed_at - interval '2 minutes'"),
    ("interchange_counts", "update interchange set accepted = 0, open = 1 where total = 1 and accepted = 1"),
    ("interchange_counts", "update interchange set accepted = accepted - 1, refused = refused + 1 where total = 2"),
    ("interchange_counts", "delete from message where disposition = 'repeated'"),
    ("summaries", "delete from receipt where code = 'INTERCHANGE_ANSWERED' and feed_no > 5"),
    ("summaries", "update receipt set code = 'INTERCHANGE_ANSWERED' where code = 'BYTES_RECEIVED'"),
    ("documents_exist", "delete from document"),
    ("documents_exist", "update document set revision = 3"),
    ("orders_match", "delete from work_order"),
    ("orders_match", "update work_order set stage = 'rule-check'"),
    ("orders_moving", "update certificate set changed_at = changed_at - interval '1 hour' where state = 'APPROVED'"),
    ("desk_matches", "delete from review_task"),
    ("desk_matches", "update review_task set version = version + 1"),
    ("claims_on_record",
     "update review_task set claimed_by = 'x', claimed_at = now(), lease_until = now() + interval '1 hour', token = 1"),
    ("four_eyes",
     "insert into four_eyes (certificate, version, event, eyes, reason) select certificate, version - 1, event, 2, 'x' "
     "from transition where event = 'approve' limit 1"),
    ("replays_on_record", "update parked set disposition = 'replayed', disposed_by = 'operator:x', disposed_at = now()"),
    ("replays_on_record",
     "insert into replay_plan (id, actor, filters, sha256) values (gen_random_uuid(), 'x', '{}', sha256('x'));"
     "insert into replay_item (plan, position, kind, subject, name, version, old, predicted, state)"
     " select p.id, 1, 'certificate', c.id, 'x', c.version, 'RETURNED', 'APPROVED', 'done' from replay_plan p,"
     " certificate c where c.state = 'RETURNED' limit 1"),
    ("attempts_settled",
     "insert into attempt (key, tries, at) values ('delivery:x', 2, now() - interval '11 "
     "minutes')"),
    ("tenants_apart",
     "update receipt set enterprise = (select max(no) from enterprise), feed_no = feed_no + 1000 "
     "where feed_no = 4 and enterprise = '1100A2001'"),
    ("tenants_apart", "update outbox set address = '000000000' where kind = 'receipt'"),
    ("invoices_held", "delete from live_invoice"),
    ("invoices_held",
     "insert into live_invoice select enterprise, invoice, id from certificate where state = "
     "'RETURNED'"),
    ("amendments_held", "update certificate set replaces = id, replacing = 'AMEND' where state = 'PENDING_REVIEW'"),
    ("superseded", "update certificate set state = 'SUPERSEDED' where state = 'ISSUED'"),
    ("chains", "update transition set actor = 'reviewer:someone' where event = 'approve'"),
    ("chains", "update transition set detail = detail || '{\"reasons\": [\"other\"]}' where version = 4"),
    ("chains", "update transition set at = at + interval '1 microsecond' where version = 1"),
    ("chains", "update transition set hash = sha256('x') where event = 'issue'"),
    ("chains", "update transition set previous_hash = sha256('x') where version = 1"),
    ("chains", "delete from transition where event = 'issue'"),
    ("chains", "delete from transition where version = 1"),
    ("chains", "delete from transition where certificate = (select id from certificate where state = 'RETURNED')"),
    ("chains", "delete from certificate where state = 'RETURNED'"),
    ("document_files", "update document set sha256 = sha256('x')"),
    ("document_files", "update document set name = 'elsewhere-' || name"),
)


def plant(world: World, sql: str) -> None:
    """Write past every constraint and trigger, as somebody with the superuser's password could."""
    database = world.database()
    database.run("set session_replication_role = replica")
    database.run(sql)
    database.close()


def broken(world: World) -> set[str]:
    """Names of the promises that do not hold."""
    said = coedi(world, "doctor", "--json")
    names = {check["name"] for check in said.data["checks"] if check["violations"]}
    assert said.exit_code == (1 if names else 0)
    assert said.data["clean"] is not bool(names)
    return names


def test_a_clean_world_is_clean(lived: World) -> None:
    assert broken(lived) == set()


@pytest.mark.parametrize(("name", "sql"), PLANTED, ids=[f"{name}-{n}" for n, (name, _) in enumerate(PLANTED)])
def test_a_planted_violation_is_found(lived: World, name: str, sql: str) -> None:
    plant(lived, sql)
    assert name in broken(lived)


def test_every_promise_has_a_planted_violation() -> None:
    promises = {check.name for check in (*CHECKS, CHAINS, DOCUMENT_FILES)}
    assert {name for name, _ in (*PLANTED, *FILINGS)} == promises  # checkpoints have tests of their own
    assert CHECKPOINTS.name not in promises


def test_missing_files_are_found_unless_nobody_asks_for_them(lived: World) -> None:
    shutil.rmtree(lived.settings.documents)
    assert broken(lived) == {"document_files"}
    assert coedi(lived, "doctor", "--no-documents").exit_code == 0


def test_a_file_that_was_changed_is_found(lived: World) -> None:
    next(lived.settings.documents.rglob("*.pdf")).write_bytes(b"%PDF-1.4 something else")
    assert broken(lived) == {"document_files"}


def test_ten_violations_are_listed_and_all_are_counted(lived: World) -> None:
    plant(lived, "delete from receipt where stream like 'certificate:%'")
    (check,) = [c for c in coedi(lived, "doctor", "--json").data["checks"] if c["name"] == "transition_receipts"]
    assert check["violations"] == len(lived.database().run("select 1 from transition")) > 10
    assert len(check["first"]) == 10


def test_rows_that_a_full_queue_refused_are_a_note_and_no_violation(lived: World) -> None:
    plant(lived, "update outbox set claimed_at = claimed_at - interval '1 hour', refusals = 3")
    said = coedi(lived, "doctor", "--json")
    assert said.exit_code == 0
    assert {note["name"]: note["count"] for note in said.data["notes"]}["refused_by_queue"] > 0


def test_a_work_order_that_was_set_aside_is_a_note_and_no_violation(lived: World) -> None:
    plant(lived, "update certificate set changed_at = changed_at - interval '1 day' where state = 'APPROVED'")
    plant(lived, "update work_order set parked = true")
    said = coedi(lived, "doctor", "--json")
    assert said.exit_code == 0
    assert {note["name"]: note["count"] for note in said.data["notes"]}["set_aside"] == 1


def test_waiting_ends_as_soon_as_the_outbox_is_drained(lived: World) -> None:
    plant(lived, "update outbox set claimed_at = claimed_at - interval '1 hour'")
    assert coedi(lived, "doctor", "--wait", 0.1).exit_code == 1
    drained = Timer(0.5, plant, (lived, "update outbox set claimed_at = clock_timestamp()"))
    drained.start()
    assert coedi(lived, "doctor", "--wait", 60).exit_code == 0
    drained.join()


def test_the_text_names_the_promise_in_both_languages_and_what_breaks_it(lived: World) -> None:
    plant(lived, "delete from document")
    said = coedi(lived, "doctor", "--no-documents")
    assert "每份已发证的证书都有文件 / Every issued certificate has its document" in said.out
    assert "issued, and no document of revision 1" in said.out

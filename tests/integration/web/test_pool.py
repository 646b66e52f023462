"""Connections of the console: what each click asks is planned once, and a transaction begins with its first statement."""

import pytest

from console.web.pool import PREPARES, ROLE
from store.database import Database


@pytest.fixture
def database(stored):
    made = Database(stored.settings.database_url, ROLE, prepares=PREPARES)
    yield made
    made.close()


def test_every_query_of_a_click_can_be_prepared_and_is_prepared_once(database):
    for name in sorted(PREPARES):
        assert database._text(name) == database._text(name)
    assert {row[0] for row in database.run("select name from pg_prepared_statements")} == PREPARES


def test_a_new_connection_prepares_again(database):
    assert database.query("now")
    database.close()
    assert database.query("now")


def test_a_transaction_begins_with_its_first_statement_and_is_rolled_back_with_it(database):
    before = database.round_trips
    with pytest.raises(ZeroDivisionError), database.transaction():
        database.run("select set_config('coedi.branch', '*', true)")
        assert database.run("select current_setting('coedi.branch', true)") == [("*",)]
        raise ZeroDivisionError
    assert database.round_trips - before == 3  # two statements, one rollback
    assert database.run("select current_setting('coedi.branch', true)")[0][0] in (None, "")


def test_a_transaction_in_which_nothing_is_asked_sends_nothing(database):
    before = database.round_trips
    with database.transaction():
        pass
    assert database.round_trips == before
    assert database.run("select 1") == [(1,)]
    assert database._connection.info.transaction_status == 0

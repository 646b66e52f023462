"""Named queries as they are prepared."""

import re

import pytest

from console.web.pool import PREPARES
from store.queries import as_prepared, queries


def test_a_prepared_query_takes_each_parameter_once_with_its_type():
    prepare, execute = as_prepared("lock_numbers")
    assert execute == "execute lock_numbers (%(enterprise)s::text[], %(letter)s::text[])"
    assert "unnest($1::text[], $2::text[])" in prepare
    assert as_prepared("desk_branch")[1] == "execute desk_branch (%(id)s, %(branch)s)"


@pytest.mark.parametrize("name", sorted(PREPARES))
def test_what_the_console_prepares_is_a_query_and_leaves_no_placeholder(name):
    prepare, execute = as_prepared(name)
    assert name in queries() and "%(" not in prepare and "--" not in prepare
    assert len(set(re.findall(r"\$\d+", prepare))) == execute.count("%(")

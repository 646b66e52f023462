"""Databases for tests: copied from a migrated template, and emptied and used again, which takes a tenth of the time of a copy.

A database is used again only if its schema is still the template's: a test may have dropped a constraint to plant a fault.
"""

from dataclasses import dataclass, field
from typing import Any

import psycopg2

# what a test could have changed beside rows: columns, constraints, indexes, triggers, functions, policies, grants
_SCHEMA = """
select md5(string_agg(line, ',' order by line)) from (
    select format('%s %s %s %s %s', c.relname, c.relkind, c.relrowsecurity, c.relacl, c.reloptions) as line from pg_class c
        where c.relnamespace = 'public'::regnamespace
    union all select format('%s %s %s %s %s', a.attrelid::regclass, a.attname, a.atttypid, a.attnotnull, a.attacl)
        from pg_attribute a join pg_class c on c.oid = a.attrelid where c.relnamespace = 'public'::regnamespace and a.attnum > 0
    union all select format('%s %s', conname, pg_get_constraintdef(oid)) from pg_constraint
        where connamespace = 'public'::regnamespace
    union all select format('%s %s %s', tgrelid::regclass, case when tgisinternal then tgtype::text else tgname end, tgenabled)
        from pg_trigger
    union all select format('%s %s', proname, md5(prosrc)) from pg_proc where pronamespace = 'public'::regnamespace
    union all select format('%s %s', polrelid::regclass, polname) from pg_policy
    union all select format('%s', setconfig) from pg_db_role_setting
        where setdatabase = (select oid from pg_database where datname = current_database())
) as lines"""

_EMPTY = """
do $$
declare
    one record;
begin
    set local session_replication_role = replica;
    for one in select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
            and relname <> 'schema_migration' loop
        execute format('delete from %I', one.relname);
    end loop;
    for one in select schemaname, sequencename, start_value from pg_sequences where schemaname = 'public' loop
        perform setval(format('%I.%I', one.schemaname, one.sequencename), one.start_value, false);
    end loop;
end $$"""


@dataclass
class Template:
    """What a fresh database holds: the digest of its schema, and the rows that migrations wrote, as JSON."""

    schema: str
    rows: dict[str, list[str]] = field(default_factory=dict)


def look_at(url: str) -> Template:
    """The template as it is now."""
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(_SCHEMA)
            found = Template(cursor.fetchone()[0])  # type: ignore[index] # an aggregate has a row
            cursor.execute("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
                           " and relname <> 'schema_migration'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'select to_jsonb(t)::text from "{name}" t')
                if rows := [row[0] for row in cursor.fetchall()]:
                    found.rows[name] = rows
            return found
    finally:
        connection.close()


def empty(url: str, template: Template) -> bool:
    """Make the database as fresh as the template; False when it cannot be used again."""
    try:
        connection = psycopg2.connect(url)
    except psycopg2.Error:
        return False
    try:
        with connection, connection.cursor() as cursor:
            return _emptied(cursor, template)
    except psycopg2.Error:
        return False
    finally:
        connection.close()


def _emptied(cursor: Any, template: Template) -> bool:
    cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                   " and pid <> pg_backend_pid()")
    cursor.execute(_SCHEMA)
    if cursor.fetchone()[0] != template.schema:
        return False
    cursor.execute("set local lock_timeout = '2s'")
    cursor.execute(_EMPTY)
    cursor.execute("set local session_replication_role = replica")
    for name, rows in template.rows.items():
        for row in rows:
            cursor.execute(f'insert into "{name}" select * from jsonb_populate_record(null::"{name}", %s::jsonb)', (row,))
    return True


class Shelf:
    """Databases of one test process that wait for their next test."""

    def __init__(self) -> None:
        self._free: list[str] = []
        self._template: Template | None = None

    def take(self) -> str | None:
        """The name of one that is fresh, None when a new one has to be made."""
        return self._free.pop() if self._free else None

    def give_back(self, name: str, url: str, template_url: str) -> bool:
        """Keep it for the next test; False when it has to be dropped."""
        if self._template is None:
            self._template = look_at(template_url)
        if len(self._free) > 2 or not empty(url, self._template):
            return False
        self._free.append(name)
        return True

    def cleared(self) -> list[str]:
        """The names of all that wait, which are forgotten."""
        names, self._free, self._template = self._free, [], None
        return names

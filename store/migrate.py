"""Schema migrations: numbered SQL files, forward only, each with the SHA-256 of its content on record."""

import hashlib
from importlib.resources import files

from domain.errors import Refusal
from store.database import Database

# one number for all coedi migrations: two processes that migrate the same database wait for each other
LOCK = 0x636F6564

_TABLE = """create table if not exists schema_migration (
    number integer primary key, name text not null, sha256 text not null, at timestamptz not null default clock_timestamp())"""


def available() -> list[tuple[int, str, str]]:
    """(number, name, SQL) of the migrations in the package, in order."""
    folder = files("store").joinpath("migrations")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name[:4]), name, folder.joinpath(name).read_text(encoding="utf-8")) for name in names]


def migrate(database: Database) -> list[str]:
    """Apply what is missing, all in one transaction; the names applied. Raises Refusal when a past file was edited."""
    applied = []
    with database.transaction():
        database.run("select pg_advisory_xact_lock(%s)", (LOCK,))
        database.run(_TABLE)
        done = {row[0]: row[1] for row in database.run("select number, sha256 from schema_migration")}
        for number, name, sql in available():
            digest = hashlib.sha256(sql.encode()).hexdigest()
            if number in done:
                _refuse_edited(name, done[number], digest)
                continue
            database.run(sql)
            database.run("insert into schema_migration values (%s, %s, %s)", (number, name, digest))
            applied.append(name)
        database.run("grant select on schema_migration to coedi_worker, coedi_operator, coedi_reader")
    return applied


def pending(database: Database) -> list[str]:
    """Names of migrations that this database lacks."""
    if not database.run("select to_regclass('schema_migration') is not null")[0][0]:
        return [name for _, name, _ in available()]
    done = {row[0] for row in database.run("select number from schema_migration")}
    return [name for number, name, _ in available() if number not in done]


def _refuse_edited(name: str, recorded: str, found: str) -> None:
    if recorded != found:
        raise Refusal(f"migration {name} was applied with other content (recorded {recorded[:12]}, file {found[:12]})")

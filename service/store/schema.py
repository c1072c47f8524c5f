"""The schema's version on a connection: is it this program's, and if not, what mends it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Select, Text, column, inspect, select, table

MIGRATIONS = Path(__file__).parent / "migrations"
REMEDY = "rongjiu migrate"
VERSION_TABLE = "alembic_version"
VERSION: Select[str] = select(column("version_num", Text())).select_from(table(VERSION_TABLE))

CURRENT = "current"
EMPTY = "empty"
OLDER = "older"
FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class SchemaState:
    """`state`: current, empty, older (a migration mends these two) or foreign (not ours, or of a newer version).

    `found` and `head` are revision ids; `problem` is None when current, else a sentence with the command that mends it.
    """

    state: str
    found: str | None
    head: str
    problem: str | None


def alembic_config() -> Config:
    """Alembic's configuration, made here so that no ini file has to travel with the package."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def revisions() -> tuple[str, ...]:
    """All revisions this program knows, newest first."""
    scripts = ScriptDirectory.from_config(alembic_config())
    return tuple(script.revision for script in scripts.walk_revisions())


def state_of(connection: Connection) -> SchemaState:
    """What the database on this connection holds."""
    head = revisions()[0]
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        if not tables:
            return SchemaState(EMPTY, None, head, f"the database is empty; run: {REMEDY}")
        return SchemaState(FOREIGN, None, head, "the database holds tables of another program; use a database of its own for rongjiu")
    found = connection.execute(VERSION).scalar()
    if found == head:
        return SchemaState(CURRENT, found, head, None)
    if found is None:
        return SchemaState(EMPTY, None, head, f"the database is empty; run: {REMEDY}")
    if found in revisions():
        return SchemaState(OLDER, found, head, f"the database has the schema {found}, this program needs {head}; run: {REMEDY}")
    problem = f"the database has the schema {found}, which this program ({head}) does not know; run the program version that made it"
    return SchemaState(FOREIGN, found, head, problem)

"""What every part of a transaction stands on: its connection, and what it has loaded so far."""

from dataclasses import dataclass, field

from sqlalchemy import Connection

from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.task import Task
from service.store.columns import read_object
from service.store.second_look import Question


@dataclass(slots=True)
class LoadedInstance:
    """An instance row locked by this transaction, with the columns only the store needs. Never handed out: callers change instances."""

    instance: ProcessInstance
    activity_seq: int
    variables: str
    _read: dict[str, Json] | None = field(default=None, init=False)

    def read_variables(self) -> dict[str, Json]:
        """Its variables, read once; not to be changed."""
        if self._read is None:
            self._read = read_object(self.variables)
        return self._read


@dataclass(frozen=True, slots=True)
class KnownTasks:
    """Tasks of an instance by id: some or all of those that are open, oldest first, and others that were asked for.

    `number` is how many are open in all, `recusals` how many that are declared or ordered are about the case; None: that is not known.
    """

    tasks: dict[str, Task]
    number: int
    recusals: int | None = None


@dataclass(slots=True)
class Writing:
    """The state of one write transaction.

    What it loaded under an instance's lock cannot be changed by others, so it is read once: `tasks` has, for an instance id, what is
    known of its tasks, until this transaction itself writes tasks of the instance. `thrown` are ids of events written down,
    `about_others` those of instances whose variables it wrote: others may not know yet whom they are about. `newly_about`: one of them
    names a subject or matter that it did not name before. `overtaken_before`: it is the next attempt of one that was Overtaken.
    `facts`, `recusals` and `cases_of_recusals` are what it asked beyond its instances and has to ask again: see second_look.
    """

    connection: Connection
    overtaken_before: bool = False
    facts: list[Question] = field(default_factory=list)
    recusals: list[Question] = field(default_factory=list)
    cases_of_recusals: list[Question] = field(default_factory=list)
    loaded: dict[str, LoadedInstance] = field(default_factory=dict)
    tasks: dict[str, KnownTasks] = field(default_factory=dict)
    about_others: set[str] = field(default_factory=set)
    newly_about: bool = False
    thrown: list[str] = field(default_factory=list)


class TransactionPart:
    """One noun's share of the port Transaction."""

    _connection: Connection
    _writing: Writing

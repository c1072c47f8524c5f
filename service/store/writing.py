"""What every part of a transaction stands on: its connection, and what it has loaded so far."""

from dataclasses import dataclass, field

from sqlalchemy import Connection

from service.domain.instance import ProcessInstance
from service.domain.task import Task


@dataclass(frozen=True, slots=True)
class LoadedInstance:
    """An instance row locked by this transaction, with the columns only the store needs. Never handed out: callers change instances."""

    instance: ProcessInstance
    activity_seq: int
    variables: str


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
    known of its tasks, until this transaction itself writes tasks of the instance. `thrown` are ids of events written down.
    """

    connection: Connection
    loaded: dict[str, LoadedInstance] = field(default_factory=dict)
    tasks: dict[str, KnownTasks] = field(default_factory=dict)
    thrown: list[str] = field(default_factory=list)


class TransactionPart:
    """One noun's share of the port Transaction."""

    _connection: Connection
    _writing: Writing

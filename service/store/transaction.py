"""The write door: one transaction, put together from the parts of each noun."""

from collections.abc import Sequence

from sqlalchemy import Connection

from service.store.answers import Answers
from service.store.audit import Audit
from service.store.ballots import Ballots
from service.store.contents import Contents
from service.store.deployments import Deployments
from service.store.events import Events
from service.store.evidence import Evidence
from service.store.external_tasks import ExternalTasks
from service.store.failures import translated
from service.store.history import History
from service.store.incidents import Incidents
from service.store.instances import Instances
from service.store.jobs import Jobs
from service.store.lookups import DefinitionLookups
from service.store.people import People
from service.store.precedents import Precedents
from service.store.recorded_facts import RecordedInStep
from service.store.recusals import Recusals, look_again_at_recusals
from service.store.second_look import was_overtaken
from service.store.start_timers import StartTimers
from service.store.subjects import Subjects
from service.store.suspension import Suspension
from service.store.tasks import Tasks
from service.store.working_days import WorkingDays
from service.store.writing import Writing


class StoreTransaction(
    Instances,
    Suspension,
    History,
    Tasks,
    ExternalTasks,
    Jobs,
    Events,
    StartTimers,
    Incidents,
    Deployments,
    People,
    Subjects,
    Precedents,
    Recusals,
    RecordedInStep,
    WorkingDays,
    Audit,
    Answers,
    Contents,
    Evidence,
    Ballots,
    DefinitionLookups,
):
    """Implements the port Transaction."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._writing = Writing(connection, was_overtaken())

    @property
    def thrown(self) -> Sequence[str]:
        """Ids of the events that were written down and are meant for somebody."""
        return tuple(self._writing.thrown)

    def commit(self) -> None:
        """Make everything durable. Raises Conflict("stale") when the database refuses because of another transaction, or as Overtaken."""
        look_again_at_recusals(self._writing)
        with translated():
            self._connection.commit()
        # The locks are gone.
        self._writing.loaded.clear()
        self._writing.tasks.clear()

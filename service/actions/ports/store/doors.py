"""The database behind its doors: one write transaction, and questions that only read, each made of what the rooms need."""

from contextlib import AbstractContextManager
from typing import Protocol

from service.actions.ports.store.answers import AnswerWriting
from service.actions.ports.store.audit import AuditQuestions, AuditWriting
from service.actions.ports.store.decisions import DecisionQuestions, RecordedLookups
from service.actions.ports.store.definitions import DefinitionLookups, DeploymentWriting
from service.actions.ports.store.events import EventWriting, StartWriting, TimerWriting
from service.actions.ports.store.evidence import EvidenceLookups, EvidenceQuestions, EvidenceWriting
from service.actions.ports.store.external_tasks import ExternalTaskWriting
from service.actions.ports.store.instances import InstanceQuestions, InstanceWriting
from service.actions.ports.store.lists import ListQuestions
from service.actions.ports.store.people import PeopleQuestions, PeopleWriting
from service.actions.ports.store.registers import RecusalLookups, RegisterLookups, RegisterQuestions, RegisterWriting
from service.actions.ports.store.votes import VoteLookups, VoteQuestions, VoteWriting
from service.actions.ports.store.working_days import WorkingDayLookups, WorkingDayQuestions, WorkingDayWriting


class Lookups(
    DefinitionLookups, RecusalLookups, RegisterLookups, WorkingDayLookups, RecordedLookups, VoteLookups, EvidenceLookups, Protocol
):
    """What both doors of the store answer: published things, which never change, and what was recorded in earlier and other cases."""


class Transaction(
    Lookups,
    AnswerWriting,
    InstanceWriting,
    TimerWriting,
    EventWriting,
    StartWriting,
    ExternalTaskWriting,
    DeploymentWriting,
    PeopleWriting,
    RegisterWriting,
    WorkingDayWriting,
    AuditWriting,
    EvidenceWriting,
    VoteWriting,
    Protocol,
):
    """One write transaction. Leaving the `with` block without commit() rolls back; a lost race raises Conflict("stale")."""

    def commit(self) -> None: ...


class Questions(
    Lookups,
    InstanceQuestions,
    PeopleQuestions,
    RegisterQuestions,
    WorkingDayQuestions,
    DecisionQuestions,
    AuditQuestions,
    ListQuestions,
    EvidenceQuestions,
    VoteQuestions,
    Protocol,
):
    """Read-only questions; every answer reflects all that was committed before (no lag)."""


class Store(Protocol):
    """The database, behind two doors."""

    def begin(self) -> AbstractContextManager[Transaction]: ...
    def read(self, snapshot: bool = True) -> AbstractContextManager[Questions]:
        """Questions that all see one moment, or (cheaper, for a single question) each its own."""
        ...

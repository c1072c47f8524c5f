"""What the actions need from the store for what is kept beside the cases: subjects, recusals and precedents."""

from collections.abc import Sequence
from typing import Protocol

from service.domain.precedent import Precedent, PrecedentOutline
from service.domain.recusal import Recusal
from service.domain.subject import Named, Subject
from service.domain.task import Task


class RecusalLookups(Protocol):
    """Recusals of a case."""

    def named_in_case(self, process_instance_id: str) -> Named | None:
        """The subject and the matter that the case names, as it is written; None: there is no such case yet."""
        ...

    def held_tasks(self, process_instance_id: str) -> Sequence[Task]:
        """The open tasks of the case that somebody has, oldest first."""
        ...

    def recusals_of_case(self, process_instance_id: str) -> Sequence[Recusal]:
        """Those declared or ordered that are about the case, whatever their days."""
        ...

    def recusals_about(self, process_instance_id: str, subject_id: str | None, matter_id: str | None) -> Sequence[Recusal]:
        """The same for a case with that subject and matter, written or not."""
        ...


class RegisterLookups(Protocol):
    """Subjects, and precedents beside cases."""

    def subject(self, subject_id: str) -> Subject | None:
        """The person or unit, or None when it is not registered."""
        ...

    def precedents_beside(self, case_path: str | None) -> Sequence[PrecedentOutline]:
        """All precedents that are shown beside cases of the place with that path, by id."""
        ...

    def precedents(self, ids: Sequence[str]) -> Sequence[Precedent]:
        """Those of the ids, whole, by id."""
        ...


class RegisterWriting(Protocol):
    """Part of a write transaction."""

    def put_subject(self, one: Subject) -> None:
        """Insert or replace."""
        ...

    def load_precedent(self, precedent_id: str) -> Precedent | None:
        """The precedent, locked until the end."""
        ...

    def put_precedents(self, precedents: Sequence[Precedent]) -> None:
        """Insert, or replace those of the same id."""
        ...

    def load_recusal(self, recusal_id: str) -> Recusal | None:
        """The recusal, locked until the end."""
        ...

    def put_recusal(self, one: Recusal) -> None:
        """Insert or replace."""
        ...

    def open_cases_of_recusal(self, one: Recusal) -> Sequence[str]:
        """Ids of the open instances that the recusal is about, in their order."""
        ...


class RegisterQuestions(Protocol):
    """Part of a read."""

    def unlike_registers(self) -> Sequence[tuple[str, int, Sequence[str]]]:
        """(name, rows read, in words what is not what the audit trail says) of subjects, precedents and tables of working days."""
        ...

    def held_by_recused(self, day: str) -> Sequence[str]:
        """In words, the open tasks that a person has who is recused from their case on that day (ISO)."""
        ...

    def unlike_recusals(self) -> tuple[int, Sequence[str]]:
        """(rows read, in words where a recusal is not what the last event about it in the service's stream says)."""
        ...

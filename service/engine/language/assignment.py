"""What a user task says about people and dates: camunda:assignee, candidates, due and follow-up date, priority, form."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.law import TimeLimit
from service.domain.step import EXTERNAL_FORM, OpenedTask
from service.domain.task import person_mark
from service.engine.language import timers
from service.engine.language.derived_limits import DUE, limit_of
from service.engine.language.expressions import Formula, compile_text
from service.engine.language.inquiry import Inquiry
from service.engine.language.juel import is_juel
from service.engine.language.whole_numbers import whole_number
from service.engine.reading.diagram import Node

DEFAULT_PRIORITY = 50
"""Camunda's default."""

MAX_PRIORITY = 2**31 - 1
"""Either way from zero."""

NAME = "name"

NOT_COMPLETED_BY = "notCompletedBy"
"""Our property: keys of user tasks whose doers may not do this one, and expressions that give the ids of persons who may not."""

RECUSAL_EXEMPT = "recusalExempt"
"""Our property: "true" = who is recused from the case may do this task all the same."""

SECRET_BALLOT = "secretBallot"
"""Our property: "true" = each iteration of the user task is one person's vote, which is kept secret."""

SIGNATURE = "signature"
"""Our property: "true" = who completes the task signs what is submitted."""

EVALUATED = ("assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority", "formKey")
"""The attributes that hold an expression or a fixed text."""


def split_list(text: str) -> tuple[str, ...]:
    """The non-empty parts of a comma-separated text; commas inside `${…}` or quotes do not separate."""
    parts: list[str] = []
    depth, quote, current = 0, "", ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "{([":
            depth += 1
        elif character in "})]":
            depth -= 1
        if character == "," and depth == 0 and not quote:
            parts.append(current)
            current = ""
        else:
            current += character
    parts.append(current)
    return tuple(part.strip() for part in parts if part.strip())


@dataclass(frozen=True, slots=True)
class Assignment:
    """The compiled attributes of one user task."""

    node: Node
    formulas: Mapping[str, tuple[Formula, ...]]

    @staticmethod
    def compile(node: Node) -> "Assignment":
        """Compile the attributes. Raises ExpressionFault."""
        formulas: dict[str, tuple[Formula, ...]] = {}
        for name in EVALUATED:
            text = node.attributes.get(name, "").strip()
            if not text:
                continue
            pieces = split_list(text) if name.startswith("candidate") and not text.startswith("=") else (text,)
            formulas[name] = tuple(compile_text(piece) for piece in pieces)
        formulas[NOT_COMPLETED_BY] = tuple(compile_text(piece) for piece in split_list(node.properties.get(NOT_COMPLETED_BY, "")))
        if is_juel(node.name):
            formulas[NAME] = (compile_text(node.name),)
        return Assignment(node, formulas)

    @property
    def fixed_groups(self) -> tuple[str, ...]:
        """The candidate groups that are written in the diagram itself."""
        return tuple(formula.text for formula in self.formulas.get("candidateGroups", ()) if formula.is_fixed)

    def open(self, task_id: str, inquiry: Inquiry) -> OpenedTask:
        """Evaluate everything for a task that is about to open. Raises StepFailed."""
        attributes = self.node.attributes
        due, basis, limit = self._date("dueDate", inquiry, end_of_day=True)
        follow_up, _, _ = self._date("followUpDate", inquiry, end_of_day=False)
        version = attributes.get("formRefVersion")
        return OpenedTask(
            id=task_id,
            element_id=self.node.id,
            name=self._name(inquiry),
            assignee=self._assignee(inquiry),
            candidate_users=self._names("candidateUsers", inquiry),
            candidate_groups=self._names("candidateGroups", inquiry),
            due_at=due,
            due_basis=basis,
            due_limit=limit,
            follow_up_at=follow_up,
            priority=self._priority(inquiry),
            form_key=attributes.get("formRef") or self._form_key(inquiry),
            form_binding=attributes.get("formRefBinding") if attributes.get("formRef") else EXTERNAL_FORM,
            form_version=int(version) if version is not None else None,
            not_completed_by=self._not_completed_by(inquiry),
            recusal_exempt=self.node.properties.get(RECUSAL_EXEMPT, "").strip() == "true",
            signature=self.node.properties.get(SIGNATURE, "").strip() == "true",
        )

    def _name(self, inquiry: Inquiry) -> str:
        formulas = self.formulas.get(NAME)
        value = formulas[0].evaluate(inquiry) if formulas else self.node.name
        return value if isinstance(value, str) and value else self.node.name

    def _assignee(self, inquiry: Inquiry) -> str | None:
        formulas = self.formulas.get("assignee")
        value = formulas[0].evaluate(inquiry) if formulas else None
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise StepFailed(inquiry.element_id, "expression", f"camunda:assignee gives {timers.describe(value)}, not the id of a person")
        return value

    def _not_completed_by(self, inquiry: Inquiry) -> tuple[str, ...]:
        barred: list[str] = []
        for formula in self.formulas[NOT_COMPLETED_BY]:
            if formula.is_fixed:
                barred.append(formula.text)
                continue
            value = formula.evaluate(inquiry)
            for person in value if isinstance(value, list) else [] if value is None else [value]:
                if not isinstance(person, str) or not person:
                    found = timers.describe(person)
                    raise StepFailed(
                        inquiry.element_id, "expression", f"{NOT_COMPLETED_BY} ({formula.text}) gives {found}, not the id of a person"
                    )
                barred.append(person_mark(person))
        return tuple(dict.fromkeys(barred))

    def _form_key(self, inquiry: Inquiry) -> str | None:
        formulas = self.formulas.get("formKey")
        value = formulas[0].evaluate(inquiry) if formulas else None
        if value is None or isinstance(value, str):
            return value or None
        raise StepFailed(inquiry.element_id, "expression", f"camunda:formKey gives {timers.describe(value)}, not a text")

    def _names(self, attribute: str, inquiry: Inquiry) -> tuple[str, ...]:
        names: list[str] = []
        for formula in self.formulas.get(attribute, ()):
            value = formula.evaluate(inquiry)
            parts: list[Json] = list(value) if isinstance(value, list) else list(split_list(value)) if isinstance(value, str) else [value]
            for part in parts:
                if not isinstance(part, str) or not part:
                    found = timers.describe(part)
                    raise StepFailed(
                        inquiry.element_id, "expression", f"camunda:{attribute} ({formula.text}) gives {found}, not the id of one"
                    )
                if part not in names:
                    names.append(part)
        return tuple(names)

    def _date(self, attribute: str, inquiry: Inquiry, end_of_day: bool) -> tuple[int | None, str | None, TimeLimit | None]:
        """The moment, its basis, and the time limit it comes from."""
        formulas = self.formulas.get(attribute)
        if not formulas:
            return None, None, None
        formula = formulas[0]
        inquiry.limits.clear()
        value = formula.evaluate(inquiry)
        if value is None or value == "":
            return None, None, None
        if not isinstance(value, str):
            raise StepFailed(
                inquiry.element_id, "expression", f"camunda:{attribute} ({formula.text}) gives {timers.describe(value)}, not a date"
            )
        try:
            at = timers.milliseconds(timers.due_moment(value.strip(), inquiry.now(), end_of_day))
            limit = limit_of(formula, inquiry, at, DUE)
            return at, "diagram" if formula.is_fixed else "variable" if limit is None else limit.basis, limit
        except timers.TimerFault as fault:
            raise StepFailed(inquiry.element_id, "expression", f"camunda:{attribute}: {fault}") from None

    def _priority(self, inquiry: Inquiry) -> int:
        formulas = self.formulas.get("priority")
        if not formulas:
            return DEFAULT_PRIORITY
        value = formulas[0].evaluate(inquiry)
        if value is None:
            return DEFAULT_PRIORITY
        number = whole_number(value, -MAX_PRIORITY, MAX_PRIORITY)
        if number is None:
            raise StepFailed(inquiry.element_id, "expression", f"camunda:priority gives {timers.describe(value)}, not a whole number")
        return number

"""The functions that expressions in diagrams may call besides those of FEEL: one table for checking, running and the documentation."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DiagramFunction:
    """`name(parameters)`; the last `optional` ones may be left out.

    `calls` is the name that the evaluation knows; `feel`: FEEL text may call it too.
    """

    name: str
    parameters: tuple[str, ...]
    meaning: str
    calls: str
    feel: bool
    optional: int = 0

    @property
    def signature(self) -> str:
        """The function as it is written."""
        return f"{self.name}({', '.join(self.parameters)})"

    def takes(self, count: int) -> bool:
        """Whether it may be called with that many arguments."""
        return len(self.parameters) - self.optional <= count <= len(self.parameters)


DEADLINE, SETTING, WORKING_DAYS, CURRENT_USER = "deadline", "setting", "workingDays", "currentUser"
RECORDED, RECORDS = "recorded", "records"
PRECEDENTS, SUBJECT = "nearestPrecedents", "registeredSubject"
BALLOTS, SIGNATURES = "ballotCount", "givenSignatures"

DIAGRAM_FUNCTIONS: Mapping[str, DiagramFunction] = {
    function.name: function
    for function in (
        DiagramFunction(
            DEADLINE,
            ("key", "by"),
            "the moment the configured time limit `key` ends when it begins now, the task shows its basis; or the end of the day `by`"
            " that was set in its place, when that is not null",
            DEADLINE,
            True,
            1,
        ),
        DiagramFunction(SETTING, ("key",), "the value of the configured switch `key`", SETTING, True),
        DiagramFunction(
            WORKING_DAYS,
            ("days", "from"),
            "the end of the last of so many working days after `from` (now, if not given), by the holiday notices of the State Council",
            WORKING_DAYS,
            True,
            1,
        ),
        DiagramFunction(
            RECORDED,
            ("name", "key"),
            "how often the fact `name` of `facts` in jurisdiction.yaml was recorded for `key` in other cases; null when `key` is null",
            RECORDED,
            True,
        ),
        DiagramFunction(
            RECORDS,
            ("name", "key"),
            "the list of what `recorded` counts: processInstanceId, at, state, values …; the newest 200",
            RECORDS,
            True,
        ),
        DiagramFunction(
            PRECEDENTS,
            ("facts", "advice"),
            "the precedents nearest to a case with these facts and this advice, as they are now, and the outcomes that depart from them",
            PRECEDENTS,
            True,
        ),
        DiagramFunction(
            SUBJECT,
            ("id", "day"),
            "the registered person or unit as on `day` (today, if not given): post, rank, authority, authorities …; null where nobody"
            " registered it",
            SUBJECT,
            True,
            1,
        ),
        DiagramFunction(
            BALLOTS,
            ("activity",),
            "the count of the last secret ballot held at the user task `activity`, once it is closed: voters, returned, absent, choices",
            BALLOTS,
            True,
        ),
        DiagramFunction(
            SIGNATURES,
            ("activity",),
            "the signatures given at the user task `activity` in this case: userId, userName, post, signedAt, digest …",
            SIGNATURES,
            True,
        ),
        DiagramFunction(CURRENT_USER, (), "the id of who acts in this step", CURRENT_USER, True),
        DiagramFunction("now", (), "the moment of the step", "now", False),
        DiagramFunction("dateTime", (), "the moment of the step", "now", False),
    )
}
"""By name. `now` is FEEL's own in FEEL text."""

FEEL_FUNCTIONS = frozenset(function.name for function in DIAGRAM_FUNCTIONS.values() if function.feel)
"""Those that FEEL text may call besides its own."""

"""Limits that stand still while a step of the diagram is open, as acceptance does while the applicant supplements the application."""

from dataclasses import replace

from service.actions.ports import Lookups
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.law import ClockStops, Pause, TimeLimit

SETTING = "stoppedClocks"
GOES_ON, BEGINS_ANEW = "GO_ON", "BEGIN_ANEW"
"""What becomes of such a limit when the case comes back: the rest of it runs on, or the whole of it begins anew."""


def limit_going_on(
    lookups: Lookups, process_instance_id: str, element_id: str, key: str, clock: ClockStops, way: Json, now: int
) -> TimeLimit | None:
    """The limit `key` as it goes on at `now` (epoch milliseconds) at the task of `clock`; None when it begins now.

    `way` is the setting stoppedClocks of the place, None where it has none. A limit of the law goes on without having stood still. Raises
    StepFailed for a setting that is neither of the two.
    """
    if way not in (None, GOES_ON, BEGINS_ANEW):
        raise StepFailed(element_id, "definition", f"the setting {SETTING} is {way!r}, neither {GOES_ON} nor {BEGINS_ANEW}")
    if way == BEGINS_ANEW:
        return None
    found = lookups.stopped_limit(process_instance_id, clock.element_id, clock.stoppers)
    if found is None:
        return None
    limit, stopped_at, stopper = found
    if limit.key != key or limit.derived:
        return None
    limit = replace(limit, shift=0, repeating=False)
    return replace(limit, paused=(*limit.paused, Pause(stopped_at, now, stopper))) if limit.stops else limit

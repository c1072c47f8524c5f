"""What the actions need from other rooms. Ports are satisfied structurally; nobody inherits from them.

store implements Store, Transaction and Questions; engine implements Engine and Execution; the composition root (main, worker, cli)
joins them in a Services value.
"""

from service.actions.ports.engine import (
    Circumstances,
    DecisionSource,
    Engine,
    Execution,
    Inspection,
    Law,
    MessageRoute,
    ProcessDescription,
    ProcessSource,
    Reference,
    StartEvent,
)
from service.actions.ports.services import Clock, Services, Shelf
from service.actions.ports.store import (
    FEW_TASKS,
    ApiKey,
    DueStart,
    DueTimer,
    FewTasks,
    Group,
    InstanceChange,
    Lookups,
    Page,
    Questions,
    Store,
    StoredAnswer,
    StoredInstance,
    TakenDecision,
    Transaction,
    User,
    WaitingEvent,
)

__all__ = [
    "FEW_TASKS",
    "ApiKey",
    "Circumstances",
    "Clock",
    "DecisionSource",
    "DueStart",
    "DueTimer",
    "Engine",
    "Execution",
    "FewTasks",
    "Group",
    "Inspection",
    "InstanceChange",
    "Law",
    "Lookups",
    "MessageRoute",
    "Page",
    "ProcessDescription",
    "ProcessSource",
    "Questions",
    "Reference",
    "Services",
    "Shelf",
    "StartEvent",
    "Store",
    "StoredAnswer",
    "StoredInstance",
    "TakenDecision",
    "Transaction",
    "User",
    "WaitingEvent",
]

"""What the actions need from the store, a file for each room."""

from service.actions.ports.store.answers import StoredAnswer
from service.actions.ports.store.decisions import TakenDecision
from service.actions.ports.store.doors import Lookups, Questions, Store, Transaction
from service.actions.ports.store.events import DueStart, DueTimer, LimitedTimer, PostponedTimer, WaitingEvent
from service.actions.ports.store.instances import FEW_TASKS, FewTasks, InstanceChange, StoredInstance
from service.actions.ports.store.lists import Page
from service.actions.ports.store.people import ApiKey, Group, User

__all__ = [
    "FEW_TASKS",
    "ApiKey",
    "DueStart",
    "DueTimer",
    "FewTasks",
    "Group",
    "InstanceChange",
    "LimitedTimer",
    "Lookups",
    "Page",
    "PostponedTimer",
    "Questions",
    "Store",
    "StoredAnswer",
    "StoredInstance",
    "TakenDecision",
    "Transaction",
    "User",
    "WaitingEvent",
]

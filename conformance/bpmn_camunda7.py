"""Scenarios of Camunda 7's own unit tests: deploy, start, complete tasks, and look at what is open after each step."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from conformance.bpmn_door import OPEN_STATES, Deployed, Door, Verdict

Step = dict[str, Any]


class Departure(Exception):
    """The scenario went another way than Camunda's."""


def run_camunda7(door: Door, folder: Path, only: str | None = None) -> list[Verdict]:
    """Every scenario of `folder`/cases.json, or those whose name contains `only`."""
    cases = json.loads((folder / "cases.json").read_text("utf-8"))
    return [_run_case(door, folder, case) for case in cases if only is None or only in case["name"]]


def _run_case(door: Door, folder: Path, case: dict[str, Any]) -> Verdict:
    deployed = door.deploy([(name, (folder / name).read_bytes()) for name in case["files"]])
    if deployed.status >= 500:
        return Verdict(case["name"], "error", deployed.body)
    wanted = next((step["expect_deploy_error"] for step in case["steps"] if "expect_deploy_error" in step), None)
    if deployed.status != 201:
        if wanted is None:
            return Verdict(case["name"], "refused" if deployed.named else "wrong", deployed.refusal() or deployed.body)
        outcome = "passed" if wanted["element"] in deployed.named else "not-named"
        return Verdict(case["name"], outcome, deployed.refusal())
    if wanted is not None:
        return Verdict(case["name"], "accepted", f"{wanted['element']} must be refused: {wanted['message_contains']}")
    scenario = Scenario(door, deployed)
    try:
        for number, step in enumerate(case["steps"], 1):
            try:
                scenario.play(step)
            except Departure as departure:
                return Verdict(case["name"], "wrong", f"step {number} {json.dumps(step)}: {departure}")
    finally:
        scenario.close()
    return Verdict(case["name"], "passed")


class Scenario:
    """One instance and the steps played on it."""

    def __init__(self, door: Door, deployed: Deployed) -> None:
        self.door = door
        self.deployed = deployed
        self.instance_id: str | None = None
        self.start: tuple[int, dict[str, Any]] = (0, {})

    def play(self, step: Step) -> None:
        """Do or check one step. Raises Departure where it is not as expected."""
        match step:
            case {"start": key}:
                self.start = self.door.start(self.deployed.of_key(key), step.get("vars", {}))
                self.instance_id = self.start[1].get("id") or self.start[1].get("processInstanceId")
            case {"expect_start_error": words}:
                status, body = self.start
                incidents = [] if self.instance_id is None else self.door.incidents(self.instance_id)
                told = json.dumps([body, incidents], default=str)
                if (status == 201 and not incidents) or words not in json.dumps(incidents or body, default=str):
                    raise Departure(f"started with {status}: {told}")
            case {"complete": which}:
                self._complete(which, step.get("vars", {}))
            case {"expect_ended": _}:
                if self._state() != "completed":
                    raise Departure(f"the instance is {self._state()}, open: {self._names('name')}")
            case {"expect_active": elements}:
                active = [visit["elementId"] for visit in self.door.activities(self._id()) if visit["state"] == "active"]
                self._same(elements, active)
            case {"expect_task_count": count}:
                self._same(count, len(self._tasks()))
            case {"expect_tasks": names}:
                self._same(names, self._names("name"))
            case {"expect_task_ids": identifiers}:
                self._same(identifiers, self._names("taskDefinitionKey"))
            case {"expect_assignees": people}:
                self._same(people, self._names("assignee"))
            case _:
                raise ValueError(f"an unknown step: {step}")

    def close(self) -> None:
        """End what the scenario leaves open."""
        if self.instance_id is not None and self._state() in OPEN_STATES:
            self.door.cancel(self.instance_id)

    def _id(self) -> str:
        if self.instance_id is None:
            raise Departure(f"there is no instance: {self.start}")
        return self.instance_id

    def _state(self) -> str:
        state: str = self.door.client.get(f"/process-instances/{self._id()}")["state"]
        return state

    def _tasks(self) -> list[dict[str, Any]]:
        return self.door.tasks(self._id())

    def _names(self, member: str) -> list[str]:
        return [task[member] for task in self._tasks()]

    def _complete(self, which: str, variables: dict[str, Any]) -> None:
        member = "taskDefinitionKey" if which.startswith("#") else "name"
        fitting = [task for task in self._tasks() if which == "*" or task[member] == which.removeprefix("#")]
        if not fitting:
            raise Departure(f"no such task is open: {self._names('name')}")
        task = fitting[0]
        # The scenarios are about the way, not about who may go it: somebody who may do the task does it.
        groups = task["candidateGroups"] or ["anybody"]
        person = self.door.client.person(task["assignee"] or "kermit", *groups)
        response = self.door.client.call("POST", f"/tasks/{task['id']}/completion", {"variables": variables}, person=person)
        if response.status_code != 200:
            raise Departure(f"completing {which} was answered with {response.status_code}: {response.text[:300]}")

    @staticmethod
    def _same(expected: Any, found: Any) -> None:
        alike = Counter(expected) == Counter(found) if isinstance(expected, list) else expected == found
        if not alike:
            raise Departure(f"found {found}")

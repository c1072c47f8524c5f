"""A worker outside: does the scripts that take time, all that wait at once, each as long as it takes."""

import time
from collections.abc import Mapping

from conformance.bpmn_door import Door

LOCK_MS = 60_000
GONE = (404, 409)
"""The task was withdrawn meanwhile, as when a timer interrupts its scope."""


class Worker:
    """Fetches the external tasks of `topics` (topic → seconds of work) and completes each when its time is over."""

    def __init__(self, door: Door, name: str, topics: Mapping[str, float]) -> None:
        self._door = door
        self._name = name
        self._topics = topics
        self._until: dict[str, float] = {}

    def look(self) -> None:
        """Take what waits, finish what is done. To be called again and again."""
        if not self._topics:
            return
        wanted = [{"topicName": topic, "lockDuration": LOCK_MS} for topic in self._topics]
        answer = self._door.client.call(
            "POST", "/external-tasks/fetch-and-lock", {"workerId": self._name, "maxTasks": 10, "topics": wanted}
        )
        if answer.status_code != 200:
            raise RuntimeError(f"fetching external tasks: {answer.status_code} {answer.text}")
        now = time.monotonic()
        for task in answer.json()["items"]:
            self._until[task["id"]] = now + self._topics[task["topicName"]]
        for task_id in [task_id for task_id, until in self._until.items() if until <= now]:
            del self._until[task_id]
            done = self._door.client.call("POST", f"/external-tasks/{task_id}/complete", {"workerId": self._name, "variables": {}})
            if done.status_code != 200 and done.status_code not in GONE:
                raise RuntimeError(f"completing an external task: {done.status_code} {done.text}")

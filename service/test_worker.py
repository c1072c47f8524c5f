"""The worker's loop: what it shows of itself."""

import time
from pathlib import Path
from threading import Event, Thread

from service.actions.ports import Services
from service.engine import SpiffEngine
from service.heartbeat import stillness
from service.store import migrate, open_store
from service.worker import run_worker


class AfterOnePoll(Event):
    """Set as soon as the worker would wait."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


def one_poll(url: str, heartbeat: Path) -> None:
    store = open_store(url)
    services = Services(store, SpiffEngine(), lambda: time.time_ns() // 1_000_000)
    worker = Thread(target=run_worker, args=(services, AfterOnePoll(), heartbeat))
    worker.start()
    worker.join(60)
    assert not worker.is_alive()
    store.close()


def test_a_poll_that_succeeds_is_a_heartbeat(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    heartbeat = tmp_path / "folder" / "worker-heartbeat"

    one_poll(url, heartbeat)

    assert stillness(heartbeat) is None


def test_a_poll_that_fails_is_none(tmp_path: Path) -> None:
    heartbeat = tmp_path / "worker-heartbeat"

    one_poll("postgresql://u@127.0.0.1:1/x", heartbeat)

    assert str(stillness(heartbeat)).startswith("no heartbeat")

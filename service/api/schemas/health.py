"""Shapes of the health checks."""

from typing import Literal

from service.api.schemas.model import AnswerModel, shown


class Alive(AnswerModel):
    """The process answers."""

    model_config = shown({"status": "alive"})

    status: Literal["alive"]


class Ready(AnswerModel):
    """Requests can be served."""

    model_config = shown({"status": "ready"})

    status: Literal["ready"]

"""Gives a worker its places for tasks back where the queue has taken them with it.

A task is acknowledged when it is done. Where Redis does not answer to that in time, kombu writes a
line in the log and counts the message as unacknowledged ever after: the worker stays connected, and
with all its places so taken it would never ask for a task again. It then connects anew.
"""

from __future__ import annotations

from typing import Any

from celery import bootsteps
from celery.worker import state

LOOK_EVERY_SECONDS = 15


class LostPlaces(bootsteps.StartStopStep):
    """Looks now and then whether every place is taken while nothing is in hand, twice in a row."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def include_if(self, parent: Any) -> bool:
        """Say whether the worker runs on an event loop, as it does with processes and Redis."""
        return parent.hub is not None

    def start(self, parent: Any) -> None:
        """Begin to look, for as long as this connection lasts."""
        self.was_stuck = False
        self.timer = parent.timer.call_repeatedly(LOOK_EVERY_SECONDS, self.look, (parent,))

    def stop(self, parent: Any) -> None:
        """Look no more: the connection has ended."""
        if timer := getattr(self, "timer", None):
            timer.cancel()

    def look(self, parent: Any) -> None:
        """Raise ConnectionResetError where the places are lost: the worker then connects anew."""
        places = parent.task_consumer.channel.qos
        is_stuck = not places.can_consume() and not state.reserved_requests
        if is_stuck and self.was_stuck:
            raise ConnectionResetError("The queue no longer counts the places of this worker.")
        self.was_stuck = is_stuck

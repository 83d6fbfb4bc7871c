"""Whether the product is well, for whoever watches it: no case data, no sign-in, no long wait."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from queue import Empty, Queue
from threading import Thread
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from directory import clock, pulse

PATIENCE_SECONDS = 1.5
REDIS_SECONDS = 1
OF_THE_DATABASE = ("database", "worker", "tick", "mail", "mail_server")

Parts = dict[str, dict[str, Any]]


@require_safe
@never_cache
@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 where every part is well and 503 where one is not, with reasons and ages."""
    now = clock.now()
    asked = [
        (_begin(lambda: _database(now)), OF_THE_DATABASE),
        (_begin(_broker), ("broker",)),
    ]
    parts: Parts = {}
    for answer, names in asked:
        parts |= _answer(answer, names)
    is_well = all(part["ok"] for part in parts.values())
    return JsonResponse({"ok": is_well, **parts}, status=200 if is_well else 503)


def _begin(check: Callable[[], Parts]) -> Queue[Parts | Exception]:
    """Start a check beside the request, so that a server that never answers costs no time."""
    answer: Queue[Parts | Exception] = Queue()

    def run() -> None:
        try:
            answer.put(check())
        except Exception as fault:
            answer.put(fault)
        finally:
            connection.close()

    Thread(target=run, daemon=True).start()
    return answer


def _answer(answer: Queue[Parts | Exception], names: tuple[str, ...]) -> Parts:
    try:
        found = answer.get(timeout=PATIENCE_SECONDS)
    except Empty:
        found = TimeoutError()
    if isinstance(found, Exception):
        return {name: {"ok": False, "reason": type(found).__name__} for name in names}
    return found


def _database(now: datetime) -> Parts:
    known = pulse.facts(at=now)
    measured = {
        "worker": {"age_seconds": _seconds(known.heard_at, now)},
        "tick": {"age_seconds": _seconds(known.ticked_at, now)},
        "mail": {"oldest_owed_seconds": _seconds(known.mail_since, now)},
        "mail_server": {},
    }
    wrong = pulse.troubles(known, at=now)
    told = {
        name: {"ok": name not in wrong, "reason": wrong.get(name, ""), **measures}
        for name, measures in measured.items()
    }
    return {"database": {"ok": True}, **told}


def _seconds(at: datetime | None, now: datetime) -> int | None:
    return None if at is None else round((now - at).total_seconds())


def _broker() -> Parts:
    if not settings.REDIS_URL:
        return {"broker": {"ok": os.access(settings.BROKER_FOLDER / "queue", os.W_OK)}}
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    ) as queue:
        queue.ping()
    return {"broker": {"ok": True}}

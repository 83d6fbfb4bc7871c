"""What middleware, views and forms note about one request, on the request itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass
class RequestNotes:
    """The notes of one request; `keeps_changes`: a refusal has written something that stays."""

    reference: str = ""
    reads: tuple[Any, ...] = ()
    drafts: Mapping[str, Any] | None = None
    is_draft_saved: bool = False
    keeps_changes: bool = False
    database_error: Exception | None = None
    logged_exception: object = None


def notes_of(request: HttpRequest) -> RequestNotes:
    notes: RequestNotes = vars(request).setdefault("notes", RequestNotes())
    return notes

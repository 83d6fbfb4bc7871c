"""The shape of the house: foreign keys point down, scheduled work exists, addresses have names."""

from __future__ import annotations

import pytest
from celery import current_app
from django.apps import apps
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

LAYERS = ["directory", "permanency", "consultations", "reviews"]
OURS = [model for model in apps.get_models() if model._meta.app_label in LAYERS]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model: type[Model]) -> None:
    above = LAYERS[LAYERS.index(model._meta.app_label) + 1 :]
    for field in model._meta.get_fields():
        related = field.related_model
        if field.concrete and isinstance(related, type):
            assert related._meta.app_label not in above, field


def test_every_beat_entry_names_a_real_task() -> None:
    current_app.loader.import_default_modules()
    schedule = current_app.conf.beat_schedule
    assert schedule
    for name, entry in schedule.items():
        assert entry["task"] in current_app.tasks, name


def _leaves(patterns: list[URLPattern | URLResolver]) -> list[URLPattern]:
    leaves: list[URLPattern] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            leaves += _leaves(pattern.url_patterns)
        else:
            leaves.append(pattern)
    return leaves


def test_every_address_has_a_name_of_its_own() -> None:
    leaves = _leaves(get_resolver().url_patterns)
    names = [leaf.name for leaf in leaves]
    assert len(names) > 30, "the walk found too few addresses to mean anything"
    assert None not in names
    assert len(set(names)) == len(names), "two addresses share a name"

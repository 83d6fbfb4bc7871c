"""A PgBouncer of a test's own, before the database of the test, with two sessions for everybody."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from directory.tests.skips import skip_or_fail
from reviews.tests.faults.parts import services


@pytest.fixture
def pooler(requires_services: None, transactional_db: None) -> Iterator[None]:
    """Lead every new connection of this process through a pooler that parts transactions."""
    with tempfile.TemporaryDirectory(prefix="permanency-pooler-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        try:
            pooler = services.Pooler(folder, os.environ["TEST_DATABASE_URL"])
        except services.ProgramMissingError as line:
            skip_or_fail(f"needs PgBouncer: {line}", required_by="REQUIRE_SERVICES")
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(connection.settings_dict, "PORT", str(pooler.port))
            connection.close()
            yield
            connection.close()
        pooler.stop()

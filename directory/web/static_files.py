"""Static files: the few files of the front-end packages that pages use, and how they are served."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class NodeModulesFinder(BaseFinder):
    """Finds the files that `VENDOR_FILES` names by prefix and folder below `NODE_MODULES` alone."""

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return [
            Error(f"The front-end file {path} is missing.", hint="Run: npm ci", id="directory.E001")
            for _, root, name in self._named()
            if not (path := root / name).is_file()
        ]

    # The stubs still describe the older argument `all`, which Django 5.2 calls `find_all`.
    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        hits = [
            str(root / name)
            for prefix, root, name in self._named()
            if prefix + name == path and (root / name).is_file()
        ]
        if find_all:
            return hits
        return hits[0] if hits else []

    def list(
        self, ignore_patterns: Iterable[str] | None
    ) -> Iterator[tuple[str, FileSystemStorage]]:
        for prefix, root, name in self._named():
            storage = FileSystemStorage(location=root)
            storage.prefix = prefix.rstrip("/")  # type: ignore[attr-defined]  # read by collectstatic
            yield name, storage

    def _named(self) -> Iterator[tuple[str, Path, str]]:
        for prefix, (folder, names) in settings.VENDOR_FILES.items():
            root = Path(settings.NODE_MODULES) / folder
            for name in names:
                yield prefix, root, name


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """Static files under hashed names, with gzip copies; Brotli costs many seconds for little."""

    def create_compressor(self, **kwargs: Any) -> Compressor:
        return Compressor(**{**kwargs, "use_brotli": False})

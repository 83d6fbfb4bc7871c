"""Static files come from the allow-list alone, and a missing one is said at the start."""

from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile

from directory.web.static_files import NodeModulesFinder, StaticStorage


@pytest.fixture
def packages(tmp_path: Path, settings: LazySettings) -> Path:
    """Give a folder of packages with one file that is allowed and one that is not."""
    folder = tmp_path / "some-package" / "dist"
    folder.mkdir(parents=True)
    (folder / "main.css").write_text("body{}")
    (folder / "secret.js").write_text("alert(1)")
    settings.NODE_MODULES = tmp_path
    settings.VENDOR_FILES = {"vendor/some/": ("some-package/dist", ["main.css"])}
    return tmp_path


def test_a_named_file_is_found_under_its_static_address(packages: Path) -> None:
    assert NodeModulesFinder().find("vendor/some/main.css") == str(
        packages / "some-package/dist/main.css"
    )


@pytest.mark.parametrize(
    "address",
    ["vendor/some/secret.js", "main.css", "vendor/some/../dist/main.css", "vendor/some/"],
)
def test_nothing_else_in_the_packages_is_found(packages: Path, address: str) -> None:
    finder = NodeModulesFinder()
    assert finder.find(address) == []
    assert finder.find(address, find_all=True) == []


def test_collecting_takes_the_named_files_only(packages: Path) -> None:
    listed = [(name, storage.prefix) for name, storage in NodeModulesFinder().list(None)]  # type: ignore[attr-defined]  # set by the finder
    assert listed == [("main.css", "vendor/some")]


def test_a_missing_file_is_said_with_what_to_do(packages: Path) -> None:
    assert NodeModulesFinder().check() == []
    (packages / "some-package/dist/main.css").unlink()
    (error,) = NodeModulesFinder().check()
    assert "main.css" in error.msg
    assert error.hint == "Run: npm ci"


def test_every_stylesheet_and_script_of_the_page_frame_exists() -> None:
    frame = (settings.BASE_DIR / "templates/base.html").read_text()
    addresses = [part.split("'")[0] for part in frame.split("{% static '")[1:]]
    assert len(addresses) > 5
    assert [each for each in addresses if not finders.find(each)] == []


def test_static_files_are_stored_under_hashed_names_with_a_gzip_copy_only(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.DEBUG = False
    storage = StaticStorage(location=tmp_path)
    storage.save("app.css", ContentFile(b"body { color: black; } " * 100))
    list(storage.post_process({"app.css": (storage, "app.css")}))
    kinds = sorted("".join(file.suffixes[1:]) for file in tmp_path.glob("app.*.css*"))
    assert kinds == [".css", ".css.gz"]
    assert storage.url("app.css") != "/static/app.css"


def test_our_own_pages_carry_no_inline_style_or_script() -> None:
    pages = list((settings.BASE_DIR / "templates").rglob("*.html"))
    assert len(pages) > 20
    guilty = [
        page.name
        for page in pages
        if any(
            mark in page.read_text()
            for mark in (" style=", "<style", " onclick=", " onchange=", "javascript:", "|safe")
        )
        or "<script>" in page.read_text()
    ]
    assert guilty == []

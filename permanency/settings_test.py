"""Settings for the tests: the same as everywhere but a fast password hasher, plain static files,
a local throw-away secret, and the servers that the test run started (`TEST_DATABASE_URL`,
`TEST_REDIS_URL`). Celery is not eager: tests call services, or start a real worker."""

import atexit
import os
import shutil
import tempfile

_suffix = os.environ.get("TEST_DB_SUFFIX", "") + os.environ.get("PYTEST_XDIST_WORKER", "")
os.environ.setdefault("SECRET_KEY", "a-secret-for-tests-only-never-used-anywhere-else")
os.environ.setdefault("DEMO", "1")
if "VAR_DIR" not in os.environ:  # files of its own for each run; its processes share them
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="permanency-tests-")
    atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)
os.environ.setdefault("FALLBACK_INBOX", "fallback@example.org")
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")
os.environ["REDIS_URL"] = os.environ.get("TEST_REDIS_URL", "")

from permanency.settings import *  # noqa: E402, F403  # the environment must be set first
from permanency.settings import DATABASES, STATIC_ROOT, VAR_DIR  # noqa: E402

STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns where the folder is missing

# A file, not memory, so that threads and a real worker process can open it.
if "sqlite3" in str(DATABASES["default"]["ENGINE"]):
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
elif _suffix:
    DATABASES["default"]["TEST"] = {"NAME": f"test_permanency_{_suffix}"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

"""Settings for every place the product runs. Every environment variable is read here, once.

Without any variable it runs on SQLite and a folder broker, for one machine. `DATABASE_URL` and
`REDIS_URL` move it to PostgreSQL and Redis with no other change. A value that would be unsafe
outside a demonstration stops the start with a sentence that says why.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import allauth
import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping
from kombu import Queue

from permanency import settings_rules

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent


class _Environment(FileAwareMapping):  # type: ignore[misc]  # untyped
    """Reads a variable, or the file that the variable with _FILE after its name leads to."""

    def __getitem__(self, key: str) -> str:
        try:
            return str(super().__getitem__(key)).strip()
        except OSError as fault:
            raise ImproperlyConfigured(f"{key}_FILE names a file that cannot be read.") from fault


env = environ.Env()
env.ENVIRON = _Environment()

# Where this instance keeps its own files: database, broker folder, local secret.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000" if DEMO else "").rstrip("/")
_address = urlsplit(BASE_URL)
_secure = _address.scheme == "https"

# `make run` makes a secret for its demonstration; anywhere else it comes from the environment.
_own_secret = VAR_DIR / "secret"
SECRET_KEY = env.str(
    "SECRET_KEY", default=_own_secret.read_text().strip() if DEMO and _own_secret.exists() else ""
)
# Former secrets: what they signed stays valid until they are taken out.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# A browser keeps no passkey for a bare number: a demonstration answers to localhost as well.
_own_names = {_address.hostname or "localhost"} | ({"localhost"} if DEMO else set())
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=sorted(_own_names))

INSTALLED_APPS = [
    "directory",
    "permanency",
    "consultations",
    "reviews",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "csp",
]

MIDDLEWARE = [
    # The first three give headers to every answer, also to redirects, refusals and static files.
    "directory.web.middleware.RequestFrameMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "directory.web.middleware.HealthWithoutCookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "directory.web.middleware.SessionActivityMiddleware",
    "directory.web.middleware.SignInRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "directory.web.middleware.CaseworkMiddleware",
    "directory.accounts.mfa_required.SecondFactorMiddleware",
    # Outside any transaction, so that no rollback takes back what the database is told.
    "directory.web.middleware.RowSecurityMiddleware",
    # What it has not logged, nobody is shown. The next one undoes what a refusal wrote.
    "directory.web.middleware.AccessLogMiddleware",
    # Last: acting on a form that was sent is one transaction.
    "directory.web.middleware.FormSubmissionMiddleware",
]

ROOT_URLCONF = "permanency.urls"
WSGI_APPLICATION = "permanency.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "directory.web.request.page_context",
                "directory.mail.status.reminders",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "nsw"
CRISPY_TEMPLATE_PACK = "nsw"
CRISPY_FAIL_SILENTLY = False

# Database

_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": VAR_DIR / "db.sqlite3",
}
# Taking the write lock at the start of a transaction is what makes check-and-act safe on SQLite,
# where select_for_update does nothing; recursive_triggers lets the history's trigger see REPLACE.
_SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
    ),
}


def database(url: str) -> dict[str, Any]:
    """Return Django's database settings for an address, or for SQLite where it is empty."""
    settings: dict[str, Any] = dict(environ.Env.db_url_config(url)) if url else dict(_SQLITE)
    if "sqlite3" in str(settings["ENGINE"]):
        settings["OPTIONS"] = dict(_SQLITE_OPTIONS)
    else:
        settings["ENGINE"] = "directory.database.postgresql"
        settings["CONN_MAX_AGE"] = 60
        settings["CONN_HEALTH_CHECKS"] = True
        settings["OPTIONS"] = {**settings.get("OPTIONS", {}), "connect_timeout": 5}
    return settings


DATABASES = {"default": database(env.str("DATABASE_URL", default=""))}
# The role that runs; `migrate`, as another role that owns the tables, grants it its rights.
DATABASE_RUNNER = env.str("DATABASE_RUNNER", default="")

# Each process keeps what lists say beside their rows (`directory/web/result_cache.py`): ten
# megabytes at most, and apart from what libraries count in the other one.
_IN_THE_PROCESS = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {
    "default": {"BACKEND": _IN_THE_PROCESS},
    "kept": {"BACKEND": _IN_THE_PROCESS, "LOCATION": "kept", "OPTIONS": {"MAX_ENTRIES": 500}},
}

# People and sessions

AUTH_USER_MODEL = "directory.User"
AUTHENTICATION_BACKENDS = ["directory.accounts.backends.ThrottledLoginBackend"]
PASSWORD_HASHERS = [
    "directory.accounts.backends.PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "directory.accounts.backends.MaximumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "directory.accounts.backends.ObviousWordsValidator"},
]
# At most this many wrong guesses for one account, and for all unknown ones from one address.
GUESSES_PER_ACCOUNT = 5
GUESSES_PER_ADDRESS = 100
GUESS_WINDOW = timedelta(minutes=15)
# Whoever changed a person's address or removed their factors leaves it to another administrator to
# send them a link, for so many days.
SECOND_ADMINISTRATOR_DAYS = 7
# How long a link for choosing a password is good, and how often one is asked for in an hour.
INVITATION_HOURS = 72
RESET_HOURS = 1
RESETS_PER_ACCOUNT = 3
RESETS_PER_ADDRESS = 30
# The networks of our own proxies; from nobody else is a forwarding header believed.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
# SQLite leaves out of an index what it cannot hold, and needs it less.
SILENCED_SYSTEM_CHECKS = ["models.W040"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "my-work"
LOGOUT_REDIRECT_URL = "sign-in"
# allauth signs in by e-mail address and keeps no addresses of its own. It limits no rates: that is
# done once, in the database, and not in the cache of each process.
ACCOUNT_ADAPTER = "directory.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
SESSION_ENGINE = "directory.web.sessions"
# A session ends this long after the person was last seen, and this long after they signed in.
SESSION_IDLE = timedelta(minutes=30)
SESSION_LONGEST = timedelta(hours=12)
# The page warns of the end this long before it; the moment last seen is written this often.
SESSION_WARNING = timedelta(minutes=5)
SESSION_SEEN_EVERY = timedelta(minutes=1)
SESSION_COOKIE_AGE = int(SESSION_LONGEST.total_seconds())
# What changes rights, decides or carries much away asks for a proof no older than this.
FRESH_PROOF_MINUTES = 15
# Second factors. A passkey is always bound to a person at the device, so that it can stand alone.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=not DEMO)
# The agency's sign-in, by OpenID Connect; empty where there is none. It says who somebody is, and
# is trusted to have asked for a second factor only where that is set.
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="").rstrip("/")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("OIDC_NAME", default="your agency")
OIDC_CARRIES_SECOND_FACTOR = env.bool("OIDC_CARRIES_SECOND_FACTOR", default=False)
MFA_ADAPTER = "directory.accounts.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp"]
MFA_WEBAUTHN_USER_VERIFICATION = "required"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# An administrator is told where somebody opened the records of more children than this in a day.
UNUSUAL_READING_CHILDREN = env.int("UNUSUAL_READING_CHILDREN", default=60)

# Transport security: everything on where the address is https, nothing half on.

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SECURE_SSL_REDIRECT = _secure
if _secure:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"


_oidc = urlsplit(OIDC_SERVER_URL)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # A form that leads on to the agency's sign-in is a form that acts there.
        "form-action": [SELF, *([f"{_oidc.scheme}://{_oidc.netloc}"] if OIDC_SERVER_URL else [])],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# Language and time

LANGUAGE_CODE = "en-au"
TIME_ZONE = "Australia/Sydney"
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "j F Y"

# Static files: our own, and the few files of the front-end packages that pages use.

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "directory.web.static_files.NodeModulesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "directory.web.static_files.StaticStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
NODE_MODULES = BASE_DIR / "node_modules"
# Where a static address begins, the package folder, and the only files taken from it.
_ALLAUTH = Path(allauth.__file__).parent
VENDOR_FILES = {
    "vendor/allauth/account/": (str(_ALLAUTH / "account/static/account"), ["js/onload.js"]),
    "vendor/allauth/mfa/": (
        str(_ALLAUTH / "mfa/static/mfa"),
        ["js/webauthn-json.js", "js/webauthn.js"],
    ),
    "vendor/nsw/": ("nsw-design-system/dist", ["css/main.css", "css/main.css.map"]),
    "vendor/public-sans/": (
        "@fontsource/public-sans",
        [
            "latin-400.css",
            "latin-400-italic.css",
            "latin-700.css",
            "files/public-sans-latin-400-normal.woff",
            "files/public-sans-latin-400-normal.woff2",
            "files/public-sans-latin-400-italic.woff",
            "files/public-sans-latin-400-italic.woff2",
            "files/public-sans-latin-700-normal.woff",
            "files/public-sans-latin-700-normal.woff2",
        ],
    ),
    "vendor/material-icons/": (
        "material-icons/iconfont",
        ["filled.css", "material-icons.woff2", "material-icons.woff"],
    ),
}

# Queue: a nudge, never the record.

REDIS_URL = env.str("REDIS_URL", default="")
CELERY_BROKER_URL = REDIS_URL or "filesystem://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
# A task of a process that died is lost: beat's next nudge does the work. So none is kept until it
# is acknowledged: one whose acknowledgement Redis never got would hold the worker's place for good.
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_QUEUES = [Queue("celery", no_ack=True)]
# Kept by processes, not by threads; what bounds a run of mail in both is EMAIL_TIMEOUT.
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
# A nudge that cannot be published is dropped after a few seconds: beat gives another.
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.5,
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
BROKER_FOLDER = VAR_DIR / "broker"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any]
if REDIS_URL:
    # A Redis that is full refuses a command and keeps the connection: the worker connects anew then
    # too, and does not end.
    CELERY_BROKER_CHANNEL_ERROR_RETRY = True
    CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
    CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000  # KiB
    CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30.0
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
    }
else:
    for _folder in ("queue", "control", "processed"):
        (BROKER_FOLDER / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_FOLDER / "queue"),
        "data_folder_out": str(BROKER_FOLDER / "queue"),
        "control_folder": str(BROKER_FOLDER / "control"),
        "store_processed": True,
        "processed_folder": str(BROKER_FOLDER / "processed"),
        "polling_interval": 0.5,
    }
    # Without this every start leaves a control queue behind in the folder.
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False

# Mail: kept on this machine unless MAIL_LIVE says otherwise.

MAIL_LIVE = env.bool("MAIL_LIVE", default=False)
FALLBACK_INBOX = env.str("FALLBACK_INBOX", default="fallback@example.org" if DEMO else "")
_mail = environ.Env.email_url_config(env.str("EMAIL_URL", default="smtp://127.0.0.1:25"))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _mail["EMAIL_HOST"] or "127.0.0.1"
EMAIL_PORT = _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS", False))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL", False))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="permanency-tracker@localhost")
# How long a mail is one worker's alone; renewed as the text is handed over.
MAIL_LEASE_SECONDS = env.int("MAIL_LEASE_SECONDS", default=180)
# The waits after each try that certainly did not succeed, and after each failure of the server in
# a row; the last one is repeated. A mail that fails for longer than MAIL_GIVE_UP_SECONDS is parked.
MAIL_BACKOFF_SECONDS = env.list("MAIL_BACKOFF_SECONDS", cast=int, default=[60, 300, 900, 3_600])
MAIL_GIVE_UP_SECONDS = env.int("MAIL_GIVE_UP_SECONDS", default=86_400)

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000

# A line has no query, body, name or address in it (`directory/web/log_format.py`). No fault is
# mailed.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "directory.web.log_format.LogFormatter"}},
    "filters": {"once": {"()": "directory.web.log_format.OncePerRequestFilter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["once"]}
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}

for _rule in settings_rules.broken_rules(globals()):
    raise ImproperlyConfigured(_rule.sentence)

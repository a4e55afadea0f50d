"""Django settings. Everything comes from the environment and from the home directory that `SHOUWANG_HOME` names.

| variable | meaning |
|---|---|
| `SHOUWANG_HOME` | the home directory; default `shouwang-home` in the working directory |
| `SHOUWANG_DATABASE_URL` | `postgres://user:password@host:port/name`, or `…@/name?host=/folder/of/socket`; default SQLite in the home |
| `SHOUWANG_DATABASE_OWNER_URL` | the same database as the role that owns its tables; only for `shouwang init` |
| `SHOUWANG_ALLOWED_HOSTS` | host names, comma-separated; default localhost and 127.0.0.1 |
| `SHOUWANG_PLAIN_HTTP` | 1: a host beyond localhost is reached without HTTPS (the doctor complains) |
| `SHOUWANG_IDLE_MINUTES` | a session ends after so many minutes without use; default 30 |
| `SHOUWANG_SESSION_HOURS` | a session ends so many hours after the login at the latest; default 8 |
| `SHOUWANG_ANCHOR_DIR` | a second place for the anchors of the audit, on another disk or machine |
| `SHOUWANG_SMS_GATEWAY`, `SHOUWANG_SMS_…` | text messages to telephones, see `notifications/sms.py` |
| `SHOUWANG_SITE_URL` | the address at which people open the site, for links in what is sent out and codes on posters and notices |
| `SHOUWANG_DEBUG` | 1: Django's debug pages, for developers |
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF

from shouwang.kernel.errors import InputError
from shouwang.kernel.home import DEFAULT_HOME, Home

HOME = Home(Path(os.environ.get("SHOUWANG_HOME", DEFAULT_HOME)).absolute())
LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


def _whole_number(name: str, default: int) -> int:
    text = os.environ.get(name, "") or str(default)
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise InputError(f"环境变量 {name} 的值“{text}”不是正整数", f"改成整数，例如 {default}，或不设置")
    return int(text)


def _django_key(home: Home) -> str:
    """Empty before `shouwang init`; Django then refuses whatever needs a key."""
    try:
        return home.keys().django.hex()
    except InputError:
        return ""


def database(home: Home, url: str) -> dict[str, Any]:
    """SQLite in DELETE journal mode: WAL can corrupt on reset before 3.51.3, and Debian ships 3.40."""
    if not url:
        pragmas = "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
        options = {"timeout": 60, "transaction_mode": "IMMEDIATE", "init_command": pragmas}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": home.database, "OPTIONS": options}
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise InputError(
            f"不认识的数据库地址类型 {parts.scheme}", "写成 postgres://用户:密码@主机:端口/库名，或不设置而用内置库"
        )
    return {
        "ENGINE": "shouwang.tables.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or parse_qs(parts.query).get("host", [""])[0],
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 3600,  # a new connection knows nothing of the tables yet, which costs more than a page
        "CONN_HEALTH_CHECKS": True,
        # The server takes values beside the words, and remembers the words: it reads a question once, not at every page.
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 3},
    }


SECRET_KEY = _django_key(HOME)
DEBUG = os.environ.get("SHOUWANG_DEBUG") == "1"
ALLOWED_HOSTS = [host for host in os.environ.get("SHOUWANG_ALLOWED_HOSTS", "").split(",") if host] or LOOPBACK_HOSTS
DATABASES = {"default": database(HOME, os.environ.get("SHOUWANG_DATABASE_URL", ""))}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 5000}},
    # What the background process counts ahead for all processes of the site.
    "shared": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": HOME.counted},
}
OWNER_URL = os.environ.get("SHOUWANG_DATABASE_OWNER_URL", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "shouwang.areas",
    "shouwang.accounts",
    "shouwang.audit",
    "shouwang.notifications",
    "shouwang.households",
    "shouwang.exchange",
    "shouwang.amendments",
    "shouwang.clues",
    "shouwang.cases",
    "shouwang.elimination",
    "shouwang.assistance",
    "shouwang.defects",
    "shouwang.declarations",
    "shouwang.outputs",
    "shouwang.statistics",
    "shouwang.sweeps",
    "shouwang.registration",
    "shouwang.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "shouwang.accounts.privacy.keep_out_of_caches",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "shouwang.web.language.choose",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "shouwang.audit.watching.watch",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "shouwang.web.gate.Gate",
]

ROOT_URLCONF = "shouwang.urls"
WSGI_APPLICATION = "shouwang.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("shouwang.web.folding.Loader", ["django.template.loaders.app_directories.Loader"])],
            "builtins": ["django.templatetags.i18n", "shouwang.web.templatetags.desk"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["shouwang.accounts.login.PatientBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "shouwang.accounts.initial_passwords.InitialPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
for _validator in AUTH_PASSWORD_VALIDATORS:
    if _validator["NAME"].endswith("MinimumLengthValidator"):
        _validator["OPTIONS"] = {"min_length": 10}  # type: ignore[assignment]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
LANGUAGE_COOKIE_AGE = 31_536_000
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # the built files lie in the package: nothing to collect

# A host beyond this machine is served over HTTPS unless somebody says otherwise in so many words.
BEYOND_THIS_MACHINE = any(host not in LOOPBACK_HOSTS for host in ALLOWED_HOSTS)
HTTPS = BEYOND_THIS_MACHINE and os.environ.get("SHOUWANG_PLAIN_HTTP") != "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
CSRF_FAILURE_VIEW = "shouwang.web.failures.stale_form"
SESSION_ENGINE = "shouwang.accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_IDLE_SECONDS = _whole_number("SHOUWANG_IDLE_MINUTES", 30) * 60
SESSION_LIFE_SECONDS = SESSION_COOKIE_AGE = _whole_number("SHOUWANG_SESSION_HOURS", 8) * 3600  # one working day
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# A department file never lies on the disk in clear, not even while it arrives.
FILE_UPLOAD_HANDLERS = ["shouwang.exchange.spool.SealingUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

ANCHOR_DIR = Path(os.environ["SHOUWANG_ANCHOR_DIR"]) if os.environ.get("SHOUWANG_ANCHOR_DIR") else None

SITE_URL = os.environ.get("SHOUWANG_SITE_URL", "").rstrip("/")
SMS_GATEWAY = os.environ.get("SHOUWANG_SMS_GATEWAY", "") or "inbox"
SMS_URL = os.environ.get("SHOUWANG_SMS_URL", "")
SMS_BODY = os.environ.get("SHOUWANG_SMS_BODY", "") or '{"phone": "{phone}", "text": "{text}"}'
SMS_HEADERS = os.environ.get("SHOUWANG_SMS_HEADERS", "") or "{}"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mask": {"()": "shouwang.accounts.privacy.MaskIdentityNumbers"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["mask"], "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "shouwang": {"level": "INFO"},
        "waitress.queue": {
            "level": "ERROR"
        },  # that requests wait for a thread is no news, a hundred lines a second of it none
        "apprise": {"level": "CRITICAL"},  # it repeats addresses; what failed is told without them
    },
}
LOGGING_CONFIG = "shouwang.accounts.privacy.configure_logging"

"""All settings, fed by the environment; `.env.example` lists every variable and its default."""

import os
from datetime import timedelta
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(
            f"Thiếu biến môi trường {name}. Chạy `make demo` để tạo cấu hình riêng, "
            f"hoặc đặt {name} theo mẫu trong .env.example."
        )
    return value


def flag(name: str) -> bool:
    return os.environ.get(name, "") in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    return int(os.environ.get(name, "") or default)


# --- what this installation is -------------------------------------------------------------------
SECRET_KEY = required("SECRET_KEY")
DEBUG = flag("DEBUG")
DEMO = flag("DEMO")  # sample data may be loaded; never a substitute for DEBUG
HTTPS = flag("HTTPS")  # set where a proxy in front speaks TLS
PORTAL_NAME = os.environ.get("PORTAL_NAME", "Thi đua – Khen thưởng")
PORTAL_PLACE = os.environ.get("PORTAL_PLACE", "")
PORTAL_OFFICE = os.environ.get("PORTAL_OFFICE", "")
ALLOWED_HOSTS = [
    host for host in os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost").split(",") if host
]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "config",
    "reports",
    "dossiers",
    "awards",
    "campaigns",
    "criteria",
    "units",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "guardian",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "config.middleware.HostCheck",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "config.middleware.GrantsReadOnce",
    "config.middleware.PasswordDue",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.SafetyHeaders",
    "config.middleware.RequestSize",
    "config.middleware.NoNulls",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "config.context.portal",
            ],
        },
    },
]

# --- PostgreSQL: the web and the workers use a role that cannot rewrite the audit register -------
DATABASES = {"default": dj_database_url.parse(required("DATABASE_URL"))}
DATABASES["default"].setdefault("OPTIONS", {})
# Many small joins: compiling them, or weighing every order, costs more than running them.
DATABASES["default"]["OPTIONS"].setdefault("options", "-c jit=off -c join_collapse_limit=4")
DATABASES["default"]["CONN_MAX_AGE"] = number("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis and Celery: the job row in PostgreSQL is the truth, Celery only wakes a worker ---------
REDIS_URL = required("REDIS_URL").replace("redis+socket://", "unix://")
REDIS_PREFIX = os.environ.get("REDIS_PREFIX", "thidua")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": REDIS_PREFIX,
    }
}
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "global_keyprefix": f"{REDIS_PREFIX}:",
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "max_retries": 1,
}
CELERY_TASK_DEFAULT_QUEUE = "thidua"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = number("JOB_LIMIT_MINUTES", 15) * 60  # ends a worker that hangs
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = number("WORKER_MAX_TASKS", 20)  # gives WeasyPrint's memory back
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Ho_Chi_Minh"
CELERY_BEAT_SCHEDULE = {
    "sweep-jobs": {"task": "config.tasks.sweep", "schedule": timedelta(seconds=30)},
    "close-periods": {"task": "config.tasks.close_periods", "schedule": timedelta(minutes=10)},
    "keep-pledge-papers": {
        "task": "config.tasks.keep_pledge_papers",
        "schedule": timedelta(seconds=30),
    },
    "sweep-files": {"task": "config.tasks.sweep_files", "schedule": timedelta(hours=6)},
    "seal-audit": {"task": "config.tasks.seal_audit", "schedule": timedelta(minutes=20)},
    "mail-reminders": {"task": "config.tasks.mail_reminders", "schedule": timedelta(minutes=30)},
    "worker-seen": {"task": "config.tasks.worker_seen", "schedule": timedelta(seconds=15)},
}
JOB_LEASE = timedelta(seconds=number("JOB_LEASE_SECONDS", 60))
JOB_ATTEMPTS = 3

# --- files ---------------------------------------------------------------------------------------
VAR_DIR = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var")  # whatever is made while running
FILES_DIR = Path(os.environ.get("FILES_DIR") or VAR_DIR / "files")
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if flag("STATIC_MANIFEST")
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
UPLOAD_MAX_BYTES = number("UPLOAD_MAX_MB", 20) * 1024 * 1024
IMPORT_MAX_CELLS = number("IMPORT_MAX_CELLS", 200_000)  # results in one workbook
IMPORT_AT_ONCE = number(
    "IMPORT_AT_ONCE", 5_000
)  # cells that change, above which a worker stores them
IMPORT_KEPT_DAYS = number("IMPORT_KEPT_DAYS", 180)  # a large one, after it is refused or decided
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- people --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "units.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
ANONYMOUS_USER_NAME = None
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # permissions are querysets in units.policies
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "email")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "units:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "units:login"
PASSWORD_RESET_TIMEOUT = 3600
SESSION_COOKIE_AGE = number("SESSION_HOURS", 10) * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
AXES_FAILURE_LIMIT = number("LOGIN_FAILURES", 5)
AXES_COOLOFF_TIME = timedelta(minutes=number("LOGIN_LOCK_MINUTES", 15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HANDLER = "config.lockout.LockOut"
AXES_CLIENT_IP_CALLABLE = "config.lockout.client_address"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
LOGIN_FAILURES_ADDRESS = number("LOGIN_FAILURES_ADDRESS", 50)
TRUSTED_PROXIES = number("TRUSTED_PROXIES", 0)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "units/login_locked.html"
AXES_VERBOSE = False
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = number("EMAIL_PORT", 25)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "thidua@localhost")
PORTAL_URL = os.environ.get("PORTAL_URL", "http://127.0.0.1:8000").rstrip("/")  # links in mails
AUDIT_DIGEST_TO = [a.strip() for a in os.environ.get("AUDIT_DIGEST_TO", "").split(",") if a.strip()]

# --- browser safety ------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"

# --- language ------------------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_I18N = True  # Django's own Vietnamese for its own messages; ours are literals
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}

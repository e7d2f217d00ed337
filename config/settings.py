"""All settings, from the environment, with safe defaults. docs/operations.md explains each variable."""

from pathlib import Path

from csp.constants import NONE, SELF
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

# What runs where
DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)  # the demonstration: a mailbox page instead of real mail, the demonstration partnership
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost"])
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")  # the start of links in mails and QR codes
HTTPS = env.bool("HTTPS", True)
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))  # what the running product writes: database, mail folder, uploads

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ROOMS = [
    "website",
    "office",
    "imports",
    "reports",
    "feedback",
    "podcasts",
    "registers",
    "bookings",
    "events",
    "elearning",
    "records",
    "courses",
    "notifications",
    "people",
    "core",
]
INSTALLED_APPS = [
    *ROOMS,
    "django_cotton.apps.SimpleAppConfig",
    "allauth",
    "allauth.account",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "csp",
    "drf_spectacular",  # for its command; rest_framework itself has pages and static files that we don't use, so it isn't here
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "people.middleware.PartnershipMiddleware",
    "people.middleware.ProfileFirstMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "core.middleware.WordsForEmptyAnswers",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]

if env.bool("ZEAL", False):  # the test suite turns this on: a page that asks the database once for each row fails its test
    INSTALLED_APPS.append("zeal")
    MIDDLEWARE.append("zeal.middleware.zeal_middleware")
    ZEAL_ALLOWLIST = [
        {"model": "account.EmailAddress", "field": "get()"},  # the sign-in library looks it up more than once
        {"model": "notifications.Message", "field": "get()"},  # an event called off queues one message a person
    ]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "core.templatetags.turnout", "core.templatetags.look"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "people.context.house",
                "bookings.context.charging",
            ],
        },
    }
]
COTTON_DIR = "components"  # templates/components/place_meter.html is <c-place-meter>
FORM_RENDERER = "core.forms.PageFormRenderer"

# Database. SQLite needs IMMEDIATE (a write lock from the start of each transaction), WAL and synchronous=FULL: see
# docs/decisions on SQLite by default.
DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'turnout.sqlite3'}", conn_max_age=60, conn_health_checks=True)
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000; PRAGMA secure_delete=ON;",
    }
CACHES = {
    # Shared by every web server, so that rate limits hold: never a process's own memory.
    # Never so small that the limits of a busy hour are thrown out to make room.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# People and sign-in
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "my_learning"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "people.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": True}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {"request_login_code": "people.forms.SignInForm", "confirm_login_code": "people.forms.SignInCodeForm"}
ACCOUNT_RATE_LIMITS = {
    # An office or a school is one address on the internet. Here the key is the e-mail address together with the internet address,
    # so that a stranger asking for codes can't lock a person out;
    "request_login_code": "60/m/ip,600/h/ip,3/m/key,15/h/key",
    # and here the e-mail address alone, so that a crowd of strangers can't fill a mailbox.
    "request_login_code_for_address": "60/h/key",
    # The key is the session that waits for the code: many guesses at the same moment count each.
    "confirm_login_code": "60/m/ip,10/15m/key",
}
SESSION_COOKIE_AGE = 60 * 24 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = False

# The API
API_REQUESTS_A_MINUTE = env.int("API_REQUESTS_A_MINUTE", 300)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["people.api.access.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["people.api.access.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["people.api.access.TokenThrottle"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsing.PlainJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api.parsing.AlwaysJSON",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "core.api.describing.Schema",
    "EXCEPTION_HANDLER": "core.problems.answer",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Turnout",
    "DESCRIPTION": "Events and bookings, for a person's own programs. See docs/api.md.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "BookingStatus": "bookings.models.BookingStatus",
        "ChargeKind": "bookings.models.ChargeKind",
        "EventKind": "events.models.EventKind",
        "EventStatus": "events.models.EventStatus",
    },
}

# Time and language
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False
DATE_FORMAT = "j F Y"
DATE_INPUT_FORMATS = ["%d/%m/%Y", "%d/%m/%y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d"]  # never the American order
TIME_INPUT_FORMATS = ["%H:%M", "%H.%M", "%H:%M:%S", "%I.%M%p", "%I:%M%p", "%I%p"]

# Mail. EMAIL_URL is smtp://user:password@host:587/?tls=yes; the demonstration writes to a folder that a page shows.
vars().update(env.dj_email_url("EMAIL_URL", "smtp://localhost:25"))
EMAIL_TIMEOUT = 20
if DEMO and not env.str("EMAIL_URL", ""):
    EMAIL_BACKEND = "core.mailbox.FolderBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Turnout <learning@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where bounces and calendars' answers go, and the Maildir that they are delivered to. Without: where mail goes anyway.
REPLIES_ADDRESS = env.str("REPLIES_ADDRESS", "")
REPLIES_FOLDER = env.str("REPLIES_FOLDER", "")
ON_CALENDAR_REPLY = ["bookings.replies.on_calendar_reply"]
MAILBOX_DIR = VAR_DIR / "mail"

# What the worker does: each function takes at= and does what is due. See core/worker.py.
# At each tick: what somebody waits for, and what must be withdrawn before it is sent.
DUE_WORK = [
    "bookings.due.lapse_offers",
    "bookings.due.lapse_requests",
    "bookings.due.release_holds",
    "bookings.due.promote_waiting",
    "bookings.due.tell_of_planned_sessions",
    "bookings.due.withdraw_overtaken_letters",
    "bookings.due.withdraw_unwanted_letters",
    "bookings.due.withdraw_needless_refreshers",
    "feedback.due.take_back_follow_ups",
    "imports.due.run_waiting_batches",
    "notifications.due.write_to_new_addresses",
    "notifications.due.give_up_on_bounced",
    "notifications.due.send_waiting_messages",
    "notifications.inbox.read_inbox",
]
# Once a minute, before that: what comes with an hour or a day, so a minute late is on time.
DUE_WORK_BY_THE_MINUTE = [
    "bookings.due.draft_fees",
    "bookings.due.draft_late_cancellations",
    "bookings.due.end_met_interests",
    "bookings.due.end_requests_of_started_events",
    "bookings.due.end_waiting_for_started_events",
    "bookings.due.delete_needs",
    "bookings.due.remind_approvers",
    "bookings.due.remind_of_holds",
    "bookings.due.send_planned_letters",
    "bookings.due.take_back_fees",
    "bookings.due.send_digests",
    "bookings.due.tell_interested",
    "bookings.due.send_refreshers",
    "core.due.forget_old_answers",
    "feedback.due.ask_for_evaluations",
    "feedback.due.ask_for_follow_ups",
    "feedback.due.make_missing_forms",
    "feedback.due.mix_closed_forms",
    "people.due.forget_unproved_addresses",
    "registers.due.charge_for_absence",
    "registers.due.charge_for_unbooked_arrival",
    "registers.due.follow_changed_events",
    "registers.due.give_certificates",
    "registers.due.remind_trainers_of_registers",
    "registers.due.send_letters_of_absence",
    "registers.due.take_back_corrected_charges",
]

# What /readyz asks: each function takes at= and answers with a core.health.Check.
READY_CHECKS = [
    "core.health.database",
    "core.health.migrations",
    "core.health.worker",
    "notifications.health.oldest_message",
]
READY_OLDEST_MESSAGE_MINUTES = env.int("READY_OLDEST_MESSAGE_MINUTES", 30)

# Files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"
# Collected: compressed, under names that hold their hash, by manage.py collectstatic. Otherwise straight from the sources.
STATIC_COLLECTED = env.bool("STATIC_COLLECTED", True)
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not STATIC_COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# Security
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
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked by machines beside us, over plain http
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if BEHIND_PROXY:
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # rate limits go by the address that the proxy saw
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"secrets": {"()": "core.logs.WithoutSecrets"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

import os

SECRET_KEY = "of a test"
DEBUG = True  # errors go to stderr with their traceback
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "shop.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["DATABASE"],
        "OPTIONS": {"timeout": float(os.environ["TIMEOUT"])},  # seconds
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "shop": {"handlers": ["stderr"], "level": "INFO"},
        # DEBUG: each statement, and how long it took
        "django.db.backends": {"handlers": ["stderr"], "level": os.environ.get("SQL_LOG", "INFO")},
    },
}

"""For Django's own tests: one database in a file, one in memory."""

import os

import outcomes
from django.test.runner import DiscoverRunner

FILE = os.path.join(os.getcwd(), "test.sqlite3")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FILE,
        "TEST": {"NAME": FILE},
        "OPTIONS": {"init_command": "PRAGMA synchronous = OFF"},
    },
    "other": {"ENGINE": "django.db.backends.sqlite3"},
}
SECRET_KEY = "for tests"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = False


class Runner(DiscoverRunner):
    def get_resultclass(self):
        return outcomes.Result


TEST_RUNNER = "django_settings.Runner"

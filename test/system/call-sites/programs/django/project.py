"""A Django project without files of its own: a database with the table of Order for each of the names."""
import os

import django
from django.conf import settings

FOLDER = os.path.dirname(os.path.abspath(__file__))


def start(models, names, timeout=5):
    settings.configure(
        SECRET_KEY="of a test",
        ALLOWED_HOSTS=["*"],
        DATABASES={name: database(name, timeout) for name in ["default", *names]},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        ROOT_URLCONF=models,
    )
    django.setup()
    from django.db import connections

    Order = __import__(models).Order
    for name in names:
        with connections[name].cursor() as cursor:
            cursor.execute("PRAGMA journal_mode = WAL")
        with connections[name].schema_editor() as editor:
            editor.create_model(Order)
        Order.objects.using(name).bulk_create([Order(state="new") for _ in range(1000)])
        connections[name].close()


def database(name, timeout):
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.path.join(FOLDER, f"{name}.db"),
        "OPTIONS": {"timeout": timeout},
        "ATOMIC_REQUESTS": name == "requests",
    }

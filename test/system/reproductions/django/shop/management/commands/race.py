"""Two threads that get_or_create the same item inside a transaction: both have read before either writes."""
import logging
import threading
import time

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.db.models.signals import pre_save

from shop.models import Item

log = logging.getLogger("shop.race")
both_have_read = threading.Barrier(2, timeout=30)


def reach(**kwargs):
    both_have_read.wait()


class Command(BaseCommand):
    def handle(self, *args, **options):
        pre_save.connect(reach, sender=Item)
        threads = [threading.Thread(target=work, name=name) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def work():
    began = time.monotonic()
    try:
        with transaction.atomic():
            Item.objects.get_or_create(name="the same")
        log.info("saved")
    except Exception:
        timeout = connection.settings_dict["OPTIONS"]["timeout"]
        log.exception("failed after %.3f s (timeout %.1f s)", time.monotonic() - began, timeout)
    finally:
        connection.close()

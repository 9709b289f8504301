"""Ten tasks inside one transaction, as in Django's ticket 31997: each task gets a connection of its own."""
import asyncio
import logging
import os
import time

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from shop.models import Item

log = logging.getLogger("shop.import")


class Command(BaseCommand):
    def handle(self, *args, **options):
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        asyncio.run(import_all())


async def import_all():
    with transaction.atomic():
        Item.objects.create(name="before the tasks")
        tasks = [asyncio.create_task(import_one(number)) for number in range(10)]
        await asyncio.gather(*tasks)


async def import_one(number):
    await asyncio.sleep(0)
    timeout = connection.settings_dict["OPTIONS"]["timeout"]
    log.info("task %d saves", number)
    began = time.monotonic()
    try:
        Item.objects.create(name=f"item {number}")
    except Exception:
        log.exception("task %d failed after %.3f s (timeout %.1f s)", number, time.monotonic() - began, timeout)

"""
Ten asyncio tasks in one transaction, as in Django's ticket 31997: each task has a connection of its own, and waits in
vain for the transaction that is open around all of them. And the right way: tasks gather, and one function writes.
"""
import asyncio

from asgiref.sync import sync_to_async
from django.db import models, transaction


class Order(models.Model):
    state = models.TextField()

    class Meta:
        app_label = "tasks"


async def import_all():
    with transaction.atomic("shop"):
        Order.objects.using("shop").all().delete()
        await asyncio.gather(*(import_one(number) for number in range(10)))


async def import_one(number):
    await asyncio.sleep(0)  # the data comes from elsewhere
    try:
        Order.objects.using("shop").create(state=f"number {number}")
    except Exception as error:
        print(error)


async def gather_all():
    states = await asyncio.gather(*(gather_one(number) for number in range(10)))
    await sync_to_async(save)(states)


async def gather_one(number):
    await asyncio.sleep(0)
    return f"number {number}"


def save(states):
    with transaction.atomic("shop"):
        Order.objects.using("shop").all().delete()
        Order.objects.using("shop").bulk_create([Order(state=state) for state in states])

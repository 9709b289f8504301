import threading

from django.db import transaction
from django.http import HttpResponse
from django.urls import path

from shop.models import Item


def add(request, name):
    Item(name=name).save()
    return HttpResponse("saved")


released = threading.Event()


def hold(request, name):
    """A request that works on for long after its first save."""
    with transaction.atomic():
        Item(name=name).save()
        print("holds", flush=True)
        released.wait()
    return HttpResponse("saved")


def release(request):
    released.set()
    return HttpResponse("released")


urlpatterns = [path("add/<name>", add), path("hold/<name>", hold), path("release", release)]

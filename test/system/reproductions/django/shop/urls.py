from django.http import HttpResponse
from django.urls import path

from shop.models import Item


def add(request, name):
    Item(name=name).save()
    return HttpResponse("saved")


urlpatterns = [path("add/<name>", add)]

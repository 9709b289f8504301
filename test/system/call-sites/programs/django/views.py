"""Views as many projects have them: each does one thing wrong, in a database of its own (see project.py)."""
import threading
import time

from django.db import connections, models, transaction
from django.http import HttpResponse
from django.urls import path


class Order(models.Model):
    state = models.TextField()

    class Meta:
        app_label = "views"


def checkout(request):
    with transaction.atomic("slow"):
        order = Order.objects.using("slow").create(state="new")
        time.sleep(1.2)  # the payment service
        order.state = "paid"
        order.save(using="slow")
    return HttpResponse("paid")


def report(request):
    """The database "requests" has ATOMIC_REQUESTS."""
    Order.objects.using("requests").create(state="reported")
    time.sleep(1.2)  # a mail
    return HttpResponse("sent")


def reserve(request):
    with transaction.atomic("upgrade"):
        orders = Order.objects.using("upgrade").count()
        elsewhere(lambda: Order.objects.using("upgrade").create(state="of another request"))
        Order.objects.using("upgrade").create(state=f"number {orders}")
    return HttpResponse("reserved")


def by_hand(request):
    connections["by_hand"].set_autocommit(False)
    Order.objects.using("by_hand").create(state="new")
    return HttpResponse("forgot to commit")


def loop(request):
    for number in range(250):
        Order.objects.using("loop").create(state=f"number {number}")
    return HttpResponse("imported")


def export(request):
    orders = Order.objects.using("export").iterator(chunk_size=100)
    first = next(orders)
    time.sleep(2)  # the client reads slowly
    return HttpResponse(first.state)


def background(request):
    """Django closes the connections of its own threads at the end of a request, and no others."""
    for _ in range(25):
        elsewhere(lambda: Order.objects.using("threads").count())
    return HttpResponse("started")


def elsewhere(work):
    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()


urlpatterns = [
    path(f"{view.__name__}/", view) for view in (checkout, report, reserve, by_hand, loop, export, background)
]

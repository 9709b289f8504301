"""The same as in views.py, done right."""
import threading
import time

from django.db import connections, models, transaction
from django.http import HttpResponse
from django.urls import path


class Order(models.Model):
    state = models.TextField()

    class Meta:
        app_label = "right_views"


def checkout(request):
    order = Order.objects.using("slow").create(state="new")
    time.sleep(1.2)  # the payment service
    with transaction.atomic("slow"):
        Order.objects.using("slow").filter(pk=order.pk, state="new").update(state="paid")
    return HttpResponse("paid")


@transaction.non_atomic_requests(using="requests")
def report(request):
    Order.objects.using("requests").create(state="reported")
    time.sleep(1.2)  # a mail
    return HttpResponse("sent")


def reserve(request):
    elsewhere(lambda: Order.objects.using("upgrade").create(state="of another request"))
    with transaction.atomic("upgrade"):
        Order.objects.using("upgrade").create(state="reserved")  # writes first
        orders = Order.objects.using("upgrade").count()
    return HttpResponse(orders)


def by_hand(request):
    connections["by_hand"].set_autocommit(False)
    Order.objects.using("by_hand").create(state="new")
    connections["by_hand"].commit()
    connections["by_hand"].set_autocommit(True)
    return HttpResponse("done")


def loop(request):
    Order.objects.using("loop").bulk_create([Order(state=f"number {number}") for number in range(150)])
    return HttpResponse("imported")


def export(request):
    orders = list(Order.objects.using("export").all())
    time.sleep(1.2)  # the client reads slowly
    return HttpResponse(orders[0].state)


def background(request):
    for _ in range(25):
        elsewhere(lambda: Order.objects.using("threads").count())
    return HttpResponse("started")


def elsewhere(work):
    def job():
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=job, name="worker")
    thread.start()
    thread.join()


urlpatterns = [
    path(f"{view.__name__}/", view) for view in (checkout, report, reserve, by_hand, loop, export, background)
]

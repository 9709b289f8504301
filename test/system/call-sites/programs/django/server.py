"""Django's development server, and one request for each view, all at the same time."""
import http.client
import sys
import threading

from project import start

VIEWS = sys.argv[1]
start(VIEWS, ["slow", "requests", "upgrade", "by_hand", "loop", "export", "threads"])

from django.core.servers.basehttp import (  # noqa: E402
    ThreadedWSGIServer,
    WSGIRequestHandler,
    get_internal_wsgi_application,
)

server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
server.set_app(get_internal_wsgi_application())
threading.Thread(target=server.serve_forever, name="server", daemon=True).start()


def request(path):
    connection = http.client.HTTPConnection(*server.server_address)
    connection.request("GET", f"/{path}")
    print(path, connection.getresponse().status)
    connection.close()


requests = [threading.Thread(target=request, args=(str(each.pattern),)) for each in __import__(VIEWS).urlpatterns]
for each in requests:
    each.start()
for each in requests:
    each.join()
server.shutdown()

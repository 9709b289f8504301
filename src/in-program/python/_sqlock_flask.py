"""Flask: calls belong to requests, which should not end with a transaction open."""

import sys

import _sqlock_requests as requests


def loaded(module, finder):
    """Without blinker, an older Flask has no signals: connect() fails."""
    module.request_started.connect(started, weak=False)
    # After the functions with which programs close their connections.
    module.appcontext_tearing_down.connect(finished, weak=False)


def started(sender=None, **kwargs):
    try:
        request = sys.modules["flask"].request
        requests.begin(request.method, "%s%s" % (request.root_path.rstrip("/"), request.path))
    except Exception:
        pass


def finished(sender=None, **kwargs):
    requests.end()

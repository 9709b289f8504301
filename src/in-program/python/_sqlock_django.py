"""Django: calls belong to requests, which should not end with a transaction open."""

import _sqlock_requests as requests


def loaded(module, finder):
    module.request_started.connect(started, weak=False, dispatch_uid="sqlock")
    module.request_finished.connect(finished, weak=False, dispatch_uid="sqlock")


def started(sender=None, environ=None, scope=None, **kwargs):
    if environ is not None:
        requests.begin(environ.get("REQUEST_METHOD"), "%s%s" % (environ.get("SCRIPT_NAME", ""), environ["PATH_INFO"]))
    elif scope is not None:
        requests.begin(scope.get("method"), scope.get("path"))


def finished(sender=None, **kwargs):
    requests.end()

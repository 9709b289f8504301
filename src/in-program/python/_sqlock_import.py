"""Modules of the program that are followed: the tracer is told once each is loaded, and changes nothing about how."""

import sys

# Modules that are being looked up: another finder of the same kind may ask this one again.
looked_up = set()


def find(ours, name, path, target):
    """What the other finders find. The program gets their loader."""
    if name in looked_up:
        return None
    looked_up.add(name)
    try:
        for finder in list(sys.meta_path):
            find_spec = None if finder is ours else getattr(finder, "find_spec", None)
            spec = None if find_spec is None else find_spec(name, path, target)
            if spec is not None:
                follow(spec, ours, ours.waiting[name])
                return spec
        return None
    finally:
        looked_up.discard(name)


def follow(spec, ours, follower):
    """A loader may belong to more modules than this one."""
    loader = spec.loader
    execute = getattr(loader, "exec_module", None)
    if execute is None or isinstance(loader, type):
        return

    def exec_module(module):
        if getattr(module, "__spec__", None) is spec and loader.__dict__.get("exec_module") is exec_module:
            del loader.exec_module
        execute(module)
        if getattr(module, "__spec__", None) is spec:
            loaded(module, ours, follower)

    try:
        loader.exec_module = exec_module
    except Exception:
        # One that takes no attributes: the module is not followed.
        pass


def loaded(module, ours, follower):
    try:
        __import__(follower)
        sys.modules[follower].loaded(module, ours)
    except Exception:
        pass

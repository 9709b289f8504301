"""How each test ended, as JSON in the file that SUITE_OUTCOMES names: a plugin of pytest, and a result of unittest."""

import json
import os
import unittest

RANK = ("passed", "xfailed", "skipped", "xpassed", "failed", "error")
outcomes = {}


def note(name, outcome):
    """A test can end in several ways, as its parts do: the worst counts."""
    outcomes[name] = max(outcomes.get(name, outcome), outcome, key=RANK.index)


def write():
    with open(os.environ["SUITE_OUTCOMES"], "w", encoding="utf-8") as file:
        json.dump(outcomes, file)


# pytest


def pytest_runtest_logreport(report):
    outcome = report.outcome
    if hasattr(report, "wasxfail"):
        outcome = "xfailed" if report.skipped else "xpassed"
    elif report.failed and report.when != "call":
        outcome = "error"
    note(report.nodeid, outcome)


def pytest_collectreport(report):
    if report.failed:
        note(report.nodeid, "error")


def pytest_sessionfinish():
    write()


# unittest


class Result(unittest.TextTestResult):
    def startTest(self, test):
        super().startTest(test)
        note(test.id(), "passed")

    def addError(self, test, err):
        super().addError(test, err)
        note(test.id(), "error")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        note(test.id(), "failed")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        note(test.id(), "skipped")

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        note(test.id(), "xfailed")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        note(test.id(), "xpassed")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            note(test.id(), "failed")

    def stopTestRun(self):
        super().stopTestRun()
        write()

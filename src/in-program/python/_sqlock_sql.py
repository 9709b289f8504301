"""Texts of statements: what kind each is, and its number."""

import itertools
import re

from _sqlock_wire import Definition, quoted

MOST_TEXTS = 4096
MOST_CHARACTERS = 1000
MOST_LINE = 4000

READ, WRITE, BEGIN, COMMIT, ROLLBACK, OTHER = range(6)

START = re.compile(r"(?:\s|;|--[^\n]*(?:\n|$)|/\*.*?(?:\*/|$))*([A-Za-z]*)", re.S)
ROLLBACK_TO = re.compile(r"\s+(?:transaction\s+)?to\b", re.I)
WRITE_AFTER_WITH = re.compile(r"\)\s*(?:insert|replace|update|delete)\b", re.I)
KINDS = {
    "select": READ,
    "values": READ,
    "insert": WRITE,
    "replace": WRITE,
    "update": WRITE,
    "delete": WRITE,
    "create": WRITE,
    "drop": WRITE,
    "alter": WRITE,
    "reindex": WRITE,
    "analyze": WRITE,
    "begin": BEGIN,
    "commit": COMMIT,
    "end": COMMIT,
}

ids = itertools.count(1)
texts = {}


class Text(Definition):
    __slots__ = ("does",)


def text_of(sql):
    """The statement of this text. The text is a str, or of a class that is one."""
    if type(sql) is not str:
        sql = "".join((str.__str__(sql),))
    known = texts.get(sql)
    if known is not None:
        return known
    if len(texts) > MOST_TEXTS:
        texts.clear()
    made = Text(next(ids), "sql", shown(sql))
    made.does = kind_of(sql)
    texts[sql] = made
    return made


def kind_of(sql):
    found = START.match(sql)
    word = found.group(1).lower()
    if word == "rollback":
        return OTHER if ROLLBACK_TO.match(sql, found.end()) else ROLLBACK
    if word == "with":
        return WRITE if WRITE_AFTER_WITH.search(sql, found.end()) else READ
    return KINDS.get(word, OTHER)


def shown(sql):
    """Its first characters, fewer where they are long ones in JSON."""
    part = sql[:MOST_CHARACTERS]
    line = quoted(part)
    while len(line) > MOST_LINE:
        part = part[: len(part) * 3 // 4]
        line = quoted(part)
    length = 0 if len(part) == len(sql) else len(sql.encode("utf-8", "surrogatepass"))
    return "%s,%d" % (line, length)

"""The pipe to the recorder: messages as lines, numbered, whole or not at all, never waited for."""

import fcntl
import itertools
import os
import stat
import sys

from _json import encode_basestring_ascii as quoted

LIMIT = 4096
PIPE_SIZE = 1 << 20
FLAGS = os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
# Away from the numbers that programs count on: the lowest free descriptor is still theirs.
HIGH_DESCRIPTOR = 500
SET_PIPE_SIZE = 1031

getpid = os.getpid
fstat = os.fstat
write = os.write


class Definition(object):
    """A site, a text, a who: told once to the recorder of each process, before the first message with its number."""

    __slots__ = ("id", "kind", "rest", "told")

    def __init__(self, id, kind, rest):
        self.id = id
        self.kind = kind
        self.rest = rest
        self.told = 0


class Wire(object):
    def __init__(self):
        self.path = None
        self.fd = -1
        self.place = None
        self.pid = 0
        # Counts the processes from the first one on: a forked child has the next.
        self.epoch = 0
        self.sequence = itertools.count()
        self.greeted = False
        self.ended = True
        # Called in a forked child before its first message.
        self.in_child = []

    def start(self, folder):
        """False: there is no recorder."""
        self.path = os.path.join(folder, "events")
        self.begin_process()
        if not self.is_open():
            return False
        self.send_lines([], [])
        return True

    def begin_process(self):
        self.pid = getpid()
        self.epoch += 1
        self.sequence = itertools.count(1)
        self.greeted = False
        self.ended = False

    def forked(self):
        """The child says hello with its first message. It may be called once more for the same child."""
        if self.ended or self.pid == getpid():
            return
        self.begin_process()
        for each in self.in_child:
            each()

    def is_open(self):
        """The program may have closed the descriptor, and have a file of its own with the same number."""
        if self.fd >= 0:
            try:
                found = fstat(self.fd)
                if (found.st_dev, found.st_ino) == self.place:
                    return True
            except OSError:
                pass
        self.fd = -1
        try:
            fd = os.open(self.path, FLAGS)
        except OSError:
            self.ended = True
            return False
        found = fstat(fd)
        if not stat.S_ISFIFO(found.st_mode) or found.st_uid != os.geteuid():
            os.close(fd)
            self.ended = True
            return False
        try:
            high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR)
            os.close(fd)
            fd = high
        except OSError:
            pass
        try:
            fcntl.fcntl(fd, SET_PIPE_SIZE, PIPE_SIZE)
        except OSError:
            pass
        self.place = (found.st_dev, found.st_ino)
        self.fd = fd
        return True

    def send(self, kind, rest, *needed):
        """`rest`: the message after its seq, as JSON without the brackets. `needed`: definitions, or None."""
        if self.pid != getpid():
            self.forked()
        if self.ended:
            return
        pid, epoch, sequence = self.pid, self.epoch, self.sequence
        lines = None
        for each in needed:
            if each is not None and each.told != epoch:
                if lines is None:
                    lines, told = [], []
                if each not in told:
                    lines.append('["%s",%d,%d,%d,%s]\n' % (each.kind, pid, next(sequence), each.id, each.rest))
                    told.append(each)
        line = '["%s",%d,%d%s]\n' % (kind, pid, next(sequence), rest)
        if lines is not None:
            lines.append(line)
            self.send_lines(lines, told)
        elif not self.greeted:
            self.send_lines([line], [])
        elif self.is_open():
            self.write(line)

    def send_lines(self, lines, told):
        """Several lines are one write if they fit into one. After one that was dropped no further one is sent."""
        if not self.is_open():
            return
        epoch = self.epoch
        if not self.greeted:
            lines.insert(0, hello(self.pid))
            told.insert(0, None)
        done = 0
        while done < len(lines):
            text = lines[done]
            end = done + 1
            while end < len(lines) and len(text) + len(lines[end]) <= LIMIT:
                text += lines[end]
                end += 1
            if not self.write(text):
                return
            for each in told[done:end]:
                if each is None:
                    self.greeted = True
                else:
                    each.told = epoch
            done = end

    def write(self, text):
        if len(text) > LIMIT:
            return False
        try:
            write(self.fd, text.encode("ascii"))
            return True
        except OSError:
            return False

    def end(self):
        if self.ended or self.pid != getpid():
            return
        self.send("bye", "")
        self.ended = True


def hello(pid):
    version = "%d.%d.%d" % sys.version_info[:3]
    return '["hello",%d,0,1,"%s","python","%s"]\n' % (pid, start_ticks(), version)


def start_ticks():
    fd = os.open("/proc/self/stat", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(fd, 4096).rpartition(b")")[2].split()[19].decode()
    finally:
        os.close(fd)


def text(value):
    return "null" if value is None else quoted(value)


WIRE = Wire()
send = WIRE.send

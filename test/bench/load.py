"""A load: PROCESSES processes with FILES open files each (a third regular files, a third sockets and pipes, a third
/dev/null), and a process with DATABASES databases, created in FOLDER, each with an open write transaction. Prints
"ready", and exits at the end of its stdin.
"""
import os, signal, socket, sqlite3, sys

folder, processes, files, databases = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
for i in range(files):
    with open(f"{folder}/file{i}", "wb") as file:
        file.write(b"x" * (37 * i))
children = []
for _ in range(processes):
    pid = os.fork()
    if pid == 0:
        sys.stdin.close()
        count = len(os.listdir("/proc/self/fd")) - 1
        keep = []
        while count < files:
            kind = count % 3
            if kind == 0:
                keep.append(os.open(f"{folder}/file{count}", os.O_RDONLY))
            elif kind == 1:
                pair = socket.socketpair()
                keep.append(pair)
                count += 1
            else:
                keep.append(os.open("/dev/null", os.O_RDONLY))
            count += 1
        signal.pause()
    children.append(pid)
connections = []
for i in range(databases):
    connection = sqlite3.connect(f"{folder}/db{i}.sqlite3", isolation_level=None)
    connection.execute("pragma journal_mode=wal")
    connection.execute("create table t(a)")
    connection.execute("begin immediate")
    connection.execute("insert into t values (1)")
    connections.append(connection)
print("ready", flush=True)
try:
    sys.stdin.read()
finally:
    for pid in children:
        os.kill(pid, signal.SIGKILL)

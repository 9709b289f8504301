import { expect, onTestFinished, test } from "vitest";
import { startHolder } from "../support/holder.ts";
import { connect, holding, insertRows, newDatabase } from "../support/sqlite.ts";
import { holderOf, lockNames, lookAt } from "../support/sqlock.ts";

/** Python: its own descriptors on the files of the database, as [descriptor, path]. */
function ownDescriptors(database: string): string {
  return `
answer = []
for fd in os.listdir("/proc/self/fd"):
    try:
        path = os.readlink("/proc/self/fd/" + fd)
    except OSError:
        continue
    if path.startswith(${JSON.stringify(database)}):
        answer.append([int(fd), path])
answer.sort()`;
}

test.each(["delete", "wal"] as const)(
  "%s: one process with two connections is one holder, with every handle once",
  async (mode) => {
    const database = await newDatabase(mode);
    const holder = await holding(
      database,
      `
d = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None, timeout=0)
c.execute("begin immediate"); c.execute("insert into t values (1)")
cursor = d.execute("select a from t"); cursor.fetchone()`,
    );
    const descriptors = (await holder.run(ownDescriptors(database))) as [number, string][];
    const seen = await lookAt(database);
    const found = holderOf(seen, holder.pid);
    expect(seen.holders).toHaveLength(1);
    expect(found.handles.map((handle) => [handle.fd, handle.path])).toEqual(descriptors);
    expect(found.handles.filter((handle) => handle.role === "database")).toHaveLength(2);
    expect(found.activity).toBe("writing");
    expect(lockNames(found)).toEqual(
      mode === "wal" ? ["DMS:read", "READ0:read", "SHARED:read", "WRITE:write"] : ["RESERVED:write", "SHARED:read"],
    );
    expect(seen.findings).toMatchObject([{ id: "same-process-contention", severity: "info", pids: [holder.pid] }]);
  },
);

test("ten processes that read at once are all listed", async () => {
  const database = await newDatabase();
  const read = `cursor = c.execute("select a from t"); cursor.fetchone()`;
  const readers = await Promise.all(Array.from({ length: 10 }, () => holding(database, read)));
  const seen = await lookAt(database);
  expect(seen.holders.map((holder) => holder.pid)).toEqual(readers.map((reader) => reader.pid).sort((a, b) => a - b));
  for (const holder of seen.holders) {
    expect(holder).toMatchObject({ activity: "reading", blocks: ["commits", "journal-mode"] });
    expect(lockNames(holder)).toEqual(["SHARED:read"]);
  }
});

const FORK = `
child = os.fork()
if child == 0:
    import ctypes
    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
    while True:
        time.sleep(1000)
answer = child`;

test.each(["delete", "wal"] as const)(
  "%s: a forked child shares the descriptors and holds no lock, and is accused of nothing but that",
  async (mode) => {
    const database = await newDatabase(mode);
    const parent = await holding(
      database,
      `c.execute("pragma cache_size=1"); c.execute("begin immediate"); ${insertRows(50)}`,
    );
    const child = (await parent.run(FORK)) as number;
    onTestFinished(() => void tryKill(child));
    const seen = await lookAt(database);
    expect(seen.holders.map((holder) => holder.pid)).toEqual([parent.pid, child]);
    const ofParent = holderOf(seen, parent.pid);
    const ofChild = holderOf(seen, child);
    expect(ofParent.activity).toBe("writing");
    expect(ofChild).toMatchObject({
      parentPid: parent.pid,
      activity: "idle",
      blocks: [],
      locks: [],
      heldAtLeastMs: null,
    });
    expect(ofChild.handles).toEqual(ofParent.handles);
    expect(seen.findings).toMatchObject([{ id: "inherited-handle", severity: "warning", pids: [child] }]);
  },
);

test("a descriptor that a child inherited keeps the handle in sight when the parent is gone", async () => {
  const database = await newDatabase();
  const parent = await startHolder();
  await parent.run(`${connect(database)}\nc.execute("select 1 from t").fetchall()`);
  const child = (await parent.run(FORK.replace("ctypes.CDLL(None).prctl(1, 9)", "pass"))) as number;
  onTestFinished(() => void tryKill(child));
  await parent.end();
  const seen = await lookAt(database);
  expect(seen.holders.map((holder) => [holder.pid, holder.handles.length])).toEqual([[child, 1]]);
});

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended with its parent
  }
}

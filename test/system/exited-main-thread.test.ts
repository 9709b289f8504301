import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startHolder } from "../support/holder.ts";
import { connect, newDatabase } from "../support/sqlite.ts";
import { findingIds, holderOf, lockNames, lookAt } from "../support/sqlock.ts";
import { until } from "../support/until.ts";

/** Python: a thread takes the locks and keeps them; the main thread exits as soon as it has them. */
function leaveToAThread(database: string): string {
  return `
import ctypes
ready = threading.Event()
def keep():
    ${connect(database)}
    c.execute("begin immediate")
    c.execute("insert into t values (1)")
    ready.set()
    while True:
        time.sleep(1000)
threading.Thread(target=keep).start()
ready.wait()
ctypes.CDLL(None).pthread_exit(None)`;
}

test.each(["delete", "wal"] as const)(
  "%s: a process whose main thread has exited is seen through the thread that lives on",
  async (mode) => {
    const database = await newDatabase(mode);
    const holder = await startHolder();
    holder.begin(leaveToAThread(database));
    await until("the main thread has exited", () => /\) Z /.test(readFileSync(`/proc/${holder.pid}/stat`, "utf8")));
    expect(readdirSync(`/proc/${holder.pid}/fd`)).toEqual([]);

    const seen = await lookAt(database);
    const found = holderOf(seen, holder.pid);
    expect(found).toMatchObject({ activity: "writing", state: "sleeping", complete: true });
    expect(lockNames(found)).toEqual(
      mode === "wal" ? ["DMS:read", "READ0:read", "SHARED:read", "WRITE:write"] : ["RESERVED:write", "SHARED:read"],
    );
    expect(found.handles.map((handle) => handle.role)).toContain("database");
    expect(found.commandLine.join(" ")).toContain("hold.py");
    expect(findingIds(seen)).toEqual([]);

    const locksOnly = holderOf(await lookAt(database, ["--locks-only"]), holder.pid);
    expect(lockNames(locksOnly)).toEqual(lockNames(found));
  },
);

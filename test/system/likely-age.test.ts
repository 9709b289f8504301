/**
 * Threaded programs and those that poll: nothing proves for how long they have held a lock, and what is known is told
 * as likely. With real threads, children, journals.
 */
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startHolder } from "../support/holder.ts";
import { killJson } from "../support/kill.ts";
import { holding, insertRows, newDatabase } from "../support/sqlite.ts";
import { findingIds, holderOf, lookAt, sqlock } from "../support/sqlock.ts";
import { SELDOM_MS, until } from "../support/until.ts";

const JOINED = "t = threading.Thread(target=lambda: time.sleep(0.01)); t.start(); t.join()";
const BEGIN = `c.execute("begin immediate")`;
const WRITE = `${BEGIN}; c.execute("insert into t values (1)")`;

const STALE_AFTER = ["--stale-after", "1s"];

const one = (database: string, pid: number) => async () => {
  const seen = await lookAt(database, STALE_AFTER);
  const { stale, heldLikelyBasis } = holderOf(seen, pid);
  // A moment later than the first: beside a proved age that is nearly as long, nothing likely is told. And a thread
  // that polls may be at work in two of the further looks, on a busy machine.
  return stale.length > 0 && heldLikelyBasis !== null && seen.findings.length > 0 && seen;
};

test("a thread has ended: how long it is held is likely, and --stale takes it with --likely alone", async () => {
  const database = newDatabase("wal");
  const writer = await holding(database, `${JOINED}\n${BEGIN}`);
  const seen = await until("it has slept for a second", one(database, writer.pid), SELDOM_MS);
  const found = holderOf(seen, writer.pid);
  expect(found).toMatchObject({
    idleMs: null,
    heldAtLeastMs: null,
    heldLikelyBasis: "living-threads",
    stale: ["likely-idle-in-transaction"],
  });
  expect(found.heldLikelyMs).toBeGreaterThanOrEqual(1000);
  expect(seen.blockers[0]).toMatchObject({ effect: "writers", heldAtLeastMs: null });
  expect(seen.blockers[0]?.heldLikelyMs).toBeGreaterThanOrEqual(1000);
  expect(seen.findings).toMatchObject([{ id: "uncommitted-write", severity: "warning", pids: [writer.pid] }]);
  expect(seen.findings[0]?.detail).toContain("a thread that has since ended may have taken it later");
  expect(seen.findings[0]?.detail).toContain(`sqlock watch ${database}`);
  expect((await sqlock(["who-holds", ...STALE_AFTER, database])).stdout).toMatch(/ ~\d+ s +writers/);

  const stale = [database, "--stale", ...STALE_AFTER];
  expect(await killJson([...stale, "--yes"])).toMatchObject({ code: 1, outcomes: [], stillBlocked: true });
  expect((await sqlock(["kill", ...stale, "--yes"])).stdout.replace(/\s+/g, " ")).toContain("--stale --likely");
  expect(await killJson([...stale, "--likely", "--yes"])).toMatchObject({
    code: 0,
    outcomes: [{ pid: writer.pid, result: "exited" }],
  });
  expect((await sqlock(["kill", database, "--likely"])).code).toBe(2);
});

test("one that slept, took the lock and ended: the files know better than the threads that are left", async () => {
  const database = newDatabase();
  const writer = await holding(database);
  await writer.run(`
c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None, check_same_thread=False)
def late():
    time.sleep(3)
    ${WRITE}
    global taken
    taken = time.monotonic()
threading.Thread(target=late).start()`);
  await until("it has ended", () => readdirSync(`/proc/${writer.pid}/task`).length === 1);
  const found = holderOf(await lookAt(database), writer.pid);
  expect(found).toMatchObject({ heldAtLeastMs: null, heldLikelyBasis: "journal-born", stale: [] });
  const oldest = (await writer.run("answer = time.monotonic() - taken")) as number;
  expect(found.heldLikelyMs).toBeLessThanOrEqual(oldest * 1000 + 50); // not the 3 s of the threads that are left
});

test("a child that was waited for: likely held, proved to be idle", async () => {
  const database = newDatabase("wal");
  const writer = await holding(database, `os.waitpid(os.spawnlp(os.P_NOWAIT, "true", "true"), 0)\n${BEGIN}`);
  const seen = await until("it has slept for a second", one(database, writer.pid), SELDOM_MS);
  const found = holderOf(seen, writer.pid);
  expect(found).toMatchObject({ heldAtLeastMs: null, heldLikelyBasis: "living-threads" });
  expect(found.heldLikelyMs).toBeGreaterThanOrEqual(1000);
  expect(findingIds(seen)).toEqual(["uncommitted-write"]);
});

const POLLS = `threading.Thread(target=lambda: [time.sleep(0.05) for _ in iter(int, 1)], daemon=True).start()`;

test.each(["delete", "persist", "truncate"])("a program that polls, in %s mode: by its -journal", async (mode) => {
  const database = newDatabase();
  const setUp = `c.execute("pragma journal_mode = ${mode}"); c.execute("insert into t values (0)")`;
  // later than the commit before, by the clock of the file system, which ticks every ten milliseconds
  const forgotten = await holding(database, `${setUp}\n${POLLS}\ntime.sleep(0.05)\n${WRITE}`);
  const seen = await until("nothing was written for a second", one(database, forgotten.pid), SELDOM_MS);
  const found = holderOf(seen, forgotten.pid);
  expect(found.idleMs).toBeLessThan(1000);
  expect(found).toMatchObject({
    heldLikelyBasis: mode === "delete" ? "journal-born" : "journal-written",
    stale: ["likely-idle-in-transaction"],
  });
  expect(found.heldLikelyMs).toBeGreaterThanOrEqual(1000);
  expect(seen.findings).toMatchObject([{ id: "uncommitted-write", severity: "warning" }]);
  await forgotten.run(`c.execute("commit")`);
  expect(holderOf(await lookAt(database), forgotten.pid)).toMatchObject({ heldLikelyMs: null, stale: [] });
});

test("a web server that polls: Python's ThreadingHTTPServer, whose request has left a transaction open", async () => {
  const database = newDatabase();
  const server = await startHolder();
  await server.run(`
import http.client, http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global c
        c = sqlite3.connect(${JSON.stringify(database)}, isolation_level=None, check_same_thread=False)
        ${WRITE}
        self.send_response(204); self.end_headers()
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
client = http.client.HTTPConnection("127.0.0.1", server.server_port)
client.request("GET", "/"); client.getresponse().read(); client.close()`);
  const seen = await until("nothing was written for a second", one(database, server.pid), SELDOM_MS);
  expect(holderOf(seen, server.pid)).toMatchObject({ heldAtLeastMs: null, heldLikelyBasis: "journal-born" });
  expect(seen.findings).toMatchObject([{ id: "uncommitted-write", severity: "warning", pids: [server.pid] }]);
});

test("a program that polls, in WAL mode: only what has spilled shows", async () => {
  const database = newDatabase("wal");
  const polls = await holding(database, `c.execute("pragma cache_size = 5")\n${POLLS}\n${WRITE}`);
  const early = holderOf(await lookAt(database), polls.pid);
  expect(early).toMatchObject({ activity: "writing", heldLikelyMs: null, stale: [] });
  expect((await sqlock(["who-holds", database])).stdout).toContain(`To find out: sqlock watch ${database}`);
  await polls.run(insertRows(100)); // more than its cache has room for
  const seen = await until("nothing was written for a second", one(database, polls.pid), SELDOM_MS);
  expect(holderOf(seen, polls.pid)).toMatchObject({
    heldLikelyBasis: "wal-written",
    stale: ["likely-idle-in-transaction"],
  });
  expect(seen.findings).toMatchObject([{ id: "uncommitted-write", severity: "warning" }]);
});

test("at work, or not yet written: silent", async () => {
  const [database, other] = [newDatabase(), newDatabase()];
  const setUp = `c.execute("pragma journal_mode = persist"); c.execute("insert into t values (0)")`;
  const unwritten = await holding(other, `${setUp}\n${POLLS}`);
  await sleep(1200); // its journal is from the transaction before
  await unwritten.run(BEGIN);
  const busy = await holding(database, WRITE);
  busy.begin(`
rows = c.execute("select rowid from t").fetchall()
for (row,) in rows * 1000:
    c.execute("update t set a = 2 where rowid = ?", (row,))
    time.sleep(0.02)`);
  busy.answer().catch(() => {}); // the test's end kills it
  await sleep(1200);
  const [seen, idle] = [await lookAt(database, STALE_AFTER), await lookAt(other, STALE_AFTER)];
  expect(holderOf(seen, busy.pid)).toMatchObject({ heldLikelyBasis: "journal-born", stale: [] });
  expect(findingIds(seen)).toEqual([]);
  expect(holderOf(idle, unwritten.pid)).toMatchObject({ activity: "writing", heldLikelyMs: null, stale: [] });
  expect(findingIds(idle)).toEqual([]);
});

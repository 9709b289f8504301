/**
 * Root that may not look into other processes (no CAP_SYS_PTRACE, as in a sandbox) sees no more of a writer without
 * locks than an ordinary user: nothing opens the database, and its mode is not switched.
 */
import { expect, test } from "vitest";
import { literal } from "../support/connection.ts";
import { theFinding } from "../support/findings.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { bytesOfFolder, journalMode, modeOfFile } from "../support/journal-mode.ts";
import { isRoot, need } from "../support/skip.ts";
import { connect, newDatabase } from "../support/sqlite.ts";
import { findingIds, holderOf, lookAt, sqlock, whoHolds } from "../support/sqlock.ts";

const BLIND = { through: ["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace", "--"] };

const BEGUN = `c.execute("begin immediate"); c.execute("insert into t values (1)")`;

/** Its cache spills, so that its -journal has a valid header. */
const SPILLED = `c.execute("pragma cache_size=1"); c.execute("begin"); c.execute("update t set a = randomblob(1000)")`;

const connectUnlocked = (database: string): string =>
  `c = sqlite3.connect(${literal(`file:${database}?vfs=unix-none`)}, uri=True, isolation_level=None, timeout=0, ` +
  "check_same_thread=False)";

async function unlocked(database: string, python: string): Promise<Holder> {
  const holder = await startHolder();
  await holder.run(`${connectUnlocked(database)}\n${python}`);
  return holder;
}

test("beside a journal whose writer it could not see, it is told to open nothing", async (context) => {
  need(context, isRoot, "root");
  const database = newDatabase();
  const writer = await unlocked(database, SPILLED);
  const { unseen } = await whoHolds([database], BLIND);
  expect(unseen).toMatchObject({
    reason: expect.stringContaining("CAP_SYS_PTRACE"),
    remedy: expect.stringContaining("all capabilities"),
  });
  expect(unseen).not.toHaveProperty("initAlone");
  expect(await lookAt(database, [], BLIND)).toMatchObject({ journal: { hot: null, header: "valid" }, findings: [] });
  const { stdout } = await sqlock(["who-holds", database], BLIND);
  const text = stdout.replaceAll(/\s+/g, " ");
  expect(text).toContain("has died, or works out of sight, does not show.");
  expect(text).toContain("Until that is known, do not open the database");
  expect(text).not.toContain("schema_version");

  // near by: the writer is dead, and all could be looked into
  await writer.end();
  const full = await whoHolds([database]);
  need(context, full.unseen === null || full.unseen.initAlone === true, "a machine where root sees all but init");
  expect(theFinding(await lookAt(database), "hot-journal").remedy).toContain("schema_version");
});

test("journal-mode refuses beside a -journal that nobody who is seen has open", async (context) => {
  need(context, isRoot, "root");
  const database = newDatabase();
  const writer = await unlocked(database, BEGUN);
  const before = bytesOfFolder(database);
  const refused = await journalMode([database, "wal"], BLIND);
  expect(refused).toMatchObject({ code: 1, changed: false, obstacles: [{ code: "unseen", forcible: true }] });
  expect(refused.reason).toMatch(/-journal exists, and \d+ processes could not be inspected/);
  expect(bytesOfFolder(database)).toEqual(before);
  await writer.run(`c.execute("commit"); c.close()`);

  // near by: nothing lies there; what could not be seen is said
  const { code, stdout } = await sqlock(["journal-mode", database, "wal"], BLIND);
  expect(code).toBe(0);
  expect(stdout).toMatch(/What cannot be seen:\s+- \d+ processes could not be inspected/);
  expect(modeOfFile(database)).toBe("wal");
});

test.each([
  ["without locks", connectUnlocked, "lost-locks"],
  ["with SQLite's", connect, null],
] as const)("a writer %s in a thread with descriptors of its own is found beside its journal", async (_, open, id) => {
  const database = newDatabase();
  const holder = await startHolder();
  await holder.run(`
import ctypes
ready = threading.Event()
def work():
    if ctypes.CDLL(None).unshare(0x400) != 0: raise OSError("unshare")
    ${open(database)}
    ${SPILLED}
    ready.set()
    while True: time.sleep(1000)
threading.Thread(target=work, daemon=True).start()
ready.wait()`);
  const seen = await lookAt(database);
  expect(holderOf(seen, holder.pid).handles.map(({ role }) => role)).toContain("journal");
  expect(findingIds(seen)).toEqual(id === null ? [] : [id]);
});

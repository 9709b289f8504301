/** Locks of open files (OFD) that were held before the recording: /proc/locks names no process of them. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { RecordingLine } from "../../src/recording/lines.ts";
import { type Holder, pythonPath, startHolder } from "../support/holder.ts";
import { newDatabase } from "../support/sqlite.ts";
import { AS_CALLER, sqlock } from "../support/sqlock.ts";
import { needTracing } from "../support/tracefs.ts";

/** F_OFD_SETLK; Python's fcntl has no name for it before 3.9. */
const OFD_SETLK = 37;
const RESERVED = 0x40000001;

/** Has the lock of a writer, as a program has it whose SQLite locks open files. */
async function openFileHolder(database: string): Promise<Holder> {
  const holder = await startHolder();
  await holder.run(`
fd = os.open(${JSON.stringify(database)}, os.O_RDWR)
fcntl.fcntl(fd, ${OFD_SETLK}, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, ${RESERVED}, 1, 0))
`);
  return holder;
}

/** What is recorded of a program that wants to write, and gives up after 200 ms. */
async function recordingOfWaiter(database: string): Promise<RecordingLine[]> {
  const file = join(dirname(database), "x.jsonl");
  const waiter = `
import sqlite3, sys
c = sqlite3.connect(${JSON.stringify(database)}, timeout=0.2, isolation_level=None)
try: c.execute("begin immediate")
except sqlite3.OperationalError: sys.exit(7)
`;
  const options = ["--source", "kernel", "--no-sql", ...AS_CALLER, "-o", file];
  const args = ["record", ...options, database, "--", pythonPath(), "-c", waiter];
  const { code, stderr } = await sqlock(args);
  expect({ code, stderr }).toMatchObject({ code: 7 });
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as RecordingLine);
}

/** Of all waits: on a busy machine the attempts may be too far from each other to be one. */
function blockersOf(lines: readonly RecordingLine[]): string[] {
  const blockers = lines.flatMap((line) => (line.type === "wait" ? line.blockers : []));
  return [...new Set(blockers.map(({ pid, lock }) => `${pid} ${lock}`))].sort();
}

test("the blocker is the process that has the open file", async (context) => {
  needTracing(context);
  const database = newDatabase();
  const { pid } = await openFileHolder(database);
  const lines = await recordingOfWaiter(database);
  expect(blockersOf(lines)).toEqual([`${pid} RESERVED`]);
  expect(lines).toContainEqual(expect.objectContaining({ type: "lock", pid, lock: "RESERVED", atLeast: true }));
  expect(lines).toContainEqual(expect.objectContaining({ type: "process", pid }));
});

test("of several processes that share the open file each is a blocker", async (context) => {
  needTracing(context);
  const database = newDatabase();
  const holder = await openFileHolder(database);
  const child = Number(
    await holder.run(`
ends, goes = os.pipe()
answer = os.fork()
if answer == 0:
    os.close(goes)
    os.read(ends, 1)
    os._exit(0)
`),
  );
  const lines = await recordingOfWaiter(database);
  expect(blockersOf(lines)).toEqual([`${holder.pid} RESERVED`, `${child} RESERVED`].sort());
  expect(lines.filter(({ type }) => type === "transaction")).not.toContainEqual(
    expect.objectContaining({ pid: holder.pid }),
  );
});

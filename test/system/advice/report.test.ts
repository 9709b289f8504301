/** `sqlock report --advice` and `--compare`: of real programs, and of recordings that cannot be compared. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RecordingLine } from "../../../src/recording/lines.ts";
import { pythonPath } from "../../support/holder.ts";
import { lockLine, metaLine, processLine, transactionLine, waitLine } from "../../support/recording.ts";
import { expectToFit } from "../../support/schema.ts";
import { holding, newDatabase } from "../../support/sqlite.ts";
import { AS_CALLER, sqlock } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";
import { needTracing } from "../../support/tracefs.ts";

// biome-ignore lint/suspicious/noExplicitAny: of a document whose schema is checked
type Document = any;

async function reported(schema: "advice" | "compare", ...args: readonly string[]): Promise<Document> {
  const { stdout, stderr, code } = await sqlock(["report", "--json", ...args]);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  const document: Document = JSON.parse(stdout);
  expectToFit(schema, document);
  return document;
}

/** Three times, one process gives up after 0.3 s what it would have got a moment later. */
const GIVES_UP = `
import os, sqlite3, sys, time
path = sys.argv[1]
(asked, ask), (done, tell) = os.pipe(), os.pipe()
if os.fork() == 0:
    conn = sqlite3.connect(path, timeout=0.3, isolation_level=None)
    for _ in range(3):
        os.read(asked, 1)
        try: conn.execute("begin immediate")
        except sqlite3.OperationalError: pass
        os.write(tell, b".")
    os._exit(0)
conn = sqlite3.connect(path, isolation_level=None)
for _ in range(3):
    conn.execute("begin immediate")
    conn.execute("insert into t values (1)")
    os.write(ask, b".")
    os.read(done, 1)
    time.sleep(0.1)
    conn.execute("commit")
os.wait()
`;

test("calls that gave up: the timeout that would have been long enough, from a real recording", async (context) => {
  needTracing(context);
  const database = newDatabase("wal");
  const file = join(tempFolder(), "rec.jsonl");
  const run = await sqlock([
    "record",
    ...AS_CALLER,
    "-o",
    file,
    database,
    "--",
    pythonPath(),
    "-c",
    GIVES_UP,
    database,
  ]);
  expect(run.code).toBe(0);
  const document = await reported("advice", "--advice", "django", file);
  const [{ waits, advice, timeouts }] = document.databases;
  expect(waits.timedOut).toBe(3);
  expect(waits.gaveUpAfterMs.shortest).toBeGreaterThan(290);
  // The lock was free again 0.1 s after each of them gave up.
  expect(waits.likelyLongest.atMostMs).toBeGreaterThan(waits.gaveUpAfterMs.longest);
  const found = advice.find(({ id }: Document) => id === "busy-timeout");
  expect(found).toMatchObject({ sure: "proved", where: expect.stringContaining("DATABASES") });
  expect(found.setting.timeoutMs).toBeGreaterThanOrEqual(waits.likelyLongest.atMostMs * 1.5);
  expect(found.code).toEqual([`"OPTIONS": {"timeout": ${found.setting.timeoutMs / 1000}},`]);
  const enough = timeouts.find(({ timeoutMs }: Document) => timeoutMs === found.setting.timeoutMs);
  expect(enough).toMatchObject({ failed: { atLeast: 0, atMost: 3 }, likelyFailed: { atLeast: 0, atMost: 0 } });
  const { stdout } = await sqlock(["report", "--advice", "general", file]);
  expect(stdout).toContain("3 of 3 waits gave up after");
  expect(stdout).toContain(`PRAGMA busy_timeout = ${found.setting.timeoutMs};`);
});

test("one look at a database: a reader that keeps the WAL from being copied", async () => {
  const database = newDatabase("wal");
  const [reader, writer] = await Promise.all([holding(database), holding(database)]);
  await reader.run("c.execute('begin'); c.execute('select * from t').fetchall()");
  await writer.run("[c.execute('insert into t values (zeroblob(400000))') for _ in range(12)]");
  const document = await reported("advice", "--advice", "python", database);
  expect(document.databases).toMatchObject([
    {
      ...{ source: "look", journalMode: "wal", waits: null },
      advice: [{ id: "end-reads", because: { pids: [reader.pid] } }],
      unknown: [expect.stringContaining("sqlock record")],
    },
  ]);
  await reader.run("c.execute('commit')");
  expect((await reported("advice", "--advice", "python", database)).databases[0].advice).not.toContainEqual(
    expect.objectContaining({ id: "end-reads" }),
  );
});

function recording(name: string, ms: number, meta: Parameters<typeof metaLine>[0] = {}, seconds = 40): string {
  const lines: RecordingLine[] = [metaLine(meta), processLine()];
  for (let second = 0; second < seconds; second++) {
    for (let i = 0; i < 4 + (second % 3); i++) {
      const fromMs = second * 1_000 + i * 100;
      const length = ms + ((second * 7 + i * 3) % 5);
      lines.push(lockLine({ fromMs, toMs: fromMs + length }), waitLine({ fromMs, waitedMs: length }));
      lines.push(transactionLine({ fromMs, writeFromMs: fromMs, toMs: fromMs + length }));
    }
  }
  const path = join(tempFolder(), name);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return path;
}

test("before and after: longer holds are told from chance, the same again is not", async () => {
  const [before, same, slower] = [recording("a.jsonl", 20), recording("b.jsonl", 20), recording("c.jsonl", 60)];
  const changesOf = (document: Document) =>
    Object.fromEntries(document.databases[0].metrics.map((each: Document) => [each.metric, each.change]));
  expect(changesOf(await reported("compare", "--compare", same, before))).toMatchObject({
    ...{ waits: "none", commits: "none", "hold-p95": "none", "wait-p50": "none" },
  });
  expect(changesOf(await reported("compare", "--compare", slower, before))).toMatchObject({
    ...{ waits: "none", "hold-p50": "higher", "hold-p95": "higher", "wait-p50": "higher" },
  });
  const { stdout } = await sqlock(["report", "--compare", slower, before]);
  expect(stdout).toMatch(/write lock held \(p95\) .* higher, worse/);
});

test("a sample, and a recording that is too short, are not compared with another one", async () => {
  const before = recording("a.jsonl", 20);
  const sample = recording("b.jsonl", 60, { source: "sampled", exact: false });
  const short = recording("c.jsonl", 60, {}, 3);
  const whyOf = (document: Document) =>
    Object.fromEntries(document.databases[0].metrics.map((each: Document) => [each.metric, each.why]));
  expect(whyOf(await reported("compare", "--compare", sample, before))).toMatchObject({
    ...{ waits: "sampled", "hold-p95": "other-source" },
  });
  expect(whyOf(await reported("compare", "--compare", short, before))).toMatchObject({
    ...{ waits: "too-short", "hold-p50": "too-short" },
  });
});

test.each([
  [["--advice", "djngo", "x.jsonl"], /knows no framework djngo; use one of: django, .*general$/],
  [["--advice", "django", "--compare", "y", "x"], /--advice and --compare exclude each other/],
  [["--advice", "django", "--min-wait", "1s", "x"], /--advice and --min-wait exclude each other/],
  [["--compare", "y", "--at", "03:12", "x"], /--compare and --at exclude each other/],
  [["--advice", "django", "/dev/null"], /no regular file/],
])("%j: one line that says what to do", async (args, message) => {
  const { code, stdout, stderr } = await sqlock(["report", ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.trimEnd()).toMatch(message);
});

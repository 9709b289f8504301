import { expect, test } from "vitest";
import type { Holder } from "../support/holder.ts";
import { holding, insertRows, newDatabase } from "../support/sqlite.ts";
import { findingIds, holderOf, lockNames, lookAt, sqlock } from "../support/sqlock.ts";
import { until } from "../support/until.ts";

const HALF_READ = `cursor = c.execute("select a from t"); cursor.fetchone()`;

/** What SQLite itself says: frames in the WAL, and how many of them are checkpointed. Copies back what it can. */
async function checkpoint(
  holder: Holder,
  mode = "passive",
): Promise<[busy: number, frames: number, checkpointed: number]> {
  return (await holder.run(`answer = c.execute("pragma wal_checkpoint(${mode})").fetchone()`)) as [
    number,
    number,
    number,
  ];
}

test("WAL: an idle connection", async () => {
  const database = await newDatabase("wal");
  const holder = await holding(database, `c.execute("select count(*) from t").fetchall()`);
  const seen = await lookAt(database);
  const found = holderOf(seen, holder.pid);
  expect(found).toMatchObject({ activity: "idle", blocks: ["journal-mode"], readMark: null });
  expect(lockNames(found)).toEqual(["DMS:read", "SHARED:read"]);
  expect(found.handles.map((handle) => handle.role).sort()).toEqual(["database", "shm", "wal"]);
  expect(seen).toMatchObject({
    journalMode: "wal",
    wal: { frames: 0, checkpointedFrames: 0 },
    journal: null,
    summary: [],
    findings: [],
  });
});

test("WAL: a writer with an open transaction", async () => {
  const database = await newDatabase("wal");
  const holder = await holding(
    database,
    `c.execute("insert into t values (1)"); c.execute("begin immediate"); c.execute("insert into t values (1)")`,
  );
  const found = holderOf(await lookAt(database), holder.pid);
  expect(found).toMatchObject({
    activity: "writing",
    blocks: ["writers", "checkpoints", "journal-mode"],
    state: "sleeping",
    complete: true,
  });
  expect(lockNames(found)).toEqual(["DMS:read", "READ1:read", "SHARED:read", "WRITE:write"]);
});

test("WAL: a reader of an old snapshot, one of the newest, and the marks of both", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database, insertRows(10));
  const { frames: first } = await frames(database);
  const old = await holding(database, HALF_READ);
  const alone = await lookAt(database);
  expect(alone.wal).toEqual({
    frames: first,
    uncommittedFrames: 0,
    checkpointedFrames: 0,
    checkpointedKnown: true,
    readMarks: [0, first, null, null, null],
    unreadBytes: 0,
    complete: true,
  });
  expect(holderOf(alone, old.pid)).toMatchObject({ activity: "reading", blocks: ["journal-mode"], readMark: first });
  expect(lockNames(holderOf(alone, old.pid))).toEqual(["DMS:read", "READ1:read", "SHARED:read"]);

  await writer.run(insertRows(10));
  // What is in the old reader's snapshot can be copied back, and nothing more.
  const [busy, second, copied] = await checkpoint(writer);
  expect([busy, copied]).toEqual([0, first]);
  expect(second).toBeGreaterThan(first);
  const recent = await holding(database, HALF_READ);
  const seen = await lookAt(database);
  expect(seen.wal).toEqual({
    frames: second,
    uncommittedFrames: 0,
    checkpointedFrames: first,
    checkpointedKnown: true,
    readMarks: [0, first, second, null, null],
    unreadBytes: 0,
    complete: true,
  });
  expect(holderOf(seen, old.pid)).toMatchObject({
    activity: "reading",
    blocks: ["checkpoints", "journal-mode"],
    readMark: first,
  });
  expect(holderOf(seen, recent.pid)).toMatchObject({ activity: "reading", blocks: ["journal-mode"], readMark: second });
  expect(lockNames(holderOf(seen, recent.pid))).toEqual(["DMS:read", "READ2:read", "SHARED:read"]);
  expect(seen.findings).toEqual([]); // it is the size of a WAL that makes a reader a finding
});

async function frames(database: string): Promise<{ frames: number; checkpointedFrames: number }> {
  const { wal } = await lookAt(database);
  if (wal === null) throw new Error("no WAL");
  return wal;
}

test("WAL: a reader on READ0, of a WAL that was fully copied back", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database, insertRows(10));
  const [, total] = await checkpoint(writer);
  const reader = await holding(database, HALF_READ);
  const seen = await lookAt(database);
  expect(seen.wal).toMatchObject({ frames: total, checkpointedFrames: total });
  expect(holderOf(seen, reader.pid)).toMatchObject({ activity: "reading", blocks: ["journal-mode"], readMark: 0 });
  expect(lockNames(holderOf(seen, reader.pid))).toEqual(["DMS:read", "READ0:read", "SHARED:read"]);

  // The WAL starts again beside it, but none of it can be copied back.
  await writer.run(insertRows(10));
  const later = await lookAt(database);
  expect(later.wal?.checkpointedFrames).toBe(0);
  expect(holderOf(later, reader.pid)).toMatchObject({ blocks: ["checkpoints", "journal-mode"], readMark: 0 });
  expect((await checkpoint(writer))[2]).toBe(0);
});

test("WAL: a reader that starves checkpoints is told, with the frames that it keeps back", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database, insertRows(10));
  const reader = await holding(database, HALF_READ);
  const mark = (await frames(database)).frames;
  await writer.run(insertRows(6000));
  const [, total, copied] = await checkpoint(writer);
  expect(total - copied).toBeGreaterThan(1000);
  const seen = await lookAt(database);
  expect(seen.wal).toMatchObject({ frames: total, checkpointedFrames: copied });
  expect(holderOf(seen, reader.pid).readMark).toBe(mark);
  expect(copied).toBe(mark);
  expect(findingIds(seen)).toEqual(["checkpoint-starved"]);
  const grouped = (number: number) => new Intl.NumberFormat("en").format(number);
  expect(seen.findings[0]).toMatchObject({ severity: "warning", pids: [reader.pid] });
  expect(seen.findings[0]?.summary).toContain(`keeps ${grouped(total - mark)} WAL frames`);
  expect(seen.findings[0]?.detail).toContain(
    `read mark is frame ${grouped(mark)}; the WAL has ${grouped(total)} frames, of which ${grouped(copied)} are`,
  );

  await reader.run("cursor.close()");
  await checkpoint(writer);
  expect(findingIds(await lookAt(database))).toEqual([]);
});

test("WAL: a read that keeps a few frames back has what to do as well, once it has been open for long", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database, insertRows(10));
  const reader = await holding(database, HALF_READ);
  await writer.run(insertRows(10));
  expect(findingIds(await lookAt(database))).toEqual([]);
  const [finding] = await until("its age is proved", async () => {
    const { findings } = await lookAt(database, ["--stale-after", "20ms"]);
    return findings.length > 0 ? findings : undefined;
  });
  expect(finding).toMatchObject({ id: "checkpoint-starved", severity: "info", pids: [reader.pid] });
  expect(finding?.summary).toContain("has had a read open for at least");
  expect(finding?.remedy).toMatch(/^Not urgent\. End the read in that program/);
});

test("WAL: a large transaction is told apart from what is committed, until it is rolled back", async () => {
  const database = await newDatabase("wal");
  const spill = `c.execute("pragma cache_size=1"); c.execute("begin"); ${insertRows(20_000)}`;
  const writer = await holding(database, `${insertRows(10)}; c.execute("pragma wal_autocheckpoint=0"); ${spill}`);
  const seen = await lookAt(database);
  const [, committed] = await checkpoint(await holding(database));
  expect(seen.wal?.frames).toBe(committed);
  expect(seen.wal?.uncommittedFrames).toBeGreaterThan(4000);
  expect(seen.findings).toMatchObject([{ id: "wal-oversized", severity: "info", pids: [writer.pid] }]);
  expect(seen.findings[0]?.summary).toContain(`likely from one large transaction of ${writer.pid}`);

  await writer.run(`c.execute("rollback")`);
  await checkpoint(writer);
  const after = await lookAt(database);
  expect(after.findings).toMatchObject([{ id: "wal-oversized", pids: [] }]);
  expect(after.findings[0]?.summary).toContain("although the database has all its committed frames already");
});

test("WAL: one that a killed writer left, and nobody holds: its committed frames are counted", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(database, `c.execute("pragma wal_autocheckpoint=0"); ${insertRows(50)}`);
  const live = await frames(database);
  // Frames of a transaction that is not committed are in the file as well, and do not count.
  await writer.run(`c.execute("pragma cache_size=1"); c.execute("begin"); ${insertRows(500)}`);
  await writer.end();
  const seen = await lookAt(database);
  expect(seen.holders).toEqual([]);
  expect(live.frames).toBeGreaterThan(10);
  expect((await sqlock(["who-holds", database])).stdout).toMatch(
    new RegExp(`WAL ${live.frames} frames, checkpointed: unknown,\\s+\\d+ more not committed,`),
  );
  expect(seen.wal).toEqual({
    frames: live.frames,
    uncommittedFrames: expect.toSatisfy((frames: number) => frames > 100),
    checkpointedFrames: 0,
    checkpointedKnown: false, // only a wal-index that somebody keeps has that number
    readMarks: [null, null, null, null, null],
    unreadBytes: 0,
    complete: true,
  });
});

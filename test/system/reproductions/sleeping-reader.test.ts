/**
 * A WAL that grows while one reader sleeps: the frames that sqlock counts are those that SQLite's own checkpoint
 * counts.
 */
import { statSync } from "node:fs";
import { expect, test } from "vitest";
import type { Holder } from "../../support/holder.ts";
import { holding, insertRows, newDatabase } from "../../support/sqlite.ts";
import { findingIds, holderOf, lookAt, sqlock } from "../../support/sqlock.ts";

const WAL_HEADER_BYTES = 32;

test("who pins how many frames, until it ends its read", async () => {
  const database = await newDatabase("wal");
  const writer = await holding(
    database,
    `c.execute("pragma synchronous=off"); c.execute("create table log(a)"); ${insertRows(10)}`,
  );
  const start = await checkpoint(writer); // all copied back: the next frame is the first again
  await writer.run(`for i in range(7): c.execute("insert into log values (?)", (i,))`);
  const reader = await holding(
    database,
    `c.execute("begin"); answer = c.execute("select count(*) from log").fetchone()`,
  );
  const mark = (await checkpoint(writer)).frames;
  expect(start).toMatchObject({ busy: 0 });
  expect(mark).toBeGreaterThan(0);

  await writer.run(`for i in range(1500): c.execute("insert into log values (?)", (i,))`);
  const sqlite = await checkpoint(writer);
  const seen = await lookAt(database);
  // The second column of PRAGMA wal_checkpoint: frames in the WAL; the third: frames copied back.
  expect(sqlite.frames).toBeGreaterThanOrEqual(mark + 1500);
  expect(seen.wal).toMatchObject({ frames: sqlite.frames, checkpointedFrames: sqlite.copied });
  expect(sqlite.copied).toBe(mark);
  expect(statSync(`${database}-wal`).size).toBe(WAL_HEADER_BYTES + sqlite.frames * (4096 + 24));
  expect(holderOf(seen, reader.pid)).toMatchObject({ activity: "reading", readMark: mark });
  expect(holderOf(seen, writer.pid)).toMatchObject({ activity: "idle", readMark: null });
  const pinned = sqlite.frames - mark;
  expect(seen.findings).toMatchObject([{ id: "checkpoint-starved", severity: "warning", pids: [reader.pid] }]);
  expect(seen.findings[0]?.summary).toContain(`keeps ${grouped(pinned)} WAL frames`);
  expect(seen.findings[0]?.detail).toContain(
    `read mark is frame ${grouped(mark)}; the WAL has ${grouped(sqlite.frames)} frames`,
  );
  expect((await sqlock(["who-holds", database])).stdout).toMatch(
    new RegExp(`^warning checkpoint-starved: ${reader.pid} `, "m"),
  );

  await reader.run(`c.execute("commit")`);
  const after = await checkpoint(writer, "truncate");
  expect(after).toEqual({ busy: 0, frames: 0, copied: 0 });
  expect(statSync(`${database}-wal`).size).toBe(0);
  expect(findingIds(await lookAt(database))).toEqual([]);
});

async function checkpoint(holder: Holder, mode = "passive"): Promise<{ busy: number; frames: number; copied: number }> {
  const answer = await holder.run(`answer = c.execute("pragma wal_checkpoint(${mode})").fetchone()`);
  const [busy = -1, frames = -1, copied = -1] = answer as number[];
  return { busy, frames, copied };
}

function grouped(number: number): string {
  return number.toLocaleString("en-GB");
}

/** A look counts frames as long as there is time, and says when there was not enough. */
import { appendFileSync, closeSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { openFile } from "../../../src/observe/open-file.ts";
import { ReadingTime, Turns } from "../../../src/observe/pace.ts";
import { countFramesOfFile } from "../../../src/observe/wal-frames.ts";
import { newDatabase } from "../../support/sqlite.ts";
import { tempFolder } from "../../support/temp.ts";

const FRAME = 24 + 4096;

/** A copy of a -wal with some commits. */
function walFile(): { readonly path: string; readonly frames: number } {
  const source = newDatabase("wal");
  const db = new Database(source);
  onTestFinished(() => void db.close());
  db.exec("pragma synchronous = off; pragma wal_autocheckpoint = 0");
  for (let i = 0; i < 5; i++) db.exec(`update t set a = ${i} where rowid < 9`);
  const path = join(tempFolder(), "copy-wal");
  copyFileSync(`${source}-wal`, path);
  return { path, frames: (readFileSync(path).length - 32) / FRAME };
}

async function counted(path: string, time = new ReadingTime()) {
  const opened = openFile(path, null);
  if (opened.kind !== "ok") throw new Error(opened.kind);
  try {
    return await countFramesOfFile(opened.value, 4096, time);
  } finally {
    closeSync(opened.value.fd);
  }
}

const ALL = { lostCommits: 0, unreadBytes: 0, complete: true };

describe("frames of a -wal", () => {
  test("all of them", async () => {
    const { path, frames } = walFile();
    expect(await counted(path)).toMatchObject({ frames, ...ALL });
  });

  test("none where there is no time; what is left of the time counts", async () => {
    const { path, frames } = walFile();
    const none = { frames: 0, complete: false, unreadBytes: frames * FRAME };
    expect(await counted(path, new ReadingTime(0))).toMatchObject(none);
    expect(await counted(path)).toMatchObject({ frames, ...ALL });
  });

  test("what an earlier look counted is not counted again, and stays where the time is over", async () => {
    const { path, frames } = walFile();
    await counted(path);
    expect(await counted(path, new ReadingTime(0))).toMatchObject({ frames, ...ALL });
    appendFileSync(path, new Uint8Array(FRAME));
    expect(await counted(path, new ReadingTime(0))).toMatchObject({ frames, complete: false });
  });

  test("but it is where frames were cut off, or overwritten", async () => {
    const { path, frames } = walFile();
    await counted(path);
    const bytes = readFileSync(path);
    truncateSync(path, 32 + FRAME);
    expect((await counted(path)).frames).toBeLessThan(frames);
    writeFileSync(path, bytes.fill(7, 32 + (frames - 1) * FRAME));
    const damaged = await counted(path);
    expect(damaged.frames).toBeLessThan(frames);
    expect(damaged.complete).toBe(true);
  });

  test("frames that were added since are counted", async () => {
    const { path, frames } = walFile();
    const bytes = readFileSync(path);
    truncateSync(path, 32 + (frames - 8) * FRAME);
    await counted(path);
    appendFileSync(path, bytes.subarray(32 + (frames - 8) * FRAME));
    expect(await counted(path)).toMatchObject({ frames, ...ALL });
  });

  test("bytes behind them are searched for 16 MiB and no further", async () => {
    const { path, frames } = walFile();
    const end = 32 + frames * FRAME;
    for (const [behind, unread] of [
      [10 << 20, 0],
      [20 << 20, 3 << 20],
    ] as const) {
      truncateSync(path, end + behind);
      const { unreadBytes, ...rest } = await counted(path);
      expect(rest).toMatchObject({ frames, lostCommits: 0, complete: true });
      expect(unreadBytes).toBeGreaterThanOrEqual(unread);
      expect(unreadBytes).toBeLessThanOrEqual(unread + (1 << 20));
    }
  });
});

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test("between two steps others get their turn", async () => {
  let turns = 0;
  const others = setInterval(() => turns++, 1);
  function* steps() {
    for (let i = 0; i < 20; i++) yield spin(10);
  }
  expect(await new ReadingTime(10_000).run(steps())).toEqual({ last: undefined, complete: true });
  const early = turns;
  const work = new Turns();
  for (let i = 0; i < 20; i++) {
    spin(10);
    await work.giveWay();
  }
  clearInterval(others);
  expect(early).toBeGreaterThan(2);
  expect(turns).toBeGreaterThan(early + 2);
});

test("the time is that of all runs together", async () => {
  const time = new ReadingTime(30);
  function* steps() {
    for (let i = 1; i <= 5; i++) {
      spin(10);
      yield i;
    }
  }
  const { last, complete } = await time.run(steps());
  expect(complete).toBe(false);
  expect(last).toBeLessThan(5);
  expect(await time.run(steps())).toEqual({ last: undefined, complete: false });
});

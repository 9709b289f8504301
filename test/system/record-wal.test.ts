/** The WAL of a database while it is recorded: what a real reader keeps back, and what hostile files cannot do. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { keyOfInode } from "../../src/features/kernel-source/device.ts";
import { WalLines } from "../../src/features/record/wal-lines.ts";
import { identify } from "../../src/observe/identify.ts";
import type { RecordingLine } from "../../src/recording/lines.ts";
import type { WalLine } from "../../src/recording/state-lines.ts";
import { expectToFit } from "../support/schema.ts";
import { holding, insertRows, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { needTracing } from "../support/tracefs.ts";
import { until } from "../support/until.ts";

/** Of a recording that goes on; `stop` returns the last ones as well. */
async function record(source: "kernel" | "sampled", ...databases: readonly string[]) {
  const file = join(tempFolder(), "x.jsonl");
  const args = ["record", "--source", source, "--no-sql", "-o", file, ...databases];
  const child = spawn(NODE, [BIN, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const lines = () =>
    !existsSync(file)
      ? []
      : readFileSync(file, "utf8")
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line) as RecordingLine);
  const wals = () => lines().filter((line): line is WalLine => line.type === "wal");
  const stop = async () => {
    child.kill("SIGTERM");
    await once(child, "close");
    return lines();
  };
  return { wals, stop };
}

for (const source of ["kernel", "sampled"] as const) {
  test(`${source}: frames, what is copied back, and who keeps how much of it`, async (context) => {
    if (source === "kernel") needTracing(context);
    const database = newDatabase("wal");
    const rollback = newDatabase("delete");
    const reader = await holding(database, `c.execute("begin"); c.execute("select * from t").fetchall()`);
    const writer = await holding(database, `c.execute("pragma wal_autocheckpoint = 0")`);
    const { wals, stop } = await record(source, database, rollback);
    await writer.run(`${insertRows(20)}\nanswer = c.execute("pragma wal_checkpoint(passive)").fetchone()`);
    const [, frames] = (await writer.run(
      `answer = c.execute("pragma wal_checkpoint(passive)").fetchone()`,
    )) as number[];
    const pinned = await until("the frames are pinned", () => wals().find((line) => line.frames === frames));
    expect(frames).toBeGreaterThan(5);
    // the reader began before the first frame
    expect(pinned).toMatchObject({ path: database, copied: 0, pinned: frames, pinnedBy: [{ pid: reader.pid }] });
    expect(pinned.bytes).toBe(32 + (frames ?? 0) * (24 + 4096));
    await reader.run(`c.execute("commit")`);
    await until("nobody pins them", () => wals().at(-1)?.pinned === 0);
    expect(wals().at(-1)).toMatchObject({ frames, copied: 0, pinned: 0, pinnedBy: [] });
    await writer.run(`answer = c.execute("pragma wal_checkpoint(passive)").fetchone()`);
    await until("they are copied", () => wals().at(-1)?.copied === frames);
    await writer.run("c.close()");
    await reader.run("c.close()");
    await until("there is no -wal any more", () => wals().at(-1)?.bytes === null);
    const lines = await stop();
    expectToFit("record", { schemaVersion: 1, sqlock: "0", lines });
    expect(lines.some((line) => line.type === "wal" && line.path === rollback)).toBe(false);
    const times = wals().map(({ atMs }) => atMs);
    for (const [i, atMs] of times.slice(1).entries()) expect(atMs - (times[i] ?? 0)).toBeGreaterThan(900);
  });
}

test("a -shm that is a pipe, a link, huge, tiny, torn or another file: not known, without waiting", async () => {
  const database = newDatabase("wal");
  await holding(database, `c.execute("begin"); c.execute("select * from t").fetchall()`);
  const shm = `${database}-shm`;
  const good = readFileSync(shm);
  const whole = good.subarray(0, 136);
  const inodeNow = () => {
    const found = identify(shm);
    return found.kind === "ok" ? keyOfInode(found.value.inode) : 0;
  };
  /** Null: not known; undefined: no line. */
  const looksAt = (inode: number) => {
    let nowMs = 2_000;
    let told: WalLine[] = [];
    const use = () => ({ inode, isOpen: true, readers: [] });
    const lines = new WalLines({ use, startTicksOf: () => null, now: () => nowMs, emit: (line) => told.push(line) });
    const look = () => {
      told = [];
      for (const afterMs of [700, 400]) {
        nowMs += afterMs;
        lines.tick([database], nowMs);
      }
      return told.at(-1)?.frames;
    };
    return { look, lines };
  };
  const framesOf = (inode = inodeNow()) => looksAt(inode).look();
  const { look, lines } = looksAt(inodeNow());
  expect([look(), look()]).toEqual([0, undefined]);
  lines.beginFile();
  expect([look(), look()]).toEqual([0, undefined]);
  const frames = framesOf();
  expect(frames).toBe(0);
  const was = inodeNow();
  const torn = Buffer.from(whole);
  torn[17] = 99;
  for (const make of [
    () => execFileSync("mkfifo", [shm]),
    () => {
      writeFileSync(join(dirname(database), "other"), whole);
      symlinkSync(join(dirname(database), "other"), shm);
    },
    () => writeFileSync(shm, ""),
    () => writeFileSync(shm, whole.subarray(0, 100)),
    () => writeFileSync(shm, torn),
    () => execFileSync("mkdir", [shm]),
  ]) {
    execFileSync("rm", ["-rf", shm]);
    make();
    expect(framesOf()).toBeNull();
  }
  execFileSync("rm", ["-rf", shm]);
  const fd = openSync(shm, "w");
  ftruncateSync(fd, 2 ** 40);
  closeSync(fd);
  expect(framesOf()).toBeNull();
  unlinkSync(shm);
  writeFileSync(shm, whole);
  expect(framesOf()).toBe(0);
  expect(framesOf(was === inodeNow() ? 1 : was)).toBeNull(); // its locks are on another file
});

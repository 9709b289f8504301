/** `sqlock record --keep`: segments in a folder, killed and started again, on a full disk, of replaced databases. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import type { RecordingLine } from "../../src/recording/lines.ts";
import { mountNamespace } from "../support/namespace.ts";
import { type ReadSegment, readSegments, segmentNames } from "../support/segments.ts";
import { isRoot, need } from "../support/skip.ts";
import { holding, newDatabase } from "../support/sqlite.ts";
import { BIN, NODE, sqlock } from "../support/sqlock.ts";
import { tempFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";

interface Recorder {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly text: { out: string; err: string };
  /** @returns its exit code */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** Without a terminal, as a service. */
async function record(args: readonly string[], through: readonly string[] = []): Promise<Recorder> {
  const [program = NODE, ...rest] = [...through, NODE, BIN, "record", "--source", "sampled", ...args];
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  const closed = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await closed;
  });
  const text = { out: "", err: "" };
  child.stdout.on("data", (data: Buffer) => (text.out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (text.err += data.toString()));
  await until("it records", () => text.out.includes("recording ") || child.exitCode !== null);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = (await closed) as [number | null];
    return code;
  };
  return { child, text, end };
}

const numberOf = (name: string | undefined) => Number(/-(\d+)\.jsonl/.exec(name ?? "")?.[1]);

async function reaches(folder: string, number: number): Promise<void> {
  await until(`there is segment ${number}`, () => numberOf(segmentNames(folder).at(-1)) >= number);
}

const open = ({ lines }: ReadSegment) => lines.filter((line) => line.type === "open");

test("killed, and started again: each segment is whole, and tells what goes on", async () => {
  const database = newDatabase("wal");
  const folder = join(tempFolder(), "recording");
  const holder = await holding(database, 'c.execute("begin immediate")');
  const args = ["--keep", "3s", "-o", folder, database];
  const first = await record(args);
  writeFileSync(join(folder, "notes.txt"), "mine");
  writeFileSync(join(folder, "sqlock-20200101T000000000Z-0001.jsonl.tmp"), "mine");
  await reaches(folder, 3);

  const beside = await sqlock(["record", "--source", "sampled", ...args]);
  expect(beside).toMatchObject({ code: 2, stdout: "" });
  expect(beside.stderr).toContain(`another recorder writes there (process ${first.child.pid})`);
  await until("the third has its lines", () => statSync(join(folder, segmentNames(folder).at(-1) ?? "")).size > 0);
  await first.end("SIGKILL");
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).not.toEqual([]);

  const killed = readSegments(folder);
  expect(killed.map(({ number }) => number)).toEqual(killed.map((_, i) => i + 1));
  const startedAt = new Set(killed.map(({ meta }) => `${meta.startedAt} ${meta.startedMonotonicNs} ${meta.bootId}`));
  expect(startedAt.size).toBe(1);
  for (const segment of killed.slice(1)) {
    expect(open(segment)[0]?.locks).toContainEqual(
      expect.objectContaining({ pid: holder.pid, path: database, lock: "WRITE", toMs: null }),
    );
    expect(segment.lines).toContainEqual(expect.objectContaining({ type: "process", pid: holder.pid }));
    expect(segment.lines).toContainEqual(expect.objectContaining({ type: "unknown", what: "wait", why: "sampled" }));
    expect(segment.isComplete).toBe(false);
  }
  expect(killed[0]?.meta).toMatchObject({ statements: false, databases: [{ path: database }] });
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const { name } of killed) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);

  const second = await record(args);
  const left = killed.at(-1)?.name.replace(".gz", "") ?? "";
  await until("what was left is compressed, or old by now", () => !existsSync(join(folder, left)));
  await until(
    "the first ones are gone",
    () => !segmentNames(folder).some((name) => name.startsWith(left.slice(0, 26))),
  );
  await holder.run('c.execute("rollback")');
  expect(await second.end("SIGTERM")).toBe(143);
  const all = readSegments(folder);
  expect(new Set(all.map(({ run }) => run)).size).toBe(1);
  expect(all.at(-1)?.isComplete).toBe(true);
  expect(all.flatMap(({ lines }) => lines)).toContainEqual(
    expect.objectContaining({ type: "lock", pid: holder.pid, lock: "WRITE", atLeast: true }),
  );
  expect(readdirSync(folder).filter((name) => !name.startsWith("sqlock-2026"))).toEqual([
    "notes.txt",
    "sqlock-20200101T000000000Z-0001.jsonl.tmp",
  ]);
  // as a service: a line at the start, and one at the end
  expect(second.text.out.trimEnd().split("\n")).toHaveLength(2);
  expect(second.text.out).toContain(`The recording is in ${folder}.`);
  expect(second.text.err).toBe("");
});

test("a full disk: it says so once, and goes on when there is room", async (context) => {
  need(context, isRoot, "root");
  const space = await mountNamespace();
  const point = join(tempFolder(), "small");
  mkdirSync(point);
  space.run("mount", "-t", "tmpfs", "-o", "size=2M,mode=755", "tmpfs", point);
  const database = newDatabase("wal");
  const holder = await holding(database, 'c.execute("begin immediate")');
  const folder = join("/proc", String(space.keeper.pid), "root", point, "recording");
  const recorder = await record(["--keep", "20m", "-o", join(point, "recording"), database], space.through);
  await until("it has begun", () => segmentNames(folder).length > 0);
  space.run("sh", "-c", `cat /dev/zero > ${point}/full 2> /dev/null || true`);
  // what is written once a minute, and what changes, has no room any more
  const again = 'c.execute("rollback"); time.sleep(0.05); c.execute("begin immediate")';
  let isChanging = true;
  const changes = (async () => {
    while (isChanging) await holder.run(`import time\nfor i in range(5):\n  ${again}; time.sleep(0.1)`);
  })();
  await until("it has stopped", () => recorder.text.err.includes("nothing is written"));
  const before = segmentNames(folder);
  isChanging = false;
  await changes;
  await holder.run('c.execute("rollback"); c.execute("begin immediate"); time.sleep(1.5); c.execute("rollback")');
  expect(recorder.text.err).not.toContain("is written again");
  await until("it still runs", () => recorder.child.exitCode === null);
  space.run("rm", `${point}/full`);
  await until("it goes on", () => recorder.text.err.includes("is written again;"));
  expect(await recorder.end("SIGTERM")).toBe(143);
  expect(recorder.text.err.trimEnd().split("\n")).toEqual([
    expect.stringMatching(
      /^sqlock: nothing is written to .*\/recording: the disk is full; what happens is missing until/,
    ),
    expect.stringMatching(/^sqlock: .*\/recording is written again; .* are missing$/),
  ]);
  const segments = readSegments(folder);
  expect(segments.length).toBeGreaterThan(before.length);
  const gap = segments.at(-1)?.lines[2];
  expect(gap).toMatchObject({ type: "gap", lostEvents: null, why: "disk-full" });
  // it ended while nothing could be written
  const held = segments.at(-1)?.lines.filter((line) => line.type === "lock" && line.lock === "WRITE") ?? [];
  const [fromMs, toMs] = gap?.type === "gap" ? [gap.fromMs, gap.toMs] : [0, 0];
  const isWithin = (line: RecordingLine) =>
    line.type === "lock" && line.toMs !== null && line.toMs - line.fromMs > 1_000 && line.toMs < toMs;
  expect(held.filter((line) => isWithin(line))).toEqual([expect.objectContaining({ pid: holder.pid })]);
  expect(fromMs).toBeLessThan(toMs);
  expect(segments.at(-1)?.isComplete).toBe(true);
  expect(segments.flatMap(({ lines }) => lines.filter(({ type }) => type === "gap"))).toHaveLength(1);
});

test("a folder that is deleted is missed within seconds, and made again; at the end it is looked for", async () => {
  const database = newDatabase("wal");
  const holder = await holding(database, 'c.execute("begin immediate")');
  const folder = join(tempFolder(), "recording");
  const recorder = await record(["--keep", "24h", "-o", folder, database]);
  await until("it has begun", () => segmentNames(folder).length > 0);
  rmSync(folder, { recursive: true });
  await until("it is missed", () => recorder.text.err.includes("is written again;"));
  expect(recorder.text.err.trimEnd().split("\n")).toEqual([
    expect.stringMatching(/^sqlock: nothing is written to .*: its file or folder was deleted, moved or unmounted; /),
    expect.stringMatching(/^sqlock: .*\/recording is written again; .* are missing$/),
  ]);
  expect(readSegments(folder).flatMap(({ lines }) => lines.slice(2, 3))).toMatchObject([
    { type: "gap", why: "removed" },
  ]);
  await holder.run('c.execute("rollback")');
  renameSync(folder, `${folder}.away`);
  expect(await recorder.end("SIGTERM")).toBe(143);
  expect(recorder.text.out).toContain("The recording is not complete: ");
  expect(recorder.text.out).not.toContain("The recording is in ");
});

test("a database that is replaced is recorded in the segments after that", async () => {
  const database = newDatabase("wal");
  const folder = join(tempFolder(), "recording");
  const before = await holding(database, 'c.execute("begin immediate")');
  const recorder = await record(["--keep", "4s", "-o", folder, database]);
  await reaches(folder, 2);
  before.kill("SIGKILL");
  for (const suffix of ["-wal", "-shm"]) rmSync(`${database}${suffix}`, { force: true });
  renameSync(newDatabase("wal"), database);
  const after = await holding(database, 'c.execute("begin immediate")');
  await reaches(folder, numberOf(segmentNames(folder).at(-1)) + 2);
  expect(await recorder.end("SIGINT")).toBe(130);
  const segments = readSegments(folder);
  const lines = segments.flatMap((segment) => segment.lines);
  expect(lines).toContainEqual(expect.objectContaining({ type: "database", path: database, change: "created" }));
  const last = segments.at(-1);
  expect(last?.lines).toContainEqual(expect.objectContaining({ type: "process", pid: after.pid }));
  expect(last?.lines).not.toContainEqual(expect.objectContaining({ type: "process", pid: before.pid }));
  expect(last === undefined ? [] : open(last)[0]?.locks).toContainEqual(
    expect.objectContaining({ pid: after.pid, lock: "WRITE" }),
  );
});

test("bad usage: one line, and nothing is made", async () => {
  const database = newDatabase("wal");
  const folder = tempFolder();
  const file = join(folder, "file");
  writeFileSync(file, "mine");
  for (const [args, why] of [
    [["-o", file], "is a file; with --keep, give a folder"],
    [["-o", join(folder, "no", "such")], "its folder does not exist"],
    [["-o", `${join(folder, "x.db")}-wal`], "companion file"],
    [["-o", join(folder, "new"), "--sql", "--no-sql"], "--sql and --no-sql exclude each other"],
    [["-o", join(folder, "new"), "--sql"], "--sql needs the kernel's events"],
    [["-o", join(folder, "new"), "--json"], "--keep and --json exclude each other"],
  ] as const) {
    const { code, stdout, stderr } = await sqlock([
      "record",
      "--source",
      "sampled",
      "--keep",
      "24h",
      ...args,
      database,
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^sqlock: [^\n]+; [^\n]+\n$/);
    expect(stderr).toContain(why);
  }
  expect(readdirSync(folder)).toEqual(["file"]);
  expect(readFileSync(file, "utf8")).toBe("mine");
});

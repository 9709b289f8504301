/** Another program of root switches the tracing of a recorder off, or changes what is traced: that is never silent. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { GapLine, RecordingLine } from "../../src/recording/lines.ts";
import type { LostEvent } from "../../src/recording/source-event.ts";
import { appendProbe } from "../../src/trace/tracefs.ts";
import { Tracer } from "../../src/trace/tracer.ts";
import { type Holder, startHolder } from "../support/holder.ts";
import { newDatabase } from "../support/sqlite.ts";
import { BIN, NODE } from "../support/sqlock.ts";
import { lonelyFile, needTracing, tracefsFolder } from "../support/tracefs.ts";
import { until } from "../support/until.ts";

const LOCKS = "events/filelock/posix_lock_inode";

/** By which file of the instance, and with which text. */
const WAYS: readonly (readonly [file: string, text: string])[] = [
  ["tracing_on", "0"],
  [`${LOCKS}/enable`, "0"],
  ["events/enable", "0"],
  ["set_event", ""],
  [`${LOCKS}/filter`, "i_ino == 1"],
  ["set_event_pid", "1"],
];

/** What a tracer has told of a process that takes locks. */
class Locks {
  readonly seen: number[] = [];
  readonly lost: LostEvent[] = [];
  readonly #holder: Holder;
  readonly #tracer: Tracer;
  #byte = 120;

  constructor(holder: Holder, tracer: Tracer) {
    this.#holder = holder;
    this.#tracer = tracer;
  }

  /** Takes one more, and returns its byte. */
  async next(): Promise<number> {
    const byte = this.#byte;
    this.#byte += 2; // locks side by side become one
    await this.#holder.run(`fcntl.lockf(fd, fcntl.LOCK_SH, 1, ${byte})`);
    return byte;
  }

  drain(final = false): void {
    this.#tracer.drain((event) => {
      if (event.kind === "lock" && !event.closes) this.seen.push(event.start);
      if (event.kind === "lost") this.lost.push(event);
    }, final);
  }

  /** What has just happened comes with one of the next drains. */
  async drainUntilLost(): Promise<void> {
    await until("the loss is told", () => {
      this.drain();
      return this.lost.length > 0;
    });
  }
}

async function recordedHolder(): Promise<{
  readonly locks: Locks;
  readonly tracer: Tracer;
  readonly instance: string;
}> {
  const { path, locked } = lonelyFile();
  const holder = await startHolder();
  await holder.run(`fd = os.open(${JSON.stringify(path)}, os.O_RDWR)`);
  onTestFinished(() => holder.end());
  const tracer = Tracer.open({ bufferKb: 256 });
  onTestFinished(() => void tracer.close());
  tracer.enableLocks([locked]);
  return { locks: new Locks(holder, tracer), tracer, instance: `${tracer.tracefs}/instances/${tracer.name}` };
}

test.for(WAYS)("%s: a loss is told, and what comes next is recorded", async ([file, text], context) => {
  needTracing(context);
  const { locks, instance, tracer } = await recordedHolder();
  const first = await locks.next();
  locks.drain();
  const beforeMs = tracer.nowMs;
  writeFileSync(`${instance}/${file}`, text);
  await locks.next();
  await locks.drainUntilLost();
  const last = await locks.next();
  locks.drain(true);
  expect(locks.lost).toMatchObject([{ events: null, why: "switched-off" }]);
  expect(locks.lost[0]?.fromMs).toBeLessThanOrEqual(beforeMs);
  expect(locks.lost[0]?.atMs).toBeGreaterThan(beforeMs);
  expect(locks.seen).toEqual([first, last]);
});

test("at the end it is looked at once more", async (context) => {
  needTracing(context);
  const { locks, instance, tracer } = await recordedHolder();
  const seen: string[] = [];
  tracer.lookAhead({
    seen: (events) => void seen.push(...events.map(({ kind }) => kind)),
    look: () => false,
    complete: () => {},
  });
  locks.drain();
  writeFileSync(`${instance}/tracing_on`, "0");
  await locks.next();
  locks.drain(true);
  expect(locks.lost).toMatchObject([{ events: null, why: "switched-off" }]);
  expect(seen).toContain("lost");
  expect(tracer.close()).toBe(true);
});

test("a probe that was removed is there again", async (context) => {
  needTracing(context);
  const { locks, instance, tracer } = await recordedHolder();
  const place = { library: 1, file: process.execPath, offset: 0x1000, sqlOffset: null, stateOffset: null };
  if (tracer.addProbes([{ function: "sqlite3_step", ...place }]).failed.length > 0)
    context.skip("this program has no place for a probe there");
  locks.drain();
  const event = `${tracer.name}/step_1`;
  writeFileSync(`${instance}/events/${event}/enable`, "0");
  appendProbe(tracer.tracefs, `-:${event}`);
  expect(existsSync(`${instance}/events/${event}`)).toBe(false);
  await locks.drainUntilLost();
  for (const name of [event, `${event}_r`])
    expect(readFileSync(`${instance}/events/${name}/enable`, "utf8")).toBe("1\n");
  locks.drain(true);
  expect(locks.lost).toHaveLength(1);
});

test("the file has a gap with the reason, and so has the end", async (context) => {
  needTracing(context);
  const database = newDatabase("wal");
  const file = join(dirname(database), "x.jsonl");
  const args = ["record", "--source", "kernel", "--no-sql", "-o", file, database];
  const recorder = spawn(NODE, [BIN, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void recorder.kill("SIGKILL"));
  let out = "";
  recorder.stdout.on("data", (data: Buffer) => (out += data.toString()));
  await until("it records", () => out.includes("recording "));
  const instances = `${tracefsFolder()}/instances`;
  const name = readdirSync(instances).find((each) => each.startsWith(`sqlock_${recorder.pid}_`));
  writeFileSync(`${instances}/${name}/tracing_on`, "0");
  await until("the gap is shown", () => out.includes("another program switched the tracing off"));
  recorder.kill("SIGINT");
  await once(recorder, "close");
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const gaps = lines.map((line) => JSON.parse(line) as RecordingLine).filter(({ type }) => type === "gap");
  expect(gaps.map((gap) => (gap as GapLine).why)).toEqual(["switched-off"]);
  expect(gaps).toMatchObject([{ lostEvents: null }]);
  expect(out.replace(/\s+/g, " ")).toMatch(/1 gap of [^:]+ in all: another program switched the tracing off/);
});

/** Holders that no signal reaches, and runs that overlap. */
import { describe, expect, test } from "vitest";
import { overlappingRuns } from "../../../src/findings/overlapping-runs.ts";
import type { Holder } from "../../../src/model/report.ts";
import { diagnosed, findingOf } from "../../support/diagnosed.ts";
import { database, holder, lock, walWriter } from "../../support/report.ts";
import { look, processSeen } from "../../support/snapshot.ts";

const STUCK = { state: "disk-sleep", uninterruptible: { idleMs: 14_000, waitsIn: "percpu_rwsem_wait" } } as const;
const ids = (...holders: readonly Holder[]) =>
  diagnosed({ journalMode: "wal", holders }).map(({ id, pids }) => [id, ...pids]);

describe("uninterruptible-holder", () => {
  test("that, and nothing of a forgotten transaction", () => {
    expect(ids(walWriter(STUCK))).toEqual([["uninterruptible-holder", 4242]]);
    const finding = findingOf("uninterruptible-holder", { journalMode: "wal", holders: [walWriter(STUCK)] });
    expect(finding?.summary).toContain("holds the write lock, waiting in the kernel (D state) for 14 s:");
    expect(finding?.detail).toContain("has been waiting in the kernel (percpu_rwsem_wait) for 14 s");
    const exclusive = { locks: [lock("EXCLUSIVE")], activity: "exclusive", blocks: ["readers", "writers"] } as const;
    expect(ids(holder({ ...STUCK, ...exclusive }))).toEqual([["uninterruptible-holder", 4242]]);
  });

  test.each<[string, Partial<Holder>]>([
    ["a disk that is busy", { idleMs: 200, uninterruptible: { idleMs: 9999, waitsIn: null } }],
    ["since when is not known", { idleMs: null, uninterruptible: { idleMs: null, waitsIn: null } }],
    [
      "it blocks nobody",
      { ...STUCK, blocks: ["journal-mode"], activity: "idle", locks: [lock("SHARED"), lock("DMS")] },
    ],
  ])("silent: %s", (_, change) => {
    expect(ids(walWriter(change))).toEqual([]);
  });
});

describe("suspended-holder: a frozen cgroup", () => {
  const frozen = { path: "/sys/fs/cgroup/system.slice/docker-0123456789ab.scope", version: 2 } as const;
  const PAUSED = walWriter({ frozen, container: "docker:0123456789ab", stale: ["stopped", "idle-in-transaction"] });

  test("its cure, with the container's name", () => {
    const finding = findingOf("suspended-holder", { journalMode: "wal", holders: [PAUSED] });
    expect(finding?.summary).toContain("holds the write lock, frozen for 4 m 12 s:");
    expect(finding?.remedy).toMatch(/^Let it continue: docker unpause 0123456789ab\. /);
    expect(finding?.remedy).not.toContain("CONT");
    expect(finding?.detail).toContain("docker-0123456789ab.scope (container docker:0123456789ab) is frozen");
    expect(finding?.detail).toContain("SIGKILL does not");
  });

  test("version 1: no signal reaches it", () => {
    const holders = [{ ...PAUSED, frozen: { ...frozen, version: 1 as const } }];
    expect(findingOf("suspended-holder", { journalMode: "wal", holders })?.detail).toContain("even SIGKILL");
  });
});

describe("overlapping-runs", () => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
  const JOB = { uid: 1000, commandLine: ["python", "import.py"], terminal: null };
  const FIRST = walWriter({ ...JOB, parentPid: 10, startedAt: at(0), idleMs: 100, heldAtLeastMs: 100, stale: [] });
  const second = (change: Partial<Holder> = {}) =>
    holder({ ...JOB, pid: 4300, parentPid: 20, startedAt: at(180), ...change });
  const found = (first: Partial<Holder>, ...others: readonly Holder[]) =>
    findingOf(
      "overlapping-runs",
      { journalMode: "wal", holders: [{ ...FIRST, ...first }, ...others] },
      { takenAt: at(240) },
    );

  test("the second was started while the first still ran", () => {
    expect(found({}, second())).toMatchObject({
      severity: "info",
      pids: [4242, 4300],
      summary:
        "4242 (python import.py) holds the lock while another run of the same command by the same user has the " +
        "database open: 4300.",
      detail:
        "4300 was started 3 m 0 s after 4242, which was still running (whether it held the lock then is unknown).",
    });
    expect(found({}, second(), second({ pid: 4301, startedAt: at(-60) }))).toMatchObject({
      summary: expect.stringContaining(
        "while 2 other runs of the same command by the same user have the database open: 4300 and 4301.",
      ),
      detail: expect.stringContaining("4301 was started 1 m 0 s before 4242"),
    });
  });

  test.each<[Partial<Holder>, string]>([
    [{ heldAtLeastMs: 60_000 }, "which held the lock then."],
    [
      { heldAtLeastMs: null, heldLikelyMs: 61_000, heldLikelyBasis: "journal-born" },
      "which likely held the lock then.",
    ],
    [{ heldAtLeastMs: 59_999 }, "is unknown)."],
  ])("what is known of the lock: %j", (change, end) => {
    expect(found(change, second())?.detail.slice(-end.length)).toBe(end);
  });

  test.each<[string, Partial<Holder>, Partial<Holder>, string]>([
    ["parents that have ended", { parentPid: 1 }, { parentPid: 1 }, "yes"],
    ["jobs of cron", { unit: "cron.service" }, { unit: "cron.service" }, "yes"],
    ["another command", {}, { commandLine: ["python", "other.py"] }, "no"],
    ["another user", {}, { uid: 1001 }, "no"],
    ["no command line", { commandLine: [] }, { commandLine: [] }, "no"],
    ["its child", {}, { parentPid: 4242 }, "no"],
    ["workers of one program", { parentPid: 10 }, { parentPid: 10 }, "no"],
    ["started together", {}, { startedAt: at(0.9) }, "no"],
    ["two containers", { container: "docker:0123456789ab" }, { container: "docker:ba9876543210" }, "no"],
    ["nobody is kept out", { blocks: ["checkpoints"] }, {}, "no"],
  ])("%s", (_, first, other, expected) => {
    expect(found(first, second(other)) === undefined ? "no" : "yes").toBe(expected);
  });

  test("two services are meant to run twice", () => {
    const services = [1, 2].map((i) => ({ parentPid: 1, unit: `app@${i}.service` }));
    const holders = [{ ...FIRST, ...services[0] }, second(services[1])];
    const [seen, snapshot] = look({ takenAt: at(240) });
    const subject = { database: database({ holders }), seen, snapshot, staleAfterMs: 10_000 };
    expect(overlappingRuns.rule(subject)).toEqual([]);
  });

  test("one that was forked from the other has its stack", () => {
    const stacks = [4242, 4300].map((pid) => processSeen({ pid, stackStart: 0x7ffcn }));
    const forked = diagnosed({ journalMode: "wal", holders: [FIRST, second()] }, { processes: stacks });
    expect(forked.map(({ id }) => id)).not.toContain("overlapping-runs");
  });
});

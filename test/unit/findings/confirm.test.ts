/** Which findings of a first look stand after more looks: the looks are given, none is made. */
import { expect, test } from "vitest";
import { confirm } from "../../../src/findings/confirm.ts";
import { diagnose } from "../../../src/findings/diagnose.ts";
import { relate } from "../../../src/model/relate.ts";
import type { Finding } from "../../../src/model/report.ts";
import { STALE_AFTER_MS } from "../../support/diagnosed.ts";
import {
  handleSeen,
  type Look,
  look,
  processSeen,
  ROLLBACK,
  reserved,
  shmLock,
  targetFile,
  WAL,
} from "../../support/snapshot.ts";

const HANDLES = [handleSeen(), handleSeen({ fd: 4, role: "wal" }), handleSeen({ fd: 5, role: "shm" })];
const BESIDE = { files: [targetFile("database"), targetFile("wal"), targetFile("shm")] };

/**
 * A process with the files of a WAL database open, and without its locks: the close trap, or a connection that opens.
 */
const LOST: Look = { facts: WAL, handles: { 4242: HANDLES }, target: BESIDE };
/** The same with the locks of a connection. */
const WELL: Look = {
  ...LOST,
  handles: {
    4242: [
      handleSeen({ locks: [{ ...shmLock(4242, 0), start: 1073741826n, end: 1073742335n, inode: 100n }] }),
      handleSeen({ fd: 4, role: "wal" }),
      handleSeen({ fd: 5, role: "shm", locks: [shmLock(4242, 128)] }),
    ],
  },
};
const JOURNAL = {
  header: "valid",
  begun: false,
  sizeBytes: 4616,
  committedBySuperJournal: false,
  pagesOfEmpty: 0,
} as const;
const HOT: Look = { facts: { ...ROLLBACK, journal: JOURNAL } };
/** Two connections of one process, one of which writes, while a thread sleeps in a timer. */
const CONTENTION = (sleepsInTimer: boolean, handles = 2): Look => ({
  ...WELL,
  handles: {
    4242: [
      handleSeen({ locks: [{ ...shmLock(4242, 0), start: 1073741826n, end: 1073742335n, inode: 100n }] }),
      ...Array.from({ length: handles }, (_, i) => handleSeen({ fd: 10 + i, role: "wal" })),
      handleSeen({ fd: 5, role: "shm", locks: [shmLock(4242, 128), shmLock(4242, 120, 120, "write")] }),
    ],
  },
  processes: [processSeen({ idleMs: 0, sleepsInTimer, nothingElseRuns: true })],
});

/** Another process with the same pid. */
const OTHER: Look = { ...LOST, processes: [processSeen({ startTicks: 391999n })] };

function findingsOf(at: Look) {
  const [seen, snapshot] = look(at);
  const database = relate(seen, snapshot, STALE_AFTER_MS);
  return { snapshot, findings: diagnose({ database, seen, snapshot, staleAfterMs: STALE_AFTER_MS }) };
}

interface Left {
  readonly ids: string[];
  readonly undecided: string[];
  readonly looks: number;
}

/** The ids that are left of the first look after these, and how many of them were made. */
async function left(first: Look, ...later: Look[]): Promise<Left> {
  const { snapshot, findings } = findingsOf(first);
  let looks = 0;
  const again = async () => look(later[Math.min(looks++, later.length - 1)] ?? first)[1];
  const [confirmed] = await confirm([findings], snapshot, again, STALE_AFTER_MS);
  const idsOf = (all: readonly Finding[] = []) => all.map(({ id }) => id);
  return { ids: idsOf(confirmed?.findings), undecided: idsOf(confirmed?.undecided), looks };
}

test("what every look shows stands after as many more as its record says", async () => {
  expect(await left(LOST, LOST)).toMatchObject({ ids: ["lost-locks"], looks: 9 });
  expect(await left(HOT, HOT)).toMatchObject({ ids: ["hot-journal"], looks: 4 });
});

test("one look that does not show it is enough, and then nobody looks again", async () => {
  expect(await left(LOST, LOST, WELL, LOST)).toEqual({ ids: [], undecided: [], looks: 2 });
});

/** A look that had not the time to read all of /proc/locks. */
const inPart = (at: Look): Look => ({ ...at, partialView: true, locksReadInPart: true });
const IN_WORK: Look = { ...HOT, handles: { 4242: [handleSeen({ locks: [reserved(4242)] })] } };

test.each<[string, Look, Look[], Omit<Left, "looks">]>([
  ["the last look cannot tell", HOT, [HOT, HOT, HOT, inPart(HOT)], { ids: [], undecided: ["hot-journal"] }],
  ["none of them can", HOT, [inPart(HOT)], { ids: [], undecided: ["hot-journal"] }],
  ["one cannot, another refutes it", HOT, [inPart(HOT), IN_WORK], { ids: [], undecided: [] }],
  ["what such a look shows all the same counts", LOST, [inPart(LOST)], { ids: ["lost-locks"], undecided: [] }],
  ["what it does not show stays open", LOST, [LOST, inPart(WELL), LOST], { ids: [], undecided: ["lost-locks"] }],
  ["the first one saw no more", inPart(LOST), [inPart(WELL)], { ids: [], undecided: [] }],
  [
    "a process that was awake in one look",
    CONTENTION(true),
    [CONTENTION(false), inPart(CONTENTION(true, 1))],
    {
      ids: [],
      undecided: ["same-process-contention"],
    },
  ],
])("a look that sees less than the first refutes nothing: %s", async (_, first, later, expected) => {
  expect(await left(first, ...later)).toMatchObject(expected);
});

test("another process with the same pid confirms nothing", async () => {
  expect(await left(LOST, OTHER)).toEqual({ ids: [], undecided: [], looks: 1 });
});

test("where nothing can be a passing moment there is one look", async () => {
  expect(await left(WELL, LOST)).toEqual({ ids: [], undecided: [], looks: 0 });
});

test("a process that waits for itself may be awake in one of the looks, not in two", async () => {
  const polls = CONTENTION(true);
  const awake = CONTENTION(false);
  expect(await left(polls, polls)).toMatchObject({ ids: ["same-process-contention"], looks: 4 });
  expect(await left(polls, awake, polls)).toMatchObject({ ids: ["same-process-contention"], looks: 4 });
  const { snapshot, findings } = findingsOf(polls);
  expect(findings[0]).toMatchObject({ severity: "warning" });
  let looks = 0;
  const again = async () => look(looks++ < 2 ? awake : polls)[1];
  const [confirmed] = await confirm([findings], snapshot, again, STALE_AFTER_MS);
  expect(confirmed?.findings).toMatchObject([{ id: "same-process-contention", severity: "info" }]);
});

test("and where it has one connection in two of them, it never waited for itself", async () => {
  expect((await left(CONTENTION(true), CONTENTION(true, 1))).ids).toEqual([]);
});

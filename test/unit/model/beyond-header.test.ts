import { expect, test } from "vitest";
import { beyondHeader } from "../../../src/model/beyond-header.ts";
import type { Holder } from "../../../src/model/report.ts";
import { handle, holder, lock } from "../../support/report.ts";
import { type Look, look, ROLLBACK, WAL } from "../../support/snapshot.ts";

const LONGER = { ...ROLLBACK, pagesBeyondHeader: 130 };
const JOURNAL = { begun: false, sizeBytes: 512, committedBySuperJournal: false, pagesOfEmpty: 0 } as const;
const CHANGED = Date.UTC(2026, 0, 2);

/** It was started a second before the file last changed. */
const idle = (change: Partial<Holder> = {}) => holder({ startedAt: new Date(CHANGED - 1000), ...change });

const pidsOf = (holders: readonly Holder[], at: Look = {}, unowned = 0) => {
  const [database, snapshot] = look({ facts: LONGER, ...at });
  const locks = Array.from({ length: unowned }, () => lock("EXCLUSIVE"));
  return beyondHeader(database, holders, locks, snapshot)?.pids ?? [];
};

test("an unlocked process that has it open to write, and the number of pages", () => {
  const [database, snapshot] = look({ facts: LONGER });
  expect(beyondHeader(database, [idle()], [], snapshot)).toEqual({ pages: 130, pids: [4242] });
});

test.each<[string, Holder[], Look, number[]]>([
  ["whose start is not known", [idle({ startedAt: null })], {}, [4242]],
  ["beside a finished -journal", [idle()], { facts: { ...LONGER, journal: { ...JOURNAL, header: "empty" } } }, [4242]],
  [
    "with the flock of a script",
    [
      idle({
        locks: [lock("FOREIGN", { api: "flock" })],
        handles: [handle(3, "database"), handle(9, "database", { access: "read", flock: "write", closeOnExec: false })],
      }),
    ],
    {},
    [4242],
  ],
  ["a file that is as long as it should be", [idle()], { facts: ROLLBACK }, []],
  ["WAL mode", [idle()], { facts: { ...WAL, pagesBeyondHeader: 1 } }, []],
  ["nobody has it open", [], {}, []],
  ["open to read", [idle({ handles: [handle(3, "database", { access: "read" })] })], {}, []],
  ["another file by now", [idle({ handles: [handle(3, "database", { deleted: true })] })], {}, []],
  ["started after the file last changed", [idle({ startedAt: new Date(CHANGED + 2000) })], {}, []],
  ["not to be looked into", [idle({ complete: false })], {}, []],
  ["a writer with its locks explains it", [idle(), idle({ pid: 7, locks: [lock("EXCLUSIVE")] })], {}, []],
  ["a -journal explains it", [idle()], { facts: { ...LONGER, journal: { ...JOURNAL, header: "valid" } } }, []],
  [
    "so does one that cannot be read",
    [idle()],
    { facts: { ...LONGER, journal: { ...JOURNAL, header: "unreadable" } } },
    [],
  ],
  [
    "and one that has begun",
    [idle()],
    { facts: { ...LONGER, journal: { ...JOURNAL, header: "unsynced", begun: true } } },
    [],
  ],
  ["another kind of lock", [idle({ locks: [lock("FOREIGN", { api: "flock", type: "write" })] })], {}, []],
  ["its -journal is open: lost-locks", [idle({ handles: [handle(3, "database"), handle(4, "journal")] })], {}, []],
  ["somebody may be out of sight", [idle()], { partialView: true }, []],
  ["with --locks-only", [idle()], { locksOnly: true }, []],
])("%s", (_, holders, at, pids) => {
  expect(pidsOf(holders, at)).toEqual(pids);
});

test("a lock whose owner cannot be told may explain it", () => {
  expect(pidsOf([idle()], {}, 1)).toEqual([]);
});

import { expect, test } from "vitest";
import type { Unseen } from "../../../src/model/snapshot.ts";
import { mayHoldDatabase, type Unexplained, unseenMatters } from "../../../src/model/unseen-processes.ts";
import { lock } from "../../support/report.ts";

const unseen = (change: Partial<Unseen> = {}): Unseen => {
  return { processes: 1, reasons: ["a reason"], reason: "a reason", remedy: "do this", ...change };
};

const INIT = unseen({ initAlone: true });

const JOURNAL = { header: "valid", sizeBytes: 512 } as const;

test.each<[string, Unseen | null, readonly Unexplained[], boolean]>([
  ["nothing out of sight", null, [{ unownedLocks: [lock("WRITE")] }], false],
  ["an ordinary user's view", unseen({ processes: 41 }), [{}], true],
  ["processes of which not even the number is known", unseen({ processes: null }), [{}], true],
  ["before any look at a database", unseen(), [], true],
  ["init alone", INIT, [{}, {}], false],
  ["init alone, and all has its owner", INIT, [{ unownedLocks: [], lockDirectory: null, journal: null }], false],
  ["init alone, and a lock without an owner", INIT, [{}, { unownedLocks: [lock("WRITE")] }], true],
  ["init alone, and a journal that may be hot", INIT, [{ journal: { ...JOURNAL, hot: null } }], true],
  ["init alone, and a hot journal", INIT, [{ journal: { ...JOURNAL, hot: true } }], false],
  [
    "init alone, and a lock directory of nobody known",
    INIT,
    [{ lockDirectory: { path: "/a.db.lock", since: new Date(0) } }],
    true,
  ],
  [
    "init alone, and a lock file with a pid",
    INIT,
    [{ lockDirectory: { path: "/a.db.lock", since: new Date(0), pid: 7 } }],
    false,
  ],
])("whether what could not be inspected is worth a line: %s", (_, some, databases, expected) => {
  expect(unseenMatters(some, databases)).toBe(expected);
});

test("init alone holds no database, as far as can be known", () => {
  expect([null, INIT, unseen(), unseen({ processes: null })].map(mayHoldDatabase)).toEqual([false, false, true, true]);
});

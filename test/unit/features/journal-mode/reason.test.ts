import { expect, test } from "vitest";
import type { ReadBack } from "../../../../src/features/journal-mode/read-back.ts";
import { reasonAfterSwitch } from "../../../../src/features/journal-mode/reason.ts";
import type { SwitchOutcome } from "../../../../src/features/journal-mode/switch.ts";
import { holder } from "../../../support/report.ts";

const DONE: SwitchOutcome = {
  failure: null,
  blockers: { holders: [], unowned: [] },
  comparison: null,
  kept: null,
  waitedMs: 12,
};
const READ: ReadBack = { kind: "read", mode: "wal", tables: 3 };
const STATE = { asked: "wal", before: "delete", after: "wal", isThere: true, hidden: false, sign: null } as const;

const reason = (
  outcome: Partial<SwitchOutcome>,
  state: Partial<typeof STATE | object> = {},
  read: ReadBack | null = READ,
) => reasonAfterSwitch({ ...STATE, ...state }, { ...DONE, ...outcome }, read);

test("switched, and another process read it", () => {
  expect(reason({})).toBeNull();
  const proof = { frames: 1, pages: 1, rewritten: 0 };
  expect(reason({ comparison: { kind: "proved", proof } })).toBeNull();
});

test("busy: the blockers, and what is known of them", () => {
  const blockers = { holders: [holder()], unowned: [] };
  expect(reason({ failure: { kind: "busy" }, blockers }, { before: "wal", hidden: true }, null)).toEqual({
    kind: "blocked",
    blockers,
    walMode: true,
    hidden: true,
  });
});

test.each([
  { kind: "unchanged", mode: "memory" },
  { kind: "another-file", switched: false },
  { kind: "another-file", switched: true },
  { kind: "failed", code: "SQLITE_FULL", message: "database or disk is full" },
  { kind: "crashed", why: "it was ended by SIGKILL" },
  { kind: "not-started", message: "spawn EAGAIN" },
  { kind: "stuck", idleMs: 10_000 },
] as const)("$kind", (failure) => {
  expect(reason({ failure }, { after: "delete" }, null)).toEqual({ kind: "failed", failure });
});

test("pages that were lost count more than anything else after a switch", () => {
  const lost = { comparison: { kind: "lost", pages: [3, 4] }, kept: "/srv/db-wal.kept" } as const;
  expect(reason(lost, { after: "delete" }, null)).toEqual({
    kind: "pages-lost",
    pages: [3, 4],
    kept: "/srv/db-wal.kept",
  });
});

test("a process wrote without SQLite's locks: it is not verified, whatever the header says", () => {
  const sign = { kind: "lock-directory", path: "/srv/db.lock" } as const;
  expect(reason({}, { sign })).toEqual({ kind: "written-beside", sign });
  expect(reason({}, { sign, after: "delete" })).toEqual({ kind: "written-beside", sign });
  expect(reason({ failure: { kind: "unchanged", mode: "delete" } }, { sign })).toMatchObject({ kind: "failed" });
});

test("another mode by the header, or for another process", () => {
  expect(reason({}, { after: "delete" })).toEqual({ kind: "switched-back", mode: "delete" });
  expect(reason({}, { after: null })).toEqual({ kind: "switched-back", mode: null });
  expect(reason({}, {}, { ...READ, mode: "delete" })).toEqual({ kind: "other-mode", mode: "delete" });
});

test("a path that leads to another file after the switch, and a -wal that was too large to compare", () => {
  expect(reason({}, { after: null, isThere: false }, null)).toEqual({ kind: "moved" });
  const other = { comparison: { kind: "not-compared", why: { kind: "another-file" } } } as const;
  expect(reason(other)).toEqual({ kind: "moved" });
  const why = { kind: "too-many-frames", frames: 9, limit: 8 } as const;
  expect(reason({ comparison: { kind: "not-compared", why } })).toBeNull();
});

test("a process that could not read it", () => {
  for (const read of [
    { kind: "refused", refusal: { kind: "busy" } },
    { kind: "no-answer" },
    { kind: "crashed", why: "it ended with 1" },
    null,
  ] as const)
    expect(reason({}, {}, read)).toEqual({ kind: "unreadable", failure: read });
});

import { expect, test } from "vitest";
import { FIRST_TRY, nextTry } from "../../../../src/features/integrity/retry.ts";
import type { Method, Refusal } from "../../../../src/safe-open/protocol.ts";

const next = (refusal: Refusal | null, method: Method = "in-place", constraints = FIRST_TRY) =>
  nextTry(refusal, { kind: "open", method, reason: null, wal: "none" }, constraints);

const IN_PLACE = { kind: "open", method: "in-place", reason: null, wal: "none" } as const;

const NEEDS_COPY = { kind: "needs-copy", message: "attempt to write a readonly database" } as const;
const COPY = { ...FIRST_TRY, refused: { code: "needs-copy", message: NEEDS_COPY.message } as const };

test("files that changed are tried again in the same way", () => {
  expect(next({ kind: "changed" }, "private-copy", COPY)).toEqual(COPY);
  expect(next({ kind: "unkept" })).toEqual(FIRST_TRY);
});

test("beside a writer without locks a check in place is repeated twice, and not where it is long", () => {
  const after = (tries: number, readLockMs: number) =>
    nextTry({ kind: "changed", underLock: true }, IN_PLACE, FIRST_TRY, { tries, readLockMs });
  expect([after(1, 100), after(2, 100), after(3, 100)]).toEqual([FIRST_TRY, FIRST_TRY, null]);
  expect(after(1, 30_000)).toBeNull();
});

test("what cannot be read in place is copied, once", () => {
  expect(next(NEEDS_COPY)).toEqual(COPY);
  expect(next(NEEDS_COPY, "private-copy")).toBeNull();
  expect(next({ kind: "ignores-check-constraints" })?.refused).toEqual({ code: "ignores-check-constraints" });
  expect(next({ kind: "backup-failed", message: "m" }, "backup")?.refused).toEqual({
    code: "backup-failed",
    message: "m",
  });
});

test("where the backup API fails on a -wal, a copy of the bytes would hide it: it is checked in place", () => {
  const refusal = { kind: "backup-io-error", message: "disk I/O error" } as const;
  expect(next(refusal, "backup")).toEqual({ ...FIRST_TRY, copy: false });
  expect(next(refusal)).toBeNull();
});

test("what is larger than a file may be is no reason to give up what needs no copy", () => {
  expect(next({ kind: "file-limit", neededBytes: 1 })).toEqual({ ...FIRST_TRY, noRoom: true });
});

test("without room it may do without a copy, once", () => {
  const noSpace = { kind: "no-space", neededBytes: 2, freeBytes: 1, reserveBytes: 0 } as const;
  expect(next(noSpace)).toEqual({ ...FIRST_TRY, noRoom: true });
  expect(next({ kind: "no-folder", why: "" }, "private-copy", { ...FIRST_TRY, noRoom: true })).toBeNull();
});

test("a collation that is missing is checked on a copy; where there can be none, in place, and it knows why", () => {
  const names = ["unicase"];
  const copy = next({ kind: "missing-collation", names, damaged: false });
  expect(copy).toEqual({ ...FIRST_TRY, refused: { code: "missing-collation", names, damaged: false } });
  const noSpace = { kind: "no-space", neededBytes: 2, freeBytes: 1, reserveBytes: 0 } as const;
  for (const refusal of [noSpace, { kind: "changed" }, { kind: "no-folder", why: "" }] as const)
    expect(next(refusal, "private-copy", copy ?? FIRST_TRY)).toEqual({
      ...FIRST_TRY,
      noStandIn: { kind: "no-copy", refusal },
    });
  expect(next(null, "private-copy", copy ?? FIRST_TRY)).toBeNull();
});

test.each<Refusal | null>([null, { kind: "busy" }, { kind: "gone" }, { kind: "failed", message: "" }])(
  "%o ends it",
  (refusal) => {
    expect(next(refusal)).toBeNull();
  },
);

import { expect, test } from "vitest";
import type { LikelyBasis } from "../../../src/model/likely-age.ts";
import type { Holder } from "../../../src/model/report.ts";
import { stateClause } from "../../../src/text/holder.ts";
import { basisText, likelyAge, whatWouldProve } from "../../../src/text/likely.ts";
import { holder } from "../../support/report.ts";

const BY_THREADS = { idleMs: null, heldLikelyMs: 14_000, heldLikelyBasis: "living-threads" } as const;
const BY_FILES = { idleMs: 200, heldLikelyMs: 252_000, heldLikelyBasis: "journal-born" } as const;

test.each<[Partial<Holder>, string | null, string | null]>([
  [BY_THREADS, "~14 s", "likely asleep for 14 s"],
  [{ ...BY_THREADS, heldLikelyMs: 999 }, null, null],
  [{ ...BY_FILES, stale: ["likely-idle-in-transaction"] }, "~4 m 12 s", "likely for 4 m 12 s"],
  [BY_FILES, "~4 m 12 s", "active within the last second"], // it still writes
  [{ ...BY_FILES, idleMs: 12_000 }, "~4 m 12 s", "asleep for 12 s"],
  [{ ...BY_THREADS, state: "stopped" }, "~14 s", "stopped"],
  [{ idleMs: 200 }, null, "active within the last second"],
  [{ idleMs: null }, null, null],
])("%j", (change, age, clause) => {
  const of = holder(change);
  expect(likelyAge(of)).toBe(age);
  expect(stateClause(of)).toBe(clause);
});

test.each<[LikelyBasis, string]>([
  ["living-threads", "None of its current threads has run for 14 s. That does not prove how old"],
  ["journal-born", "The -journal of its transaction was created 14 s ago"],
  ["journal-written", "The last write to the -journal of its transaction was 14 s ago"],
  ["wal-written", "The last write to the -wal was 14 s ago"],
])("what %s stands on", (heldLikelyBasis, begin) => {
  const text = basisText(holder({ heldLikelyMs: 14_000, heldLikelyBasis }));
  expect(text?.slice(0, begin.length)).toBe(begin);
  expect(text).toMatch(/not prove how old a lock is\.$|may have taken it later\.$/);
});

test("nothing is said where nothing is known; the path is quoted", () => {
  expect(basisText(holder())).toBeNull();
  expect(whatWouldProve("/srv/my app/db")).toContain("sqlock watch '/srv/my app/db' shows");
});

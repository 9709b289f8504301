import { expect, test } from "vitest";
import { ENTRIES } from "../../../../src/features/explain/entries/index.ts";
import {
  LONGEST_ADVISED_TIMEOUT_MS,
  WARNINGS,
  type Warning,
  warningsOf,
} from "../../../../src/features/stress/advised-against.ts";
import { type Combination, JOURNAL_MODES } from "../../../../src/features/stress/settings.ts";

const SAFE: Combination = { journalMode: "wal", transaction: "immediate", busyTimeoutMs: 5000 };
const LOAD = { readThenWrite: false, onNetwork: false };

test.each<[string, Partial<Combination>, Partial<typeof LOAD>, Warning[]]>([
  ["the usual settings", {}, {}, []],
  ["rollback mode", { journalMode: "delete" }, {}, []],
  ["deferred transactions that write first", { transaction: "deferred" }, {}, []],
  [
    "deferred transactions that read and then write",
    { transaction: "deferred" },
    { readThenWrite: true },
    ["read-then-write"],
  ],
  ["immediate ones that read and then write", {}, { readThenWrite: true }, []],
  ["exclusive in WAL mode", { transaction: "exclusive" }, {}, ["exclusive"]],
  ["exclusive in rollback mode", { transaction: "exclusive", journalMode: "delete" }, {}, ["exclusive"]],
  ["no timeout", { busyTimeoutMs: 0 }, {}, ["no-timeout"]],
  ["the longest timeout", { busyTimeoutMs: LONGEST_ADVISED_TIMEOUT_MS }, {}, []],
  ["a longer one", { busyTimeoutMs: LONGEST_ADVISED_TIMEOUT_MS + 1 }, {}, ["long-timeout"]],
  ["WAL mode on a network file system", {}, { onNetwork: true }, ["wal-on-network"]],
  ["rollback mode there", { journalMode: "delete" }, { onNetwork: true }, []],
  [
    "several at once",
    { transaction: "deferred", busyTimeoutMs: 0 },
    { readThenWrite: true, onNetwork: true },
    ["read-then-write", "no-timeout", "wal-on-network"],
  ],
])("%s", (_, combination, load, warnings) => {
  expect(warningsOf({ ...SAFE, ...combination }, { ...LOAD, ...load })).toEqual(warnings);
});

test.each(Object.entries(WARNINGS))("docs/errors.md warns of %s", (_, { entry, cause }) => {
  expect(ENTRIES.find(({ id }) => id === entry)?.causes.map(({ id }) => id)).toContain(cause);
});

test("the longest timeout is the longest that docs/errors.md gives as an example", () => {
  const cause = ENTRIES.find(({ id }) => id === "database-is-locked")?.causes.find(({ id }) => id === "no-timeout");
  const seconds = (cause?.code ?? []).flatMap(({ text }) => {
    const [number = 0] = /\d+/.exec(text.replace(/sqlite3?|app\.db/g, "")) ?? [];
    return Number(number) >= 1000 ? Number(number) / 1000 : Number(number);
  });
  expect(Math.max(...seconds) * 1000).toBe(LONGEST_ADVISED_TIMEOUT_MS);
});

test("stress sets no journal mode that a crash leaves corrupt", () => {
  expect(JOURNAL_MODES).toEqual(["wal", "delete"]);
});

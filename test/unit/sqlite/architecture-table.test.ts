/** The table of locks in docs/architecture.md says what the code does. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type DecodedLock, meaningOfLocks, type ProtocolState } from "../../../src/sqlite/activity.ts";
import { LOCKS, type LockName, type LockType, lockRow } from "../../../src/sqlite/locks.ts";

/** By the text in the column "lock (type)": the locks that are held, and the journal. */
const SITUATIONS: Readonly<Record<string, { readonly locks: readonly string[]; readonly journalValid?: boolean }>> = {
  "none on any file": { locks: [] },
  "SHARED (read)": { locks: ["SHARED read"] },
  RESERVED: { locks: ["RESERVED write"] },
  "PENDING (write), without EXCLUSIVE": { locks: ["PENDING write"] },
  "EXCLUSIVE, and a -journal with a valid header": { locks: ["EXCLUSIVE write"], journalValid: true },
  "EXCLUSIVE otherwise": { locks: ["EXCLUSIVE write"] },
  "SHARED on the database, with or without DMS": { locks: ["SHARED read", "DMS read"] },
  "READ*k* (read)": { locks: ["READ1 read"] },
  WRITE: { locks: ["WRITE write"] },
  CKPT: { locks: ["CKPT write"] },
  RECOVER: { locks: ["RECOVER write"] },
};

const ROW = /^\| (any|rollback|WAL) \| ([^|]+?) \| ([^|]+?) \| ([^|]*?) ?\|$/gm;

const text = readFileSync(new URL("../../../docs/architecture.md", import.meta.url), "utf8");
const rows = [...text.matchAll(ROW)]
  .map(([, mode = "", locks = "", activity = "", blocks = ""]) => ({ mode, locks, activity, blocks }))
  .filter(({ locks }) => !locks.startsWith("FOREIGN")); // by the bytes that it covers: test/unit/sqlite/lock-bytes

function lock(text: string): DecodedLock {
  const [name, type] = text.split(" ") as [LockName, LockType];
  const role = lockRow(name)?.file ?? "database";
  return { name, role, type, api: "posix", waiting: false, start: 0n, end: 0n };
}

test("every lock is held in a situation; one READ*k* stands for all", () => {
  const shared = (name: string) => name.replace(/^READ\d$/, "READ1");
  const held = Object.values(SITUATIONS).flatMap(({ locks }) => locks.map((each) => each.split(" ")[0]));
  expect([...new Set(LOCKS.map(({ name }) => shared(name)))].filter((name) => !held.includes(name))).toEqual([]);
});

test("every situation stands in the table", () => {
  expect(rows.map(({ locks }) => locks).sort()).toEqual(Object.keys(SITUATIONS).sort());
});

test.each(rows)("$mode: $locks", ({ mode, locks, activity, blocks }) => {
  const situation = SITUATIONS[locks];
  const state = (journalMode: ProtocolState["journalMode"], pinsFrames: boolean): ProtocolState => ({
    journalMode,
    journalValid: situation?.journalValid === true,
    wal: { mxFrame: 10, nBackfill: pinsFrames ? 0 : 10, readMarks: [0, 5, null, null, null] },
  });
  const held = situation?.locks.map(lock) ?? [];
  const listed = (blocks.split(";")[0] ?? "").split(", ").filter((block) => block !== "");
  const conditional = /; (\w+) while /.exec(blocks)?.[1];
  for (const journalMode of mode === "any"
    ? (["rollback", "wal"] as const)
    : ([mode === "WAL" ? "wal" : "rollback"] as const)) {
    const meaning = meaningOfLocks(held, state(journalMode, false));
    expect(activity.split(" (")[0]).toBe(meaning.activity);
    expect(meaning.blocks.toSorted()).toEqual(listed.toSorted());
    if (conditional !== undefined) expect(meaningOfLocks(held, state(journalMode, true)).blocks).toContain(conditional);
  }
});

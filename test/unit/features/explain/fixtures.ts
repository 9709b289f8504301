/** Entries as a test wants them, and what the engine makes of a text. */
import type { Cause, Entry } from "../../../../src/features/explain/entry.ts";
import { Lines } from "../../../../src/features/explain/lines.ts";
import type { Reading } from "../../../../src/features/explain/reading.ts";
import { Recogniser, type Recognition } from "../../../../src/features/explain/recognise.ts";

export function cause(change: Partial<Cause> & Pick<Cause, "id">): Cause {
  return { what: `what ${change.id}`, tell: `tell ${change.id}`, cure: `cure ${change.id}`, findings: [], ...change };
}

/** As the real one, with three causes. */
export const LOCKED: Entry = {
  id: "locked",
  title: "database is locked",
  code: { name: "SQLITE_BUSY", number: 5 },
  extended: [
    { name: "SQLITE_BUSY_SNAPSHOT", number: 517, meaning: "A snapshot that is old.", causes: ["upgrade"] },
    { name: "SQLITE_BUSY_TIMEOUT", number: 773, meaning: "A lock that timed out." },
  ],
  wordings: [
    { pattern: /\bdatabase is locked\b/i },
    { pattern: /\bSQLiteDatabaseLockedException\b/, library: "android" },
  ],
  examples: [],
  meaning: "Somebody else holds a lock.",
  causes: [
    cause({ id: "holder", waited: "whole-timeout", findings: ["uncommitted-write"], processes: "several" }),
    cause({
      id: "upgrade",
      waited: "at-once",
      code: [
        { library: "sqlite", text: "BEGIN IMMEDIATE;" },
        { library: "python-sqlite3", text: "python" },
        { library: "go-mattn", text: "go" },
      ],
    }),
    cause({ id: "none", waited: "at-once", noTimeout: true }),
    cause({ id: "own", waited: "whole-timeout", findings: ["same-process-contention"], processes: "one" }),
  ],
  next: ["sqlock who-holds DATABASE"],
};

export const READONLY: Entry = {
  id: "readonly",
  title: "attempt to write a readonly database",
  code: { name: "SQLITE_READONLY", number: 8 },
  extended: [{ name: "SQLITE_READONLY_DBMOVED", number: 1032, meaning: "It was moved." }],
  wordings: [{ pattern: /attempt to write a readonly database/ }],
  examples: [],
  meaning: "It may not be written.",
  causes: [cause({ id: "rights", findings: ["not-writable"] }), cause({ id: "moved", findings: ["deleted-file"] })],
  next: [],
};

export const NESTED: Entry = {
  id: "nested",
  title: "cannot start a transaction within a transaction",
  code: { name: "SQLITE_ERROR", number: 1 },
  extended: [],
  wordings: [{ pattern: /cannot (?:start|begin) a transaction within a transaction/ }],
  examples: [],
  meaning: "One is open already.",
  causes: [cause({ id: "open" })],
  next: [],
};

export const ENTRIES = [LOCKED, READONLY, NESTED];

export function recognise(text: string | Uint8Array, entries: readonly Entry[] = ENTRIES): Recognition {
  const lines = new Lines();
  const recogniser = new Recogniser(entries);
  for (const line of [...lines.push(Buffer.from(text)), ...lines.end()]) recogniser.push(line);
  return recogniser.finish();
}

/** The first occurrence of the most frequent message. */
export function read(text: string, entries: readonly Entry[] = ENTRIES): Reading {
  const [reading] = recognise(text, entries).tallies[0]?.readings ?? [];
  if (reading === undefined) throw new Error(`nothing recognised in ${text}`);
  return reading;
}

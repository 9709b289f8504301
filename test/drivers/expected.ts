/**
 * What a look must say of a program that has a read transaction open, a write transaction, or none: the table of
 * docs/architecture.md, whatever the driver. What is otherwise with a driver is written down with it, and why.
 */
import type { Activity, Block } from "../../src/sqlite/locks.ts";

export const MODES = ["wal", "delete"] as const;
export type Mode = (typeof MODES)[number];

export const ACTIONS = ["read", "write", "idle"] as const;
export type Action = (typeof ACTIONS)[number];

export type CellName = `${Mode} ${Action}`;

export interface Cell {
  /** `NAME:TYPE`, sorted; `READ` stands for READ0 to READ4: which of them a reader gets is chance. */
  readonly locks: readonly string[];
  readonly activity: Activity;
  readonly blocks: readonly Block[];
  /** What SQLite itself refuses to another connection meanwhile. */
  readonly refuses: readonly Block[];
  /** The roles of the files that the program has open, sorted. */
  readonly files: readonly string[];
  /** Ids of findings. */
  readonly findings: readonly string[];
}

/** What is otherwise with a driver, in some cells. */
export interface Deviation {
  readonly why: string;
  readonly cells: Partial<Record<CellName, Partial<Cell>>>;
}

const OPEN_IN_WAL = ["DMS:read", "SHARED:read"];
const FILES_IN_WAL = ["database", "shm", "wal"];

/** The reader in WAL mode has an old snapshot: a row was committed after its transaction began. */
const TABLE: Readonly<Record<CellName, Cell>> = {
  "wal read": cell(["DMS:read", "READ:read", "SHARED:read"], "reading", ["checkpoints", "journal-mode"], FILES_IN_WAL),
  "wal write": cell(
    ["DMS:read", "READ:read", "SHARED:read", "WRITE:write"],
    "writing",
    ["writers", "checkpoints", "journal-mode"],
    FILES_IN_WAL,
  ),
  "wal idle": cell(OPEN_IN_WAL, "idle", ["journal-mode"], FILES_IN_WAL),
  "delete read": cell(["SHARED:read"], "reading", ["commits", "journal-mode"], ["database"]),
  "delete write": cell(
    ["RESERVED:write", "SHARED:read"],
    "writing",
    ["writers", "commits", "journal-mode"],
    ["database", "journal"],
  ),
  "delete idle": cell([], "idle", [], ["database"]),
};

/** The row of the table, with what is otherwise; the last deviation counts. */
export function expectedOf(mode: Mode, action: Action, deviations: readonly Deviation[] = []): Cell {
  const name: CellName = `${mode} ${action}`;
  return Object.assign({ ...TABLE[name] }, ...deviations.map(({ cells }) => cells[name] ?? {}));
}

function cell(locks: readonly string[], activity: Activity, blocks: readonly Block[], files: readonly string[]): Cell {
  return { locks, activity, blocks, refuses: blocks, files, findings: [] };
}

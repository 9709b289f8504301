/** Drivers of Node.js and bun, from the npm registry. */
import type { Cell } from "../expected.ts";
import { testDrivers } from "../matrix.ts";
import { NODE_22, program, withPackages } from "./install.ts";

const BUN = ["@oven/bun-linux-x64-baseline/bin/bun", "@oven/bun-linux-aarch64/bin/bun"];

const TURSO: Partial<Cell> = {
  locks: ["FOREIGN:write", "FOREIGN:write"],
  activity: "exclusive",
  blocks: ["readers", "writers", "journal-mode"],
  refuses: ["readers", "writers", "checkpoints", "journal-mode"],
  files: ["database", "wal"],
  findings: ["foreign-lock"],
};
const WASM: Partial<Cell> = { locks: [], activity: "idle", blocks: [], refuses: [], findings: ["lock-directory"] };

testDrivers([
  { name: "better-sqlite3", command: () => ({ argv: [process.execPath, program("better-sqlite3.cjs")] }) },
  {
    name: "libsql",
    command: async (context) => {
      const { argv, env } = await withPackages(context, "better-sqlite3.cjs");
      return { argv, env: { ...env, NAME: "libsql" } };
    },
  },
  { name: "node:sqlite", command: (context) => withPackages(context, "node-sqlite.cjs", NODE_22) },
  { name: "bun:sqlite", command: (context) => withPackages(context, "bun-sqlite.cjs", BUN) },
  {
    name: "node-sqlite3-wasm",
    command: (context) => withPackages(context, "node-sqlite3-wasm.cjs"),
    refuses: { wal: "it has no shared memory" },
    deviations: [
      {
        why: "its lock is the folder <database>.lock, which has no pid and which no other build of SQLite looks at",
        cells: { "delete read": WASM, "delete write": WASM },
      },
      {
        why: "it opens the database by node:fs, without O_NOFOLLOW, which SQLite sets",
        cells: { "delete idle": { findings: ["other-locking"] } },
      },
    ],
  },
  {
    name: "Turso",
    command: (context) => withPackages(context, "turso.cjs"),
    refuses: { delete: "it has WAL mode alone" },
    lockedInWal: "wal",
    deviations: [
      {
        why: "it locks the whole database and the whole -wal for as long as it has them open, and has no -shm",
        cells: { "wal read": TURSO, "wal write": TURSO, "wal idle": TURSO },
      },
    ],
  },
  { name: "sqlite3 (node-sqlite3)", command: (context) => withPackages(context, "sqlite3.cjs", NODE_22) },
]);

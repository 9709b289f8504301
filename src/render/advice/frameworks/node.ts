/** Node.js. */
import type { FrameworkWords } from "./framework.ts";

/** https://github.com/WiseLibs/better-sqlite3/blob/master/docs/api.md */
export const BETTER_SQLITE3: FrameworkWords = {
  id: "better-sqlite3",
  name: "better-sqlite3",
  cures: "better-sqlite3",
  changes: {
    busyTimeout: (ms) => ({
      where: "where the database is opened",
      code: [`const db = new Database(path, { timeout: ${ms} });`],
      note: "In milliseconds; without it, 5000.",
    }),
    beginImmediate: {
      where: "where a transaction that will write is run",
      code: ["const run = db.transaction(fn);", "run.immediate();"],
      note: null,
    },
    walMode: { where: "once: the file keeps it", code: ['db.pragma("journal_mode = WAL");'], note: null },
    checkpointInterval: (pages) => ({
      where: "after the database was opened",
      code: [`db.pragma("wal_autocheckpoint = ${pages}");`],
      note: "In pages; this is SQLite's default.",
    }),
    oneConnection: {
      where: "in a module of its own, which the others import",
      code: ["export const db = new Database(path);"],
      note: "Calls are synchronous: those of one Database take turns.",
    },
  },
};

/** https://nodejs.org/api/sqlite.html */
export const NODE_SQLITE: FrameworkWords = {
  id: "node-sqlite",
  name: "node:sqlite",
  cures: "node:sqlite",
  changes: {
    busyTimeout: (ms) => ({
      where: "where the database is opened",
      code: [`const db = new DatabaseSync(path, { timeout: ${ms} });`],
      note: "In milliseconds; without it, 0. Node.js 22.16, 24 and later; before, PRAGMA busy_timeout.",
    }),
    beginImmediate: {
      where: "where a transaction that will write begins",
      code: ['db.exec("BEGIN IMMEDIATE");'],
      note: null,
    },
    walMode: { where: "once: the file keeps it", code: ['db.exec("PRAGMA journal_mode = WAL");'], note: null },
    checkpointInterval: (pages) => ({
      where: "after the database was opened",
      code: [`db.exec("PRAGMA wal_autocheckpoint = ${pages}");`],
      note: "In pages; this is SQLite's default.",
    }),
    oneConnection: {
      where: "in a module of its own, which the others import",
      code: ["export const db = new DatabaseSync(path);"],
      note: "Calls are synchronous: those of one DatabaseSync take turns.",
    },
  },
};

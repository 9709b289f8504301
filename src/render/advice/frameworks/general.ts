/** SQLite itself, whatever the program is written with. */
import type { FrameworkWords } from "./framework.ts";

const EACH = "on each connection, after it was opened";

export const GENERAL: FrameworkWords = {
  id: "general",
  name: "SQL",
  cures: null,
  changes: {
    busyTimeout: (ms) => ({ where: EACH, code: [`PRAGMA busy_timeout = ${ms};`], note: "In milliseconds." }),
    beginImmediate: {
      where: "instead of BEGIN, in transactions that will write",
      code: ["BEGIN IMMEDIATE;"],
      note: null,
    },
    walMode: { where: "once: the file keeps it", code: ["PRAGMA journal_mode = WAL;"], note: null },
    checkpointInterval: (pages) => ({
      where: EACH,
      code: [`PRAGMA wal_autocheckpoint = ${pages};`],
      note: "In pages; this is SQLite's default.",
    }),
    oneConnection: null,
  },
};

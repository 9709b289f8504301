import { type CommandDescription, JSON_DOCUMENT, NO_COLOR, OUTPUT } from "../description.ts";

export const STRESS: CommandDescription = {
  name: "stress",
  group: "Reproduce",
  brief: "reproduce 'database is locked' and find a fix",
  summary: "reproduce 'database is locked' with many writers and readers, measure it, and find what prevents it",
  arguments: [
    {
      name: "[database]",
      text: "the load runs on a copy of this database; default: a throw-away database",
      completes: "database",
    },
  ],
  groups: [
    {
      title: "Load",
      options: [
        { flags: "--writers <number>", text: "number of writers (4)" },
        { flags: "--readers <number>", text: "number of readers (4)" },
        { flags: "--duration <time>", text: "duration of the load, or of each combination with --matrix (10s)" },
        { flags: "--rows <number>", text: "rows written or read by each transaction (1)" },
        { flags: "--hold <time>", text: "how long each transaction stays open after its last statement (0)" },
        { flags: "--think <time>", text: "pause between two transactions of a connection (0)" },
        { flags: "--threads <number>", text: "threads per process, each with its own connection (1)" },
        {
          flags: "--kill-every <time>",
          text: "kill a worker with SIGKILL about this often, and start a new one",
        },
        { flags: "--seed <number>", text: "repeat the transactions and kills of an earlier run with this seed" },
      ],
    },
    {
      title: "Settings to compare",
      options: [
        {
          flags: "--journal-mode <mode>",
          text: "wal or delete; default: the mode of the database, or delete for a throw-away database",
          choices: ["wal", "delete"],
        },
        {
          flags: "--transaction <kind>",
          text: "how writers begin a transaction: deferred, immediate or exclusive (deferred)",
          choices: ["deferred", "immediate", "exclusive"],
        },
        { flags: "--read-then-write", text: "each writer reads before it writes in the same transaction" },
        { flags: "--busy-timeout <time>", text: "how long a connection waits for a lock (5s)" },
        {
          flags: "--matrix",
          text: "compare journal modes, transaction kinds and timeouts, given as lists (wal,delete); default: all",
        },
      ],
    },
    {
      title: "Location",
      options: [
        {
          flags: "--dir <folder>",
          text: "folder for the throw-away database or the copy; default: $TMPDIR, or next to the database",
          completes: "folder",
        },
        {
          flags: "--in-place",
          text: "run on the database itself, in a separate table that is dropped at the end; asks first",
        },
        { flags: "--yes", text: "with --in-place: do not ask" },
        {
          flags: "--timeout <time>",
          text: "time limit for each step before and after the load: copy, checks, comparison (10m)",
        },
      ],
    },
    {
      title: OUTPUT,
      options: [
        {
          flags: "--html <file>",
          text: "also write a page with plots of commits, times and errors, which needs no network",
          completes: "file",
        },
        { flags: "--force", text: "replace the file of --html if it exists" },
        JSON_DOCUMENT,
        NO_COLOR,
      ],
    },
  ],
  sections: [],
  examples: [
    {
      line: "sqlock stress --read-then-write",
      text: "get 'database is locked' whatever the timeout, and see what prevents it",
    },
    {
      line: "sqlock stress --matrix --duration 5s db.sqlite3",
      text: "find the best settings on a copy of this database",
    },
  ],
  exitCodes: [
    { code: 0, text: "no data was lost, even if transactions failed" },
    { code: 1, text: "rows were lost or duplicated, or the database is corrupt; the evidence is kept" },
    { code: 2, text: "the load could not run, be verified or be cleaned up, or wrong usage" },
    { code: 130, text: "interrupted" },
  ],
};

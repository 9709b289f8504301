import { type CommandDescription, JSON_DOCUMENT, NO_COLOR, OUTPUT } from "../description.ts";

export const STRESS: CommandDescription = {
  name: "stress",
  group: "Reproduce",
  brief: "reproduce 'database is locked', and find what prevents it",
  summary: "reproduce 'database is locked' with many writers and readers, measure it, and show what prevents it",
  arguments: [
    { name: "[database]", text: "a copy of it is stressed; without one, a throw-away database", completes: "database" },
  ],
  groups: [
    {
      title: "Load",
      options: [
        { flags: "--writers <number>", text: "number of writers (4)" },
        { flags: "--readers <number>", text: "number of readers (4)" },
        { flags: "--duration <time>", text: "duration of the load; with --matrix, of each combination (10s)" },
        { flags: "--rows <number>", text: "rows that each transaction writes or reads (1)" },
        { flags: "--hold <time>", text: "how long each transaction stays open after its work (0)" },
        { flags: "--think <time>", text: "pause of each connection between two transactions (0)" },
        { flags: "--threads <number>", text: "connections in each process, each in a thread of its own (1)" },
        {
          flags: "--kill-every <time>",
          text: "kill a worker with SIGKILL about this often, and replace it",
        },
        { flags: "--seed <number>", text: "with the same seed each worker does the same, and kills are the same" },
      ],
    },
    {
      title: "What is compared",
      options: [
        {
          flags: "--journal-mode <mode>",
          text: "wal or delete; by default that of the database, or SQLite's default (delete)",
          choices: ["wal", "delete"],
        },
        {
          flags: "--transaction <kind>",
          text: "how writers begin: deferred, immediate or exclusive (deferred)",
          choices: ["deferred", "immediate", "exclusive"],
        },
        { flags: "--read-then-write", text: "writers read first and then write, in one transaction" },
        { flags: "--busy-timeout <time>", text: "how long each connection waits for a lock (5s)" },
        {
          flags: "--matrix",
          text: "compare journal modes, kinds of transaction and timeouts: as lists (wal,delete), or all by default",
        },
      ],
    },
    {
      title: "Where",
      options: [
        {
          flags: "--dir <folder>",
          text: "folder for the throw-away database or the copy (beside the database, or the temporary folder)",
          completes: "folder",
        },
        {
          flags: "--in-place",
          text: "write to the file itself, in a table of its own that is dropped at the end; asks first",
        },
        { flags: "--yes", text: "with --in-place: do not ask" },
        {
          flags: "--timeout <time>",
          text: "how long to take for each step before and after the load: copy, checks, comparison (10m)",
        },
      ],
    },
    { title: OUTPUT, options: [JSON_DOCUMENT, NO_COLOR] },
  ],
  sections: [],
  examples: [
    {
      line: "sqlock stress --read-then-write",
      text: "'database is locked', however long the timeout; and what prevents it",
    },
    { line: "sqlock stress --matrix --duration 5s db.sqlite3", text: "the best settings for a copy of this database" },
  ],
  exitCodes: [
    { code: 0, text: "nothing was lost, even if transactions failed" },
    { code: 1, text: "rows lost or duplicated, or the database corrupt: the evidence is kept" },
    { code: 2, text: "the load could not run or be verified, something of it is left, or wrong usage" },
    { code: 130, text: "interrupted" },
  ],
};

import { type CommandDescription, JSON_DOCUMENT, NO_COLOR, OUTPUT } from "../description.ts";

export const STRESS: CommandDescription = {
  name: "stress",
  group: "Reproduce",
  brief: "reproduce 'database is locked', and find what cures it",
  summary: "reproduce 'database is locked' with many writers and readers, measure it, and show what cures it",
  arguments: [
    { name: "[database]", text: "a copy of it is stressed; without one, a throw-away database", completes: "database" },
  ],
  groups: [
    {
      title: "Load",
      options: [
        { flags: "--writers <number>", text: "how many write (4)" },
        { flags: "--readers <number>", text: "how many read (4)" },
        { flags: "--duration <time>", text: "how long; with --matrix, each combination (10s)" },
        { flags: "--rows <number>", text: "rows that a transaction writes, or reads (1)" },
        { flags: "--hold <time>", text: "how long each transaction stays open with its work done (0)" },
        { flags: "--think <time>", text: "how long each pauses between two transactions (0)" },
        { flags: "--threads <number>", text: "so many connections in each process, in a thread each (1)" },
        {
          flags: "--kill-every <time>",
          text: "kill a worker with SIGKILL about that often; another one takes its place",
        },
        { flags: "--seed <number>", text: "the same seed has each worker do the same, and kills the same ones" },
      ],
    },
    {
      title: "What is compared",
      options: [
        {
          flags: "--journal-mode <mode>",
          text: "wal or delete; otherwise the database's own, or SQLite's usual one (delete)",
          choices: ["wal", "delete"],
        },
        {
          flags: "--transaction <kind>",
          text: "how writers begin: deferred, immediate or exclusive (deferred)",
          choices: ["deferred", "immediate", "exclusive"],
        },
        { flags: "--read-then-write", text: "writers read first and then write, in one transaction" },
        { flags: "--busy-timeout <time>", text: "how long each waits for a lock (5s)" },
        {
          flags: "--matrix",
          text: "compare journal modes, kinds of transaction and timeouts: give lists (wal,delete), or leave them out",
        },
      ],
    },
    {
      title: "Where",
      options: [
        {
          flags: "--dir <folder>",
          text: "where the throw-away database or the copy is put (beside the database, or the temporary folder)",
          completes: "folder",
        },
        {
          flags: "--in-place",
          text: "stress the file itself, in a table of its own that is dropped at the end; asks first",
        },
        { flags: "--yes", text: "with --in-place: ask nothing" },
      ],
    },
    { title: OUTPUT, options: [JSON_DOCUMENT, NO_COLOR] },
  ],
  sections: [],
  examples: [
    {
      line: "sqlock stress --read-then-write",
      text: "'database is locked', however long the timeout; and what cures it",
    },
    { line: "sqlock stress --matrix --duration 5s db.sqlite3", text: "which settings suit a copy of this database" },
  ],
  exitCodes: [
    { code: 0, text: "nothing was lost, however much was locked" },
    { code: 1, text: "rows lost or duplicated, or the database corrupt: the evidence is kept" },
    { code: 2, text: "it could not be done, or wrong usage" },
    { code: 130, text: "interrupted" },
  ],
};

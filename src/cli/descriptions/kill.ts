import { type CommandDescription, DATABASE, NO_COLOR, OUTPUT } from "../description.ts";

const SIGNALS = ["TERM", "INT", "HUP", "QUIT", "ABRT", "KILL", "CONT", "USR1", "USR2"];

export const KILL: CommandDescription = {
  name: "kill",
  group: "Change",
  brief: "free a database: end its holders, by hand and safely",
  summary: "free a database: end processes that hold it, by hand and safely",
  arguments: [{ name: "<database>", text: DATABASE, completes: "database" }],
  groups: [
    {
      title: "Whom",
      options: [
        { flags: "--pid <pid...>", text: "these processes" },
        {
          flags: "--stale",
          text: "those that block others and are stopped, idle in a transaction or left over from a session",
        },
        { flags: "--likely", text: "with --stale: also those that likely are, where it cannot be proved" },
        {
          flags: "--stale-after <time>",
          text: "from when on a process that does not run has forgotten its transaction (10s)",
        },
      ],
    },
    {
      title: "How",
      options: [
        {
          flags: "--signal <name>",
          text: "TERM, INT, HUP, QUIT, ABRT, KILL, CONT, USR1 or USR2 (TERM)",
          choices: SIGNALS,
        },
        { flags: "--grace <time>", text: "how long to wait before SIGKILL is the next step (5s)" },
        {
          flags: "--yes",
          text: "ask nothing: without --pid or --stale, those that block readers or writers; SIGKILL after the grace",
        },
        { flags: "--force", text: "with --pid: one whose end may corrupt the database, or lose what is nowhere else" },
        { flags: "--dry-run", text: "say who would be signalled, and what that does" },
        { flags: "--pinned <device:inode>", text: "only while the path leads to this file", hidden: true },
      ],
    },
    { title: OUTPUT, options: [{ flags: "--json", text: "print one JSON document; asks nothing" }, NO_COLOR] },
  ],
  sections: [
    {
      title: "Without options",
      lines: [
        "On a terminal: a list to pick from, what will happen, and a question. Without one: --yes, or nobody is " +
          "signalled.",
      ],
    },
    {
      title: "As root",
      lines: [
        "Without --pid only processes of the database's owner are ended, and only for POSIX locks of their own: OFD " +
          "and flock locks may have been passed to them with a descriptor. Links are followed where root or the " +
          "owner of their target made them.",
      ],
    },
  ],
  examples: [
    { line: "sqlock kill db.sqlite3", text: "pick from a list" },
    { line: "sqlock kill db.sqlite3 --stale --yes", text: "those that forgot their transaction, without a question" },
    {
      line: "sqlock kill db.sqlite3 --pid 4242 --grace 10s",
      text: "this one; SIGKILL after ten seconds, if you say so",
    },
  ],
  exitCodes: [
    {
      code: 0,
      text:
        "the database is free of those that were picked; with --yes or --stale: of all that block others, and safe " +
        "to open",
    },
    {
      code: 1,
      text:
        "some survived; with --yes or --stale, or where a named one does not hold it: somebody still blocks, or " +
        "opening it may do harm",
    },
    { code: 2, text: "it could not be done, one was refused, or wrong usage" },
    { code: 130, text: "cancelled" },
  ],
};

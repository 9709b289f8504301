import { type CommandDescription, DATABASE, NO_COLOR, OUTPUT } from "../description.ts";

const SIGNALS = ["TERM", "INT", "HUP", "QUIT", "ABRT", "KILL", "CONT", "USR1", "USR2"];

export const KILL: CommandDescription = {
  name: "kill",
  group: "Change",
  brief: "free a database by ending the processes that hold it",
  summary: "free a database: choose which of its holders to end, see what that would lose, and end them safely",
  arguments: [{ name: "<database>", text: DATABASE, completes: "database" }],
  groups: [
    {
      title: "Targets",
      options: [
        { flags: "--pid <pid...>", text: "end these processes" },
        {
          flags: "--stale",
          text:
            "end holders that block others and are stopped, idle in a transaction, or left over from an ended " +
            "session",
        },
        { flags: "--likely", text: "with --stale: include holders that are likely, but not provably, stale" },
        {
          flags: "--stale-after <time>",
          text: "treat a transaction as abandoned after this much inactivity (10s)",
        },
      ],
    },
    {
      title: "Behaviour",
      options: [
        {
          flags: "--signal <name>",
          text: "first signal: TERM, INT, HUP, QUIT, ABRT, KILL, CONT, USR1 or USR2 (TERM)",
          choices: SIGNALS,
        },
        { flags: "--grace <time>", text: "how long to wait before the next step, SIGKILL (5s)" },
        {
          flags: "--yes",
          text: "do not ask; without --pid or --stale, end all that block readers or writers; SIGKILL after --grace",
        },
        {
          flags: "--force",
          text: "with --pid: even if ending it may corrupt the database or lose the only copy of its data",
        },
        { flags: "--dry-run", text: "show which processes would be signalled and what they would lose" },
        { flags: "--pinned <device:inode>", text: "act only while the path leads to this file", hidden: true },
      ],
    },
    { title: OUTPUT, options: [{ flags: "--json", text: "print one JSON document, and do not ask" }, NO_COLOR] },
  ],
  sections: [
    {
      title: "Without options",
      lines: [
        "On a terminal: choose from a list, see the consequences, and confirm. Without a terminal, no process is " +
          "signalled unless you pass --yes.",
      ],
    },
    {
      title: "As root",
      lines: [
        "Without --pid, root ends only processes of the database's owner, and only because of POSIX locks that they " +
          "took themselves: OFD and flock locks may have been passed to them with a descriptor. Root follows a " +
          "symbolic link only if root or the owner of its target created it.",
      ],
    },
  ],
  examples: [
    { line: "sqlock kill db.sqlite3", text: "choose from a list" },
    { line: "sqlock kill db.sqlite3 --stale --yes", text: "end holders with an abandoned transaction, without asking" },
    {
      line: "sqlock kill db.sqlite3 --pid 4242 --grace 10s",
      text: "end this process; SIGKILL after ten seconds, if you confirm",
    },
  ],
  exitCodes: [
    {
      code: 0,
      text:
        "the chosen processes no longer hold the database; with --yes or --stale: no process blocks others, and the " +
        "database is safe to open",
    },
    {
      code: 1,
      text:
        "a process survived; with --yes or --stale, or if a process given by --pid does not hold the database: it " +
        "is still blocked, opening it may do harm, or that is unknown",
    },
    {
      code: 2,
      text: "it could not be done, a process was refused as a target (or, with --dry-run, would be), or wrong usage",
    },
    { code: 130, text: "cancelled" },
  ],
};

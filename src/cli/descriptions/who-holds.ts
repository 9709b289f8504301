import { COLUMNS, isDefault, typedName } from "../../render/who-holds/columns.ts";
import {
  type CommandDescription,
  DATABASE,
  type HelpSection,
  JSON_DOCUMENT,
  NO_COLOR,
  OUTPUT,
} from "../description.ts";

export const WHO_HOLDS: CommandDescription = {
  name: "who-holds",
  group: "Look",
  brief: "who holds a database, with which lock, and whom that blocks",
  summary: "list the processes that hold a database, their locks, and whom they block",
  arguments: [{ name: "<database...>", text: `${DATABASE}, or a folder of databases`, completes: "database" }],
  groups: [
    {
      title: "What to look at",
      options: [
        { flags: "--locks-only", text: "only the owners of locks, from /proc/locks: no pass over all processes" },
        {
          flags: "--source <name>",
          text: "proc (Linux), or lsof, which does not tell who owns which lock (macOS, BSD; also on Linux)",
          choices: ["proc", "lsof"],
        },
        {
          flags: "--stale-after <time>",
          text: "from when on a process that does not run has forgotten its transaction (10s)",
        },
      ],
    },
    {
      title: "What to do",
      options: [
        {
          flags: "--wait <time>",
          text:
            "wait until nobody blocks readers or writers, and opening it does no harm, at most this long (30s, 5m): " +
            "0, or 1 when the time is up",
        },
        { flags: "--kill", text: "end some of them: as sqlock kill" },
      ],
    },
    {
      title: OUTPUT,
      options: [
        JSON_DOCUMENT,
        {
          flags: "--columns <list>",
          text: "columns of the table, by name (PID,LOCKS); +TTY,UNIT adds to the usual ones",
        },
        {
          flags: "--blocked",
          text:
            "exit with 1 when readers, writers or commits are blocked, 0 when they are not, 2 when that is unknown; " +
            "with --wait, after waiting for that",
        },
        {
          flags: "--exit-code",
          text: "exit with 1 when any process has a database open: for what must be alone, as a restore",
        },
        {
          flags: "-q, --quiet",
          text: "print nothing; the exit code is the answer (as with --exit-code, unless --blocked is given)",
        },
        NO_COLOR,
      ],
    },
  ],
  sections: columnSections,
  examples: [
    { line: "sqlock who-holds db.sqlite3", text: "who holds it, with which lock, since when, and what to do" },
    {
      line: "sqlock who-holds --wait 30s -q db.sqlite3 && ./migrate",
      text: "in a deploy script: go on when nobody blocks",
    },
    {
      line: "sqlock who-holds --blocked -q db.sqlite3",
      text: "is it locked? 0 no, 1 yes, 2 unknown: before a migration that others may run beside",
    },
    {
      line: "sqlock who-holds --json /srv/app | jq '.databases[].holders[].pid'",
      text: "all databases of a folder, for a program",
    },
  ],
  exitCodes: [
    { code: 0, text: "looked at every path" },
    {
      code: 1,
      text: "blocked (--blocked), held (--exit-code, -q), or not free, or not safe to open, in time (--wait)",
    },
    { code: 2, text: "a path could not be looked at, unknown whether it is blocked (--blocked), or wrong usage" },
    { code: 130, text: "interrupted" },
  ],
};

function columnSections(): HelpSection[] {
  const terms = (byDefault: boolean) =>
    COLUMNS.filter((column) => isDefault(column, "proc") === byDefault).map((column) => ({
      name: typedName(column),
      text: column.help,
    }));
  return [
    { title: "Columns", lines: [], terms: terms(true) },
    { title: "More columns (--columns)", lines: [], terms: terms(false) },
  ];
}

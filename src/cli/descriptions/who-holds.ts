import { COLUMNS, isDefault } from "../../render/who-holds/columns.ts";
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
  group: "Inspect",
  brief: "show which processes hold a database and what they block",
  summary: "show which processes hold a database, which locks they hold, what those block, and what to do",
  arguments: [{ name: "<database...>", text: `${DATABASE}, or a folder of databases`, completes: "database" }],
  groups: [
    {
      title: "Scope",
      options: [
        {
          flags: "--locks-only",
          text: "show only the owners of locks, from /proc/locks, without scanning all processes",
        },
        {
          flags: "--source <name>",
          text: "proc (Linux), or lsof (macOS, BSD, also Linux), which cannot tell which process owns a lock",
          choices: ["proc", "lsof"],
        },
        {
          flags: "--stale-after <time>",
          text: "treat a transaction as abandoned after this much inactivity (10s)",
        },
      ],
    },
    {
      title: "Actions",
      options: [
        {
          flags: "--wait <time>",
          text:
            "wait up to this long (30s, 5m) until no process blocks readers or writers and the database is safe to " +
            "open; exit 0 then, 1 if the time runs out, 2 if that is unknown",
        },
        { flags: "--kill", text: "choose holders to end: same as sqlock kill" },
      ],
    },
    {
      title: OUTPUT,
      options: [
        JSON_DOCUMENT,
        {
          flags: "--columns <list>",
          text: "show these columns (PID,LOCKS); +TTY,UNIT adds to the default columns",
        },
        { flags: "--explain-locks", text: "explain the locks below the table, one line per lock" },
        {
          flags: "--blocked",
          text:
            "exit with 1 if readers, writers or commits are blocked, 0 if not, 2 if that is unknown; with --wait, " +
            "after waiting for that",
        },
        {
          flags: "--exit-code",
          text:
            "exit with 1 if any process that can be seen has a database open: for tasks that need it alone, such as " +
            "a restore (run it as root on the host, where every process can be seen)",
        },
        {
          flags: "-q, --quiet",
          text:
            "print nothing, except the reason for exit code 2; the exit code is the answer (as with --exit-code, " +
            "unless --blocked or --wait is given)",
        },
        NO_COLOR,
      ],
    },
  ],
  sections: columnSections,
  examples: [
    {
      line: "sqlock who-holds db.sqlite3",
      text: "which processes hold it, with which locks, for how long, and what to do",
    },
    {
      line: "sqlock who-holds --wait 30s --blocked -q db.sqlite3 && ./migrate",
      text: "before a migration: wait until no process blocks it, and go on only then",
    },
    {
      line: "sqlock who-holds --blocked -q db.sqlite3",
      text: "is it locked now? 0 no, 1 yes, 2 unknown",
    },
    {
      line: "sqlock who-holds --json /srv/app | jq '.databases[].holders[].pid'",
      text: "all databases in a folder, for a program",
    },
  ],
  exitCodes: [
    { code: 0, text: "every path was inspected" },
    {
      code: 1,
      text: "blocked (--blocked), held (--exit-code, -q), or not free and safe to open in time (--wait)",
    },
    { code: 2, text: "a path could not be inspected, --blocked or --wait found no answer, or wrong usage" },
    { code: 130, text: "interrupted" },
  ],
};

const NARROW = [
  "If a row does not fit on one line, these are left out, in this order: HANDLES and STATE, LOCKS that other " +
    "locks imply and BLOCKS that come with writers, USER. Columns named by --columns are shown in full.",
];

function columnSections(): HelpSection[] {
  const terms = (byDefault: boolean) =>
    COLUMNS.filter((column) => isDefault(column, "proc") === byDefault).map((column) => ({
      name: column.name,
      text: column.help,
    }));
  return [
    { title: "Columns", lines: NARROW, terms: terms(true) },
    { title: "Other columns (--columns)", lines: [], terms: terms(false) },
  ];
}

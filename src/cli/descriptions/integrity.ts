import { REPORTERS } from "../../render/integrity/reporter-names.ts";
import { alternatives } from "../../text/list.ts";
import { type CommandDescription, DATABASE, NO_COLOR, OUTPUT } from "../description.ts";

export const INTEGRITY: CommandDescription = {
  name: "integrity",
  group: "Check",
  brief: "check databases without changing them",
  summary: "check the header, structure, virtual tables and foreign keys of databases without changing them",
  arguments: [{ name: "[database...]", text: DATABASE, completes: "database" }],
  groups: [
    {
      title: "Scope",
      options: [
        {
          flags: "-r, --recursive <folder>",
          text:
            "check every database below this folder, whatever its name; does not follow symbolic links; may be " +
            "repeated",
          completes: "folder",
          collects: true,
        },
        {
          flags: "--quick",
          text: "run quick_check instead of integrity_check: does not compare indexes with their tables",
        },
        {
          flags: "--exact",
          text: "run SQLite's own integrity_check alone, where reading indexes beside their tables would be faster",
        },
        { flags: "--no-foreign-keys", text: "skip foreign_key_check" },
      ],
    },
    {
      title: "Behaviour",
      options: [
        { flags: "--copy", text: "check a copy made by SQLite's backup API: locks the database only briefly" },
        {
          flags: "--allow-companions",
          text: "let SQLite create a -wal and -shm next to a WAL database when there is no room for a private copy",
        },
        { flags: "--wait <time>", text: "maximum wait for a locked database (5s)" },
        { flags: "--timeout <time>", text: "time limit per database (10m)" },
      ],
    },
    {
      title: OUTPUT,
      options: [
        { flags: "--max-problems <number>", text: "maximum number of problems to show per database (100)" },
        {
          flags: "--reporter <name>",
          text: `report format: ${alternatives(REPORTERS)} (pretty)`,
          choices: REPORTERS,
        },
        { flags: "--json", text: "same as --reporter json" },
        { flags: "--output <file>", text: "write the report to a file instead of stdout", completes: "file" },
        NO_COLOR,
      ],
    },
  ],
  sections: [],
  examples: [
    { line: "sqlock integrity db.sqlite3", text: "is the database intact?" },
    {
      line: "sqlock integrity --quick --copy /srv/app/db.sqlite3",
      text: "in production: lock the database only briefly",
    },
    {
      line: "sqlock integrity -r /srv/app --reporter junit --output report.xml",
      text: "in CI: check all databases below a folder",
    },
  ],
  exitCodes: [
    { code: 0, text: "every database is intact" },
    { code: 1, text: "problems found" },
    { code: 2, text: "a database could not be checked, or wrong usage" },
    { code: 130, text: "interrupted" },
  ],
};

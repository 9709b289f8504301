import { REPORTERS } from "../../render/integrity/reporter-names.ts";
import { alternatives } from "../../text/list.ts";
import { type CommandDescription, DATABASE, NO_COLOR, OUTPUT } from "../description.ts";

export const INTEGRITY: CommandDescription = {
  name: "integrity",
  group: "Check",
  brief: "check databases without changing them",
  summary: "check databases: header, structure, virtual tables, foreign keys; without changing them",
  arguments: [{ name: "[database...]", text: DATABASE, completes: "database" }],
  groups: [
    {
      title: "What to check",
      options: [
        {
          flags: "-r, --recursive <folder>",
          text:
            "all databases below a folder, whatever their names; symbolic links are not followed (may be given " +
            "more than once)",
          completes: "folder",
          collects: true,
        },
        {
          flags: "--quick",
          text: "quick_check instead of integrity_check: the indexes are not compared with their tables",
        },
        { flags: "--no-foreign-keys", text: "leave out foreign_key_check" },
      ],
    },
    {
      title: "How",
      options: [
        { flags: "--copy", text: "check a copy that the backup API makes: the database is locked for moments only" },
        {
          flags: "--allow-companions",
          text:
            "let SQLite make a -wal and a -shm beside a database in WAL mode, where there is no room for a private " +
            "copy",
        },
        { flags: "--wait <time>", text: "how long to wait for a locked database (5s)" },
        { flags: "--timeout <time>", text: "how long to take for each database (10m)" },
      ],
    },
    {
      title: OUTPUT,
      options: [
        { flags: "--max-problems <number>", text: "of each database, show at most so many (100)" },
        {
          flags: "--reporter <name>",
          text: `${alternatives(REPORTERS)} (pretty)`,
          choices: REPORTERS,
        },
        { flags: "--json", text: "as --reporter json" },
        { flags: "--output <file>", text: "write the report to a file instead of stdout", completes: "file" },
        NO_COLOR,
      ],
    },
  ],
  sections: [],
  examples: [
    { line: "sqlock integrity db.sqlite3", text: "is it whole?" },
    { line: "sqlock integrity --quick --copy /srv/app/db.sqlite3", text: "in production: locked for moments only" },
    {
      line: "sqlock integrity -r /srv/app --reporter junit --output report.xml",
      text: "in CI: all databases below a folder",
    },
  ],
  exitCodes: [
    { code: 0, text: "all ok" },
    { code: 1, text: "problems found" },
    { code: 2, text: "something was not checked, or wrong usage" },
    { code: 130, text: "interrupted" },
  ],
};

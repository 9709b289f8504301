import { type CommandDescription, JSON_DOCUMENT, NO_COLOR, OUTPUT } from "../description.ts";

export const EXPLAIN: CommandDescription = {
  name: "explain",
  group: "Look",
  brief: "what an error message means, its causes and their cures",
  summary: "say what an error message of SQLite means, what causes it, and what to do",
  arguments: [
    {
      name: "[text...]",
      text:
        "the message, a log or a traceback (- or nothing: standard input); or a code (5, SQLITE_BUSY) or the id of " +
        "a finding",
    },
  ],
  groups: [
    {
      title: "What is known",
      options: [
        {
          flags: "--db <database>",
          text: "look at this database as well, and put the cause that shows there first",
          completes: "database",
          collects: true,
        },
        {
          flags: "--as <user>",
          text:
            "with --db: try its files as this user, who got the message; otherwise as you, or, run by root, as the " +
            "users who have it open",
        },
        {
          flags: "--elapsed <time>",
          text: "how long it took until it failed (0.02s, 5s, 300ms); otherwise read from the log where it says so",
        },
        {
          flags: "--busy-timeout <time>",
          text: "that of the program; otherwise read from the log, or the library's default",
        },
        { flags: "--timeout <time>", text: "as --busy-timeout", hidden: true },
      ],
    },
    {
      title: OUTPUT,
      options: [{ flags: "--list", text: "list all messages and findings that it knows" }, JSON_DOCUMENT, NO_COLOR],
    },
  ],
  sections: [],
  examples: [
    { line: "sqlock explain 'database is locked'", text: "what it means, its causes, and the cure of each" },
    {
      line: "python3 manage.py migrate 2>&1 | sqlock explain --db db.sqlite3",
      text: "a traceback, and who holds the database now",
    },
    {
      line: "sqlock explain --elapsed 0.02s --busy-timeout 5s SQLITE_BUSY",
      text: "it failed at once: which causes are left",
    },
    {
      line: "sudo sqlock explain --db db.sqlite3 --as www-data SQLITE_READONLY",
      text: "what that user may not do",
    },
    { line: "sqlock explain uncommitted-write", text: "a finding of who-holds" },
  ],
  exitCodes: [
    { code: 0, text: "explained" },
    { code: 1, text: "nothing recognised" },
    { code: 2, text: "no text, the database could not be looked at, or wrong usage" },
    { code: 130, text: "interrupted" },
  ],
};

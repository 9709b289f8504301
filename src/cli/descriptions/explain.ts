import { type CommandDescription, JSON_DOCUMENT, NO_COLOR, OUTPUT } from "../description.ts";

export const EXPLAIN: CommandDescription = {
  name: "explain",
  group: "Inspect",
  brief: "explain an error message: meaning, causes and fixes",
  summary: "explain a SQLite error message: what it means, what causes it, and what to do",
  arguments: [
    {
      name: "[text...]",
      text:
        "an error message, a log, a traceback, an error code (5, SQLITE_BUSY), the id of a finding or a topic (wal, " +
        "busy); standard input if omitted or -",
    },
  ],
  groups: [
    {
      title: "Context",
      options: [
        {
          flags: "--db <database>",
          text: "also inspect this database, and list first the cause that is found there",
          completes: "database",
          collects: true,
        },
        {
          flags: "--as <user>",
          text:
            "with --db: the user whose program got the error; file access is tried as that user (default: yourself; " +
            "run by root: the users that have the database open)",
        },
        {
          flags: "--elapsed <time>",
          text: "how long the program waited before it failed (0.02s, 5s, 300ms); default: taken from the log",
        },
        {
          flags: "--busy-timeout <time>",
          text: "busy timeout of the program; default: taken from the log, or the library's default",
        },
        { flags: "--timeout <time>", text: "same as --busy-timeout", hidden: true },
      ],
    },
    {
      title: OUTPUT,
      options: [{ flags: "--list", text: "list all known messages, findings and topics" }, JSON_DOCUMENT, NO_COLOR],
    },
  ],
  sections: [],
  examples: [
    { line: "sqlock explain 'database is locked'", text: "its meaning, its causes, and the fix for each" },
    {
      line: "python3 manage.py migrate 2>&1 | sqlock explain --db db.sqlite3",
      text: "explain a traceback, and show which processes hold the database now",
    },
    {
      line: "sqlock explain --elapsed 0.02s --busy-timeout 5s SQLITE_BUSY",
      text: "it failed immediately: which causes remain?",
    },
    {
      line: "sudo sqlock explain --db db.sqlite3 --as www-data SQLITE_READONLY",
      text: "find out which access that user is denied",
    },
    { line: "sqlock explain uncommitted-write", text: "explain a finding of who-holds" },
    { line: "sqlock explain wal", text: "list the messages and findings that concern WAL mode" },
  ],
  exitCodes: [
    { code: 0, text: "explained, or listed the entries for the word" },
    { code: 1, text: "no known message was recognised" },
    { code: 2, text: "no text, the database could not be inspected, or wrong usage" },
    { code: 130, text: "interrupted" },
  ],
};

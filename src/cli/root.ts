/** The help of sqlock itself. Pure. */
import type { Example, ExitCode, HelpSection } from "./description.ts";

export const DESCRIPTION =
  "Show which processes hold a SQLite database, which locks they hold and for how long, and what to do about it.";

export const VERSION_TEXT = "show the versions of sqlock, Node.js and SQLite";

/** The help and the manual page end with it, and with the path of the page. */
export const TROUBLESHOOTING: HelpSection = {
  title: "Troubleshooting",
  lines: [
    "Answers to common questions: what DMS, ~ and ? mean, why a database is locked that nobody has open, when sudo " +
      "is needed, containers, macOS, exit codes.",
  ],
};

export const ROOT_EXAMPLES: readonly Example[] = [
  { line: "sqlock who-holds db.sqlite3", text: "'database is locked': which process holds the lock?" },
  { line: "sqlock explain 'database is locked'", text: "what does the message mean, and what fixes it?" },
];

export const ROOT_EXIT_CODES: readonly ExitCode[] = [
  { code: 0, text: "done" },
  { code: 1, text: "the answer is bad: held, not free, not switched, problems found (see each command)" },
  { code: 2, text: "there is no answer: wrong usage, no such file, no permission" },
  { code: 130, text: "interrupted" },
];

/** The help of sqlock itself. Pure. */
import type { Example, ExitCode } from "./description.ts";

export const DESCRIPTION = "See who holds a SQLite database, with which lock, and since when; and what to do about it.";

export const VERSION_TEXT = "show the versions of sqlock, Node.js and SQLite";

export const ROOT_EXAMPLES: readonly Example[] = [
  { line: "sqlock who-holds db.sqlite3", text: "'database is locked': by whom?" },
  { line: "sqlock explain 'database is locked'", text: "what does it mean, and what cures it?" },
];

export const ROOT_EXIT_CODES: readonly ExitCode[] = [
  { code: 0, text: "done" },
  { code: 1, text: "the answer is no: held, not free, not switched, problems found (see each command)" },
  { code: 2, text: "no answer: wrong usage, no such file, no permission" },
  { code: 130, text: "interrupted" },
];

/** Other ways of locking, and another database. */
import { LOOK, listed, type Topic } from "../topic.ts";

export const OTHER_LOCKING: readonly Topic[] = [
  {
    id: "vfs",
    words: listed("vfs flock fcntl ofd posix unix-none unix-dotfile unix-flock dotfile wasm nolock"),
    title: "Other ways of locking",
    meaning:
      "Connections exclude each other only where all of them lock in the same way. unix-none takes no lock, " +
      "unix-flock and unix-dotfile take others than SQLite's default.",
    messages: ["malformed", "database-is-locked"],
    findings: [
      "other-locking",
      "separate-locks",
      "mixed-lock-apis",
      "lost-locks",
      "foreign-lock",
      "lock-directory",
      "foreign-writer",
    ],
    next: [LOOK],
  },
  {
    id: "postgresql",
    words: listed("postgresql postgres psycopg psycopg2 pg server"),
    title: "PostgreSQL",
    meaning: "sqlock inspects SQLite. It knows two messages of PostgreSQL that are taken for SQLite's, and says so.",
    messages: ["transaction-aborted", "server-closed"],
    findings: [],
    next: [],
  },
];

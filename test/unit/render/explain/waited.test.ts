import { expect, test } from "vitest";
import type { Waited } from "../../../../src/features/explain/waited.ts";
import { waitedSentence } from "../../../../src/render/explain/waited.ts";

const WAITED: Waited = {
  elapsedMs: 20,
  elapsedFrom: "text",
  elapsedLine: 2,
  timeoutMs: 5000,
  timeoutFrom: "text",
  timeoutLine: 1,
  verdict: "unclear",
  sure: false,
  basis: { kind: "in-between" },
  atMost: false,
  library: null,
};
const BY_OPTION = { elapsedFrom: "option", elapsedLine: null, timeoutFrom: "option", timeoutLine: null } as const;
const BY_DEFAULT = { timeoutFrom: "default", timeoutLine: null, library: "django" } as const;

test.each<[Partial<Waited>, string]>([
  [
    { basis: { kind: "refused-at-once" } },
    "It failed after 0.02 s (line 2), and the busy timeout is 5 s (line 1): it did not wait. SQLite refuses at " +
      "once where waiting could deadlock, for example when a read transaction tries to write; a longer timeout " +
      "does not help then.",
  ],
  [
    { ...BY_OPTION, elapsedMs: 0, basis: { kind: "refused-at-once" } },
    "It failed after less than 0.001 s, and the busy timeout is 5 s: it did not wait. SQLite refuses at once " +
      "where waiting could deadlock, for example when a read transaction tries to write; a longer timeout does " +
      "not help then.",
  ],
  [
    { elapsedMs: 5003, basis: { kind: "whole-timeout" } },
    "It failed after 5 s (line 2), and the busy timeout is 5 s (line 1): it waited the whole timeout. The lock " +
      "was held for longer than that: by another program, or by another connection of the same process.",
  ],
  [
    { elapsedMs: 2000, atMost: true },
    "It failed after at most 2 s (line 2), and the busy timeout is 5 s (line 1): neither at once nor the whole " +
      "timeout, which says nothing about the cause. The time may include more than one wait: slow statements " +
      "before it, or several waits.",
  ],
  [
    { ...BY_DEFAULT, elapsedMs: 2006 },
    "It failed after 2 s (line 2), and Django (Python) waits 5 s by default: neither at once nor the whole " +
      "timeout, which says nothing about the cause. If the program sets another timeout, give it with " +
      "--busy-timeout. The time may include more than one wait: slow statements before it, or several waits.",
  ],
  [
    { ...BY_DEFAULT, library: "go-modernc", timeoutMs: 0, basis: { kind: "no-timeout" } },
    "It failed after 0.02 s (line 2), and modernc.org/sqlite (Go) sets no busy timeout by default: then every " +
      "lock fails at once, so the time says nothing about the cause. Set a busy timeout first.",
  ],
  [
    { ...BY_OPTION, timeoutMs: 0, basis: { kind: "no-timeout" } },
    "It failed after 0.02 s, and no busy timeout is set: then every lock fails at once, so the time says " +
      "nothing about the cause. Set a busy timeout first.",
  ],
  [
    {
      elapsedMs: 5000,
      timeoutMs: null,
      timeoutFrom: null,
      library: "go-modernc",
      basis: { kind: "waited-without-default" },
    },
    "It failed after 5 s (line 2), although modernc.org/sqlite (Go) sets no busy timeout by default: so the " +
      "program sets one (give it with --busy-timeout).",
  ],
  [
    { ...BY_DEFAULT, library: "dotnet", elapsedMs: 30_000, timeoutMs: 30_000, basis: { kind: "library-retries" } },
    "It failed after 30 s (line 2), and Microsoft.Data.Sqlite (.NET) waits 30 s by default: the whole timeout. " +
      "This library also retries what SQLite refuses at once, so the time says nothing about the cause.",
  ],
  [
    { timeoutMs: null, timeoutFrom: null, timeoutLine: null, basis: { kind: "timeout-unknown" } },
    "It failed after 0.02 s (line 2). The busy timeout is not known (give it with --busy-timeout): a time far " +
      "below it means that SQLite did not let the transaction wait; the whole timeout means that the lock was " +
      "held for longer than that.",
  ],
  [
    { ...BY_DEFAULT, library: "php-pdo", elapsedMs: null, timeoutMs: 60_000, basis: { kind: "elapsed-unknown" } },
    "Unknown, but it would tell the causes apart: a time far below the busy timeout means that SQLite did not " +
      "let the transaction wait; the whole timeout means that the lock was held for longer than that. Here PDO (PHP) " +
      "waits 1 m 0 s by default. Give both with --elapsed and --busy-timeout.",
  ],
  [
    { elapsedMs: null, timeoutMs: 0, basis: { kind: "elapsed-unknown" } },
    "Unknown, and it would say nothing here: no busy timeout is set (line 1), so every lock fails at once. " +
      "Set a busy timeout first.",
  ],
  [
    {
      basis: {
        kind: "both",
        first: { line: 1, verdict: "at-once" },
        second: { line: 2, verdict: "whole-timeout" },
      },
    },
    "Line 1: at once; line 2: the whole timeout. Some failed at once and some after the whole timeout: there are at " +
      "least two causes.",
  ],
])("%j", (change, expected) => {
  expect(waitedSentence({ ...WAITED, ...change })).toBe(expected);
});

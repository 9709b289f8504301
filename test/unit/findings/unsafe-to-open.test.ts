/** After which findings nobody goes on with a database, though no lock keeps anybody out. */
import { expect, test } from "vitest";
import { FINDING_IDS, type FindingId } from "../../../src/findings/index.ts";
import { unsafeToOpen } from "../../../src/findings/unsafe-to-open.ts";
import type { Finding, Handle, Severity } from "../../../src/model/report.ts";
import { handle, holder } from "../../support/report.ts";

function finding(id: FindingId, severity: Severity, pids: readonly number[] = [4242]): Finding {
  return { id, severity, pids, summary: "s", detail: "d", remedy: "r" };
}

/** A holder with these descriptors, and this finding of it. */
function isUnsafe(found: Finding, handles: readonly Handle[] = [handle(3, "database")]): boolean {
  return unsafeToOpen({ findings: [found], holders: [holder({ handles })] }).length > 0;
}

const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

test("by severity alone, of a holder with the database open to write", () => {
  const unsafe = FINDING_IDS.flatMap((id) => {
    const of = SEVERITIES.filter((severity) => isUnsafe(finding(id, severity)));
    return of.length === 0 ? [] : [[id, of]];
  });
  expect(Object.fromEntries(unsafe)).toEqual({
    "lost-locks": ["error"],
    "foreign-writer": ["error"],
    "other-locking": ["error"],
    "separate-locks": ["error", "warning", "info"],
    "super-journal-elsewhere": ["error", "warning", "info"],
    "hot-journal": ["error"],
    "damaged-wal": ["error"],
  });
});

test.each<[string, Finding, readonly Handle[], boolean]>([
  [
    "a server that knows where it is",
    finding("separate-locks", "warning"),
    [handle(3, "database", { access: "path" })],
    false,
  ],
  ["a server that reads it", finding("separate-locks", "warning"), [handle(3, "database", { access: "read" })], false],
  [
    "a server whose access is not known",
    finding("separate-locks", "warning"),
    [handle(3, "database", { access: null })],
    true,
  ],
  ["an overlay where nobody is seen", finding("separate-locks", "warning", []), [handle(3, "database")], false],
  [
    "a restore, nobody else there",
    finding("foreign-writer", "info"),
    [handle(3, "database", { access: "write" })],
    true,
  ],
  [
    "likely a restore, by its name alone",
    finding("foreign-writer", "info"),
    [handle(3, "database", { closeOnExec: false })],
    false,
  ],
  ["a -wal alone was deleted", finding("deleted-file", "error"), [handle(3, "database"), lost(4, "wal")], true],
  [
    "its -wal was left for another file",
    finding("deleted-file", "error"),
    [lost(3, "database"), handle(4, "wal")],
    true,
  ],
  ["all its files were replaced", finding("deleted-file", "error"), [lost(3, "database"), lost(4, "wal")], false],
  [
    "so, and it has opened the new ones besides",
    finding("deleted-file", "error"),
    [lost(3, "database"), lost(4, "wal"), handle(5, "database"), handle(6, "wal")],
    false,
  ],
  [
    "an idle connection without its old journal",
    finding("deleted-file", "warning"),
    [handle(3, "database"), lost(4, "journal")],
    false,
  ],
])("%s: %#", (_, found, handles, expected) => {
  expect(isUnsafe(found, handles)).toBe(expected);
});

function lost(fd: number, role: Handle["role"]): Handle {
  return handle(fd, role, { deleted: true });
}

test("a holder that has nothing to do with it", () => {
  const holders = [holder({ pid: 1 }), holder({ pid: 4242, handles: [handle(3, "database", { access: "path" })] })];
  expect(unsafeToOpen({ findings: [finding("separate-locks", "warning")], holders })).toEqual([]);
});

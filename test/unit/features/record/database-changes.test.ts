/** Which changes of the files of databases are told. */
import { expect, test } from "vitest";
import { DatabaseChanges } from "../../../../src/features/record/database-changes.ts";
import type { FileEvent } from "../../../../src/recording/source-event.ts";

const file = (inode: number | null, more: Partial<FileEvent> = {}): FileEvent => ({
  ...{ kind: "file", atMs: 5, database: 0, role: "database", device: 1, inode },
  ...more,
});

test.each<[string, boolean, FileEvent[], string[]]>([
  ["there from the start", true, [file(7)], []],
  ["created", false, [file(7)], ["created"]],
  ["replaced", true, [file(7), file(8)], ["replaced"]],
  ["deleted and created", true, [file(7), file(null), file(8)], ["deleted", "created"]],
  ["deleted before its first event", true, [file(null)], ["deleted"]],
  ["its -shm", true, [file(7, { role: "shm" }), file(null, { role: "shm" })], []],
  ["confirmed", false, [file(7), file(7, { untilMs: 9 })], ["created"]],
])("%s", (_, exists, events, changes) => {
  const of = new DatabaseChanges([{ path: "/a.db", exists }]);
  const lines = events.flatMap((event) => of.next(event) ?? []);
  expect(lines.map(({ change }) => change)).toEqual(changes);
  for (const line of lines) expect(line).toMatchObject({ type: "database", path: "/a.db", atMs: 5 });
});

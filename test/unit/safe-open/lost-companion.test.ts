import { expect, test } from "vitest";
import { lostCompanion } from "../../../src/safe-open/lost-companion.ts";
import { database, handle, holder } from "../../support/report.ts";

const file = (role: "database" | "wal") => ({ role, path: "/proc/7/fd/3", sizeBytes: 1, device: 1n, inode: 1n });
const open = (...roles: readonly ("database" | "wal" | "journal")[]) =>
  holder({ handles: roles.map((role, i) => handle(i + 3, role)) });

test.each([
  ["rollback mode", database({ holders: [open("database")] }), null],
  ["in a transaction", database({ holders: [open("database", "journal")] }), "journal"],
  ["of another process", database({ holders: [open("database"), open("database", "journal")] }), "journal"],
  ["WAL mode", database({ journalMode: "wal", files: [file("database"), file("wal")], holders: [open("wal")] }), null],
  ["without its -wal", database({ journalMode: "wal", holders: [open("database")] }), "wal"],
  ["a -wal that no one file is", database({ holders: [open("database", "wal")] }), "wal"],
] as const)("%s", (_, of, role) => {
  expect(lostCompanion(of)?.role ?? null).toBe(role);
});

import { expect, test } from "vitest";
import { signOfAnotherFile } from "../../../../src/findings/shared/wal-file.ts";
import type { FileFacts } from "../../../../src/model/file-facts.ts";
import type { DatabaseFile, DatabaseSnapshot } from "../../../../src/model/snapshot.ts";
import { look, targetFile, WAL } from "../../../support/snapshot.ts";

const FRAMES = 10;

/** Of 12 pages, with a -wal that fits it: born together, and 10 frames of pages that are there. */
interface Case {
  readonly wal?: Partial<NonNullable<FileFacts["wal"]>>;
  readonly pageSize?: number | null;
  readonly database?: Partial<DatabaseFile>;
  readonly walFile?: Partial<DatabaseFile>;
}

function seen({ wal = {}, pageSize = 4096, database = {}, walFile = {} }: Case): DatabaseSnapshot {
  if (WAL.wal === null) throw new Error("WAL mode has a -wal");
  const facts = { ...WAL, pageSize, wal: { ...WAL.wal, frames: FRAMES, pageCount: 12, ...wal } };
  return look({ facts, target: { files: [targetFile("database", database), targetFile("wal", walFile)] } })[0];
}

const BORN_MS = Date.UTC(2026, 0, 1);
const LATER_MS = BORN_MS + 1;

test.each<[string, Case, ReturnType<typeof signOfAnotherFile>]>([
  ["all of it fits", {}, null],
  ["the header says rollback journal", { wal: { besideRollback: true } }, "journal-mode"],
  ["another page size", { wal: { pageSize: 1024 } }, "page-size"],
  ["its page size is not known", { wal: { pageSize: null, pageCount: 1000 } }, null],
  ["the database's page size is not known", { pageSize: null }, null],
  ["as many pages as the file and the frames have", { wal: { pageCount: 22 } }, null],
  ["one page more", { wal: { pageCount: 23 } }, "pages-missing"],
  [
    "the database was born after the last write",
    { database: { bornMs: LATER_MS }, walFile: { writtenMs: BORN_MS } },
    "born-later",
  ],
  ["born at that moment", { database: { bornMs: BORN_MS }, walFile: { writtenMs: BORN_MS } }, null],
  ["nobody knows when the database was born", { database: { bornMs: null }, walFile: { writtenMs: BORN_MS } }, null],
  [
    "nobody knows when the -wal was born",
    { database: { bornMs: LATER_MS }, walFile: { bornMs: null, writtenMs: BORN_MS } },
    null,
  ],
  [
    "both were copied here with their times",
    { database: { bornMs: LATER_MS }, walFile: { bornMs: LATER_MS, writtenMs: BORN_MS } },
    null,
  ],
  ["no frames", { wal: { frames: 0, besideRollback: true } }, null],
  ["an empty database: SQLite replays nothing", { wal: { besideRollback: true }, database: { sizeBytes: 0n } }, null],
  ["the first sign of several", { wal: { besideRollback: true, pageSize: 1024, pageCount: 99 } }, "journal-mode"],
])("%s", (_, change, sign) => {
  expect(signOfAnotherFile(seen(change))).toBe(sign);
});

test.each<[string, Parameters<typeof look>[0]]>([
  ["no -wal", { facts: WAL, target: { files: [targetFile("database")] } }],
  ["no database", { facts: WAL, target: { files: [targetFile("wal")] } }],
  ["a -wal that cannot be read", { facts: { ...WAL, wal: null } }],
])("nothing to compare: %s", (_, change) => {
  expect(signOfAnotherFile(look(change)[0])).toBeNull();
});

/** What a look says of a -wal and its disk. */
import { expect, test } from "vitest";
import type { WalSample } from "../../../../src/features/watch/wal-growth.ts";
import { walSample } from "../../../../src/features/watch/wal-sample.ts";
import type { DatabaseReport } from "../../../../src/model/report.ts";
import { databaseReport, handle, holder } from "../../../support/report.ts";

const SPACE = { freeBytes: 1000, reservedBytes: 50, totalBytes: 5000, freeInodes: null };
const WAL = { role: "wal", path: "/srv/app/db.sqlite3-wal", sizeBytes: 300, device: 2049n, inode: 7n } as const;
const NETWORK = { type: "nfs4", mountPoint: "/srv", network: true, readOnly: false };

const uses = (uid: number | null, access: "read" | "read-write" = "read-write") =>
  holder({ uid, handles: [handle(4, "wal", { access })] });

test.each<[string, Partial<DatabaseReport>, Partial<WalSample>]>([
  ["no -wal", { files: [] }, { sizeBytes: 0, disk: null }],
  ["nobody has it open", {}, { sizeBytes: 300, disk: { device: 2049n, availableBytes: 1000 } }],
  ["an ordinary user writes it", { holders: [uses(1000)] }, { disk: { device: 2049n, availableBytes: 1000 } }],
  [
    "root alone writes it",
    { holders: [uses(0), uses(1000, "read")] },
    { disk: { device: 2049n, availableBytes: 1050 } },
  ],
  ["root and another user", { holders: [uses(0), uses(1000)] }, { disk: { device: 2049n, availableBytes: 1000 } }],
  ["a user who is not known", { holders: [uses(null)] }, { disk: { device: 2049n, availableBytes: 1000 } }],
  ["on a network the disk is not asked", { fileSystem: NETWORK }, { sizeBytes: 300, disk: null }],
])("%s", (_, change, expected) => {
  expect(walSample(databaseReport({ files: [WAL], ...change }), 5, () => SPACE)).toMatchObject({
    atMs: 5,
    ...expected,
  });
});

test("a file system that does not say", () => {
  expect(walSample(databaseReport({ files: [WAL] }), 5, () => null)).toEqual({ atMs: 5, sizeBytes: 300, disk: null });
});

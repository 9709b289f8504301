/** Which files without SQLite's header are likely encrypted databases. */
import { createHash, randomBytes } from "node:crypto";
import { deflateRawSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { likelyEncrypted } from "../../../src/sqlite/encrypted.ts";

/** Noise, the same in each run. */
function noise(bytes: number, seed = 1): Buffer {
  const blocks = Array.from({ length: Math.ceil(bytes / 32) }, (_, i) =>
    createHash("sha256").update(`${seed} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, bytes);
}

function withBytes(at: number, bytes: readonly number[] | string, start = noise(512)): Buffer {
  const copy = Buffer.from(start);
  copy.set(Buffer.from(bytes as string, "latin1"), at);
  return copy;
}

const KEYLESS = { pageSize: null, journalMode: "unknown" };

test("noise, for any seed", () => {
  for (let seed = 0; seed < 2000; seed++)
    expect(likelyEncrypted(noise(512, seed), 4096n), `seed ${seed}`).not.toBeNull();
  for (let i = 0; i < 200; i++) expect(likelyEncrypted(randomBytes(512), 4096)).not.toBeNull();
});

test.each<[string, Uint8Array, number, object | null]>([
  ["SQLCipher", noise(512), 4096, KEYLESS],
  ["as the smallest one", noise(512), 512, KEYLESS],
  ["a size that no page size has", noise(512), 4095, null],
  ["too short", noise(100), 4096, null],
  ["nothing", noise(0), 0, null],
  ["zeroes", Buffer.alloc(512), 4096, null],
  ["text", Buffer.from("All work and no play makes a dull text. ".repeat(20)).subarray(0, 512), 4096, null],
  ["base64", Buffer.from(noise(600).toString("base64").slice(0, 512)), 4096, null],
  ["half noise", Buffer.concat([noise(256), Buffer.alloc(256)]), 4096, null],
  ["SQLite", withBytes(0, "SQLite format 3\0"), 4096, null],
  ["gzip", gzipSync(noise(2000)).subarray(0, 512), 4096, null],
  ["zip", withBytes(0, "PK\u0003\u0004"), 4096, null],
  ["mp4", withBytes(4, "ftypisom"), 4096, null],
  ["a file of openssl enc", withBytes(0, "Salted__"), 4096, null],
  [
    "deflated noise without a magic: looks the same",
    deflateRawSync(noise(4096), { level: 0 }).subarray(5, 517),
    4096,
    KEYLESS,
  ],
])("%s", (_, start, sizeBytes, expected) => {
  expect(likelyEncrypted(start, sizeBytes)).toEqual(expected);
});

test.each<[string, readonly number[], object]>([
  ["WAL", [0x10, 0, 2, 2, 32, 64, 32, 32], { pageSize: 4096, journalMode: "wal" }],
  ["rollback, pages of 64 KiB", [0, 1, 1, 1, 0, 64, 32, 32], { pageSize: 65536, journalMode: "rollback" }],
  ["other fractions", [0x10, 0, 2, 2, 32, 65, 32, 32], KEYLESS],
  ["no page size", [0x10, 1, 2, 2, 32, 64, 32, 32], KEYLESS],
  ["other versions", [0x10, 0, 1, 2, 32, 64, 32, 32], KEYLESS],
])("bytes 16 to 23 are plain (SQLite3 Multiple Ciphers, SEE): %s", (_, plain, expected) => {
  expect(likelyEncrypted(withBytes(16, plain), 65536)).toEqual(expected);
});

import { expect, test } from "vitest";
import { firstBytesResult } from "../../../../src/features/integrity/first-bytes-result.ts";
import { NOISE, plainHeader } from "../../../support/first-bytes.ts";

const resultOf = (bytes: Buffer, more: { sizeMoves?: boolean; companions?: readonly string[] } = {}) =>
  firstBytesResult({ path: "/srv/db", givenAs: "db", sizeBytes: bytes.length, ...more }, bytes.subarray(0, 100));

test("an empty file is a database of 0 pages", () => {
  const seen = resultOf(Buffer.alloc(0));
  expect(seen).toMatchObject({ verdict: "ok", pageCount: 0, sizeBytes: 0, method: null });
  expect(seen.checks.every(({ failed, reasons }) => !failed && reasons.length === 0)).toBe(true);
});

test("an empty file beside a companion file is not checked", () => {
  const seen = resultOf(Buffer.alloc(0), { companions: ["-wal", "-shm"] });
  expect(seen).toMatchObject({ verdict: "not-checked", sizeBytes: 0 });
  for (const { reasons } of seen.checks)
    expect(reasons).toEqual([{ kind: "empty", path: "/srv/db", companions: ["-wal", "-shm"] }]);
});

test("a database that ends in its header is corrupt; while its size changes, nothing is known", () => {
  const cut = plainHeader().subarray(0, 60);
  expect(resultOf(cut)).toMatchObject({
    verdict: "corrupt",
    problems: [{ check: "header", cause: { fault: { code: "cut-header", sizeBytes: 60 } } }],
  });
  const moving = resultOf(cut, { sizeMoves: true });
  expect(moving).toMatchObject({ verdict: "not-checked", problems: [] });
  expect(moving.checks[0]?.reasons).toMatchObject([{ kind: "refused", refusal: { kind: "changed" } }]);
});

test("noise is not checked, in any part", () => {
  const seen = resultOf(NOISE);
  expect(seen).toMatchObject({ verdict: "not-checked", sizeBytes: 100, problems: [] });
  for (const { reasons } of seen.checks)
    expect(reasons).toEqual([{ kind: "content", path: "/srv/db", content: { kind: "encrypted", partly: false } }]);
});

test("a damaged magic is corrupt: the header failed, nothing else could be checked", () => {
  const seen = resultOf(plainHeader((bytes) => bytes.write("!", 2)));
  expect(seen).toMatchObject({
    verdict: "corrupt",
    problems: [{ check: "header", page: 1, cause: { fault: { code: "magic" } } }],
  });
  expect(seen.checks.map(({ failed, reasons }) => [failed, reasons.length])).toEqual([
    [true, 0],
    [false, 1],
    [false, 1],
    [false, 1],
    [false, 1],
  ]);
});

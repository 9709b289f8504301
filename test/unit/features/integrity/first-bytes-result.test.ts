import { expect, test } from "vitest";
import { firstBytesResult } from "../../../../src/features/integrity/first-bytes-result.ts";
import { NOISE, plainHeader } from "../../../support/first-bytes.ts";

const resultOf = (bytes: Buffer) =>
  firstBytesResult({ path: "/srv/db", givenAs: "db", sizeBytes: bytes.length }, bytes.subarray(0, 100));

test("an empty file is a database of 0 pages", () => {
  const seen = resultOf(Buffer.alloc(0));
  expect(seen).toMatchObject({ verdict: "ok", pageCount: 0, sizeBytes: 0, method: null });
  expect(seen.checks.every(({ failed, reasons }) => !failed && reasons.length === 0)).toBe(true);
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

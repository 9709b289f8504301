import { describe, expect, test } from "vitest";
import type { IdentifiedFile } from "../../../src/observe/identify.ts";
import { memoryError, notAFile, notUtf8, permissionError } from "../../../src/observe/path-errors.ts";

describe("a database in memory", () => {
  test("of which nothing lies on disk", () => {
    const error = memoryError(":memory:", false);
    expect(error).toMatchObject({ code: "in-memory", exitCode: 2 });
    expect(error.message).not.toContain("uri=True");
    expect(error.hint).toContain("inside the program");
  });

  test("of whose name a file exists: the hint is the command that shows it", () => {
    const error = memoryError("file::memory:?cache=shared", true);
    expect(error.message).toContain("uri=True");
    expect(error.hint).toContain("sqlock who-holds './file::memory:?cache=shared'");
  });
});

test.each<[string, "isFIFO" | "isSocket" | "isBlockDevice" | "isCharacterDevice"]>([
  ["a named pipe", "isFIFO"],
  ["a socket", "isSocket"],
  ["a block device", "isBlockDevice"],
  ["a character device", "isCharacterDevice"],
])("%s is no database file", (kind, method) => {
  const none = { isFIFO: () => false, isSocket: () => false, isBlockDevice: () => false };
  const file = { stats: { ...none, [method]: () => true } } as unknown as IdentifiedFile;
  expect(notAFile("/dev/x", file)).toMatchObject({
    code: "not-a-file",
    message: `/dev/x is ${kind}, not a database file`,
  });
});

test("the path stands in each message", () => {
  expect(notUtf8("/srv/\ufffd")).toMatchObject({ code: "not-utf8", message: expect.stringContaining("/srv/\ufffd") });
  expect(permissionError("/srv/db", true).hint).toBe("run as the user that owns it");
  expect(permissionError("/srv/db", false)).toMatchObject({
    code: "permission-denied",
    message: expect.stringContaining("/srv/db"),
  });
});

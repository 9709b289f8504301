import { expect, test } from "vitest";
import { codeOf, isFolderGone, messageOf } from "../../../src/worker/sqlite-error.ts";

test.each([
  [Object.assign(new Error("locked"), { code: "SQLITE_BUSY_SNAPSHOT" }), "SQLITE_BUSY_SNAPSHOT"],
  [Object.assign(new Error("gone"), { code: "ENOENT" }), ""],
  [Object.assign(new Error("odd"), { code: 5 }), ""],
  [new TypeError("no code"), ""],
])("the code of %o: %s", (error, code) => {
  expect(codeOf(error)).toBe(code);
});

test.each([
  [new TypeError("Cannot open database because the directory does not exist"), true],
  [new TypeError("another"), false],
  [new Error("Cannot open database because the directory does not exist"), false],
])("the folder is gone: %o, %s", (error, isGone) => {
  expect(isFolderGone(error)).toBe(isGone);
});

test("the message of an error, and of something else that was thrown", () => {
  expect(messageOf(new Error("disk I/O error"))).toBe("disk I/O error");
  expect(messageOf("text")).toBe("text");
});

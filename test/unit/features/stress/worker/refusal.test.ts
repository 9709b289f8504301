import { expect, test } from "vitest";
import type { Message } from "../../../../../src/features/stress/protocol.ts";
import { sendRefusal } from "../../../../../src/features/stress/worker/refusal.ts";

const withCode = (message: string, code: unknown) => Object.assign(new Error(message), { code });

test.each<[string, Error, string]>([
  ["an error of SQLite", withCode("database or disk is full", "SQLITE_FULL"), "SQLITE_FULL"],
  ["with an extended code", withCode("disk I/O error", "SQLITE_IOERR_WRITE"), "SQLITE_IOERR_WRITE"],
  ["of the file system", withCode("no space left on device", "ENOSPC"), "ENOSPC"],
  ["the folder is gone", new TypeError("Cannot open database because the directory does not exist"), "ENOENT"],
])("%s: an answer", (_, error, code) => {
  const sent: Message[] = [];
  sendRefusal(error, (message) => sent.push(message));
  expect(sent).toEqual([{ kind: "refused", refusal: { kind: "sqlite", code, message: error.message } }]);
});

test.each<[string, unknown]>([
  ["without a code", new Error("no")],
  ["of Node.js", withCode("no", "ERR_INVALID_ARG_TYPE")],
  ["with a number for a code", withCode("no", 5)],
  ["that is no error", "no"],
])("a bug: an error %s", (_, error) => {
  const sent: Message[] = [];
  expect(() => sendRefusal(error, (message) => sent.push(message))).toThrow();
  expect(sent).toEqual([]);
});

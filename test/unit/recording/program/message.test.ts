import fc from "fast-check";
import { expect, test } from "vitest";
import { parseMessage } from "../../../../src/recording/program/message.ts";

const GOOD: readonly (readonly unknown[])[] = [
  ["hello", 42, 0, 1, "100", "python", "3.11.2"],
  ["hello", 42, 0, 1, "100", "node", "20.19.0", "a field of later versions"],
  [
    "site",
    42,
    1,
    1,
    [
      ["/srv/app/views.py", 42, "save"],
      ["<string>", 1, null],
    ],
    false,
  ],
  ["sql", 42, 2, 1, "select 1", 0],
  ["who", 42, 3, 1, 42, null, "Task-1"],
  ["open", 42, 4, 1, 1, 1, 5, 6, "sqlite3", "/srv/app/db", { timeoutMs: 5000, memory: null }],
  ["open", 42, 4, 1, 1, 1, 5, 6, "sqlite3", null, {}],
  ["close", 42, 5, 1, 1, 1, 7, "collected"],
  ["call", 42, 6, 1, 1, 1, 1, 7, 8, "bw", 1, 900, null],
  ["call", 42, 7, 1, 1, 1, 1, 7, 8, "ae", 3, 900, "SQLITE_BUSY"],
  ["end", 42, 8, 1, 1, 1, 0, 8, 9, "commit", 4, 900, 300, 1, 1],
  ["misuse", 42, 9, "left-open", 1, 1, 1, 9, "task"],
  ["bye", 42, 10],
];

test.each(GOOD)("%s is read, field by field", (...message) => {
  const parsed = parseMessage(JSON.stringify(message));
  expect(parsed).toMatchObject({ type: message[0], pid: 42, number: message[2] });
  if (parsed?.type === "call") expect(parsed).toMatchObject({ connection: 1, fromUs: 7, toUs: 8, insideUs: 900 });
  if (parsed?.type === "end") expect(parsed).toMatchObject({ outcome: "commit", pauseUs: 300, pauseAfter: 1 });
  if (parsed?.type === "open") expect(parsed.options).toMatchObject({ inherited: false, error: null });
});

const BAD: readonly unknown[] = [
  {},
  null,
  [],
  ["hello"],
  ["toString", 42, 0],
  ["hello", -1, 0, 1, "100", "python", "3"],
  ["hello", 2 ** 31, 0, 1, "100", "python", "3"],
  ["hello", 42, -1, 1, "100", "python", "3"],
  ["hello", 42, 0, 1, "100", "ruby", "3"],
  ["hello", 42, 0, 1, 100, "python", "3"],
  ["site", 42, 1, 1, [], false],
  ["site", 42, 1, 1, [["a.py", -1, null]], false],
  [
    "site",
    42,
    1,
    1,
    [
      ["a.py", 1, null],
      ["a.py", 1, null],
      ["a.py", 1, null],
      ["a.py", 1, null],
    ],
    false,
  ],
  ["site", 42, 1, 1, [[1, 1, null]], false],
  ["call", 42, 6, 1, 1, 1, 1, 7, 8, "xyz", 1, 900, null],
  ["call", 42, 6, 1, 1, 1, 1, 7.5, 8, "bw", 1, 900, null],
  ["call", 42, 6, 1, 1, 1, 1, 2 ** 60, 8, "bw", 1, 900, null],
  ["close", 42, 5, 1, 1, 1, 7, "lost"],
  ["open", 42, 4, 1, 1, 1, 5, 6, "sqlite3", "/srv/app/db", null],
  ["misuse", 42, 9, "left-open", 1, 1, 1, 9, "yesterday"],
];

test.each(BAD.map((each) => [JSON.stringify(each)]))("%s is none", (json) => {
  expect(parseMessage(json)).toBeNull();
});

test("whatever a program writes, it is a message or none", () => {
  fc.assert(fc.property(fc.string(), (text) => parseMessage(text) === null));
  fc.assert(
    fc.property(fc.constantFrom(...GOOD), fc.array(fc.jsonValue(), { maxLength: 12 }), (good, fields) => {
      parseMessage(JSON.stringify([good[0], 42, 1, ...fields]));
    }),
  );
});

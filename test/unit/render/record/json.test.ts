import { expect, test } from "vitest";
import { recordingDocument } from "../../../../src/render/record/json.ts";
import { lockLine, metaLine, processLine } from "../../../support/recording.ts";

test.each([
  [0, 1],
  [1, 1],
  [2, 1],
  [2000, 5],
])("of %i lines: one document, in pieces", (count, pieces) => {
  const lines = [metaLine(), processLine(), ...Array.from({ length: 1998 }, () => lockLine())].slice(0, count);
  const given = lines.map((line) => JSON.stringify(line));
  const written = [...recordingDocument(given)];
  const document = JSON.parse(written.join(""));
  expect(document.lines).toEqual(lines);
  expect(written.join("")).toBe(`${JSON.stringify(document, null, 2)}\n`);
  expect(written.length).toBeGreaterThanOrEqual(pieces);
});

test("nothing that a terminal obeys", () => {
  const line = JSON.stringify(processLine({ name: "a\u009bb\u202e" }));
  expect([...recordingDocument([line])].join("")).not.toMatch(/[\u0080-\u009f\u202e]/);
});

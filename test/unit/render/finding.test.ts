import { Chalk } from "chalk";
import { expect, test } from "vitest";
import type { Finding } from "../../../src/model/report.ts";
import { renderFinding, unseenLine } from "../../../src/render/finding.ts";
import { renderJson } from "../../../src/render/json.ts";
import { PLAIN, type Style } from "../../../src/render/style.ts";

const FINDING: Finding = {
  id: "hot-journal",
  severity: "error",
  pids: [],
  summary: "A transaction was not finished: x\x07.",
  detail: "The journal is valid.",
  remedy: "Copy the files:\n  cp -p a-file-with-a-long-name /a/folder/that/is/far/away\nThen open it.",
};

const COMMAND = "sqlock who-holds 'a b'";

test("label, detail, and what to do; commands stay in one piece", () => {
  expect(renderFinding(FINDING, { ...PLAIN, width: 30 })).toBe(`error hot-journal: A
  transaction was not
  finished: x\\x07.
  The journal is valid.
  To do: Copy the files:
    cp -p a-file-with-a-long-name /a/folder/that/is/far/away
  Then open it.`);
});

test("the label alone is coloured, by severity", () => {
  const chalk = new Chalk({ level: 1 });
  const style: Style = { ...PLAIN, chalk };
  const first = (severity: Finding["severity"]) => renderFinding({ ...FINDING, severity }, style).split(": ")[0];
  expect(first("error")).toBe(chalk.red("error hot-journal"));
  expect(first("warning")).toBe(chalk.yellow("warning hot-journal"));
  expect(first("info")).toBe(chalk.dim("info hot-journal"));
});

test("a document: bigint as a string, Date in ISO 8601, a newline at its end", () => {
  expect(renderJson({ inode: 2n ** 60n, at: new Date(0), none: null })).toBe(
    '{\n  "inode": "1152921504606846976",\n  "at": "1970-01-01T00:00:00.000Z",\n  "none": null\n}\n',
  );
});

test.each([
  [null, "Some processes could not be inspected (because). To see them, do that."],
  [1, "1 process could not be inspected (because). To see it, do that."],
  [1200, "1,200 processes could not be inspected (because). To see them, do that."],
])("%s processes that were not seen", (processes, expected) => {
  const unseen = { processes, reason: "because", reasons: ["because"], remedy: "do that" };
  expect(unseenLine(unseen, PLAIN)).toBe(expected);
});

test.each<[string, boolean, string[], string]>([
  ["where root would see them", true, ["a"], "To see it: sudo sqlock who-holds 'a b'"],
  ["where root would not", false, ["a"], "To see it, do that."],
  ["where root would see some of them alone", true, ["a", "b"], "To see it, do that."],
])("the command, %s", (_, byRoot, reasons, expected) => {
  const asRoot = byRoot ? { asRoot: true as const } : {};
  const line = unseenLine({ processes: 1, reason: "a", reasons, remedy: "do that", ...asRoot }, PLAIN, COMMAND);
  expect(line).toBe(`1 process could not be inspected (a). ${expected}`);
});

test("init alone", () => {
  const unseen = { processes: 1, reason: "because", reasons: ["because"], remedy: "do that", initAlone: true } as const;
  expect(unseenLine(unseen, PLAIN)).toBe("1 process could not be inspected, even as root. To see it, do that.");
});

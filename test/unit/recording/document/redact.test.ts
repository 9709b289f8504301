import { expect, test } from "vitest";
import { redacted } from "../../../../src/recording/document/redact.ts";
import type { ProcessLine } from "../../../../src/recording/lines.ts";

test.each([
  [["/usr/bin/python3", "import.py", "--password=secret"], ["python3"]],
  [["gunicorn: worker [/srv/secret]"], ["gunicorn:"]],
  [[" /opt/app/run secret"], ["run"]],
  [[""], [""]],
  [[], []],
])("of a command line the name of the program stays: %j", (commandLine, shown) => {
  const line = { type: "process", pid: 1, commandLine } as unknown as ProcessLine;
  expect(redacted(line).commandLine).toEqual(shown);
});

import { expect, test } from "vitest";
import { redacted } from "../../../../src/recording/document/redact.ts";
import type { ProcessLine } from "../../../../src/recording/lines.ts";
import { callSite, connectionLine } from "../../../support/recording.ts";

test("of a line of code the file's name and the function stay; a task may be a request", () => {
  const openedAt = callSite(4, { task: "GET /secret", thread: "worker-1" });
  expect(redacted(connectionLine({ openedAt, memory: "/srv/secret/memory" }))).toMatchObject({
    openedAt: { file: "views.py", line: 4, function: "create_order", thread: "worker-1", task: null },
    ...{ path: "db.sqlite3", memory: "memory" },
  });
});

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

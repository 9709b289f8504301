import { expect, test } from "vitest";
import { UserError } from "../../../../src/errors.ts";
import { type RecordOptions, recordSettings } from "../../../../src/features/record/settings.ts";

test("the defaults: the best source, waits from 10 ms on, statements without their values", () => {
  expect(recordSettings({}, null, [0, 1000])).toEqual({
    forMs: null,
    untilWaitMs: null,
    source: null,
    minWaitMs: 10,
    statements: true,
    literals: false,
    redact: false,
    only: { pids: [], units: [], unitUids: [0, 1000] },
    output: null,
    hook: null,
    json: false,
    callSites: true,
    command: null,
    user: null,
    failOn: [],
  });
});

test("every option", () => {
  const options: RecordOptions = {
    for: "30s",
    untilWait: "1s",
    source: "kernel",
    minWait: "0",
    sql: false,
    pid: ["4242", "1"],
    unit: ["gunicorn", "a.scope"],
    output: "x.jsonl",
    maxSize: "1.5GB",
    force: true,
    redact: true,
    onWait: "2s",
    run: "true",
    user: "web",
    failOn: "refusals, never-closed",
  };
  expect(recordSettings(options, ["python3", "x.py"], [0, 1000])).toEqual({
    forMs: 30_000,
    untilWaitMs: 1000,
    source: "kernel",
    minWaitMs: 0,
    statements: false,
    literals: false,
    redact: true,
    only: { pids: [4242, 1], units: ["gunicorn.service", "a.scope"], unitUids: [0, 1000] },
    output: { path: "x.jsonl", force: true, maxBytes: 1.5e9, keepMs: null },
    hook: { afterMs: 2000, command: "true" },
    json: false,
    callSites: true,
    command: ["python3", "x.py"],
    user: "web",
    failOn: ["refusals", "never-closed"],
  });
});

test.each<[RecordOptions, readonly string[] | null, string]>([
  [{ run: "true" }, null, "--run needs --on-wait"],
  [{ failOn: "waits", source: "sampled" }, null, "--fail-on needs calls"],
  [{ failOn: "waits", source: "sampled", callSites: false }, ["true"], "--fail-on needs calls"],
  [{ failOn: "wait" }, null, '--fail-on "wait" is not known'],
  [{ user: "web" }, null, "--user names the user of the command after --"],
  [{ sql: true, source: "sampled" }, null, "--sql needs the kernel's events"],
  [{ untilWait: "1s", source: "sampled" }, null, "--until-wait needs the kernel's events"],
  [{ onWait: "1s", run: "true", source: "sampled" }, null, "--on-wait needs the kernel's events"],
  [{ onWait: "1s" }, null, "--on-wait needs --run"],
  [{ onWait: "1s", run: " " }, null, "--run has no command"],
  [{ literals: true, sql: false }, null, "--literals and --no-sql exclude each other"],
  [{ literals: true, redact: true, output: "x" }, null, "--literals and --redact exclude each other"],
  [{ redact: true }, null, "--redact changes the file and the JSON document"],
  [{ force: true }, null, "--force needs -o"],
  [{ maxSize: "5MB" }, null, "--max-size needs -o"],
  [{ output: "" }, null, "the name of --output is empty"],
  [{ output: "-" }, null, "--output - is not a file"],
  [{ output: "x", maxSize: "5" + "0kB" }, null, '--max-size "50kB" is not a size'],
  [{ output: "x", maxSize: "5" }, null, "--max-size 5 has no unit"],
  [{ output: "x", maxSize: "many" }, null, '--max-size "many" is not a size'],
  [{ json: true }, ["true"], "--json prints to stdout, which belongs to the command"],
  [{ json: true, output: "x" }, ["true"], "--json prints to stdout, which belongs to the command"],
  [{ source: "ebpf" }, null, '--source "ebpf" is not a source'],
  [{ pid: ["0"] }, null, '--pid "0" is not a process id'],
  [{ pid: ["x"] }, null, '--pid "x" is not a process id'],
  [{ unit: ["a b"] }, null, '--unit "a b" is not a unit'],
  [{ unit: [""] }, null, '--unit "" is not a unit'],
  [{ for: "0" }, null, '--for "0" is not a time'],
  [{ untilWait: "0" }, null, '--until-wait "0" is not a time'],
  [{ minWait: "-1" }, null, '--min-wait "-1" is not a time'],
  [{ onWait: "x", run: "true" }, null, '--on-wait "x" is not a time'],
])("%j, command %j: %s", (options, command, message) => {
  const call = () => recordSettings(options, command, []);
  expect(call).toThrow(UserError);
  expect(call).toThrow(message);
});

test("--keep: a folder, and locks only; --sql adds statements", () => {
  const continuous = { keep: "7d", output: "folder" };
  expect(recordSettings(continuous, null, [])).toMatchObject({
    statements: false,
    output: { path: "folder", force: false, maxBytes: 200e6, keepMs: 7 * 86_400_000 },
  });
  expect(recordSettings({ ...continuous, sql: true, literals: true }, null, [])).toMatchObject({ statements: true });
  expect(recordSettings({ ...continuous, sql: false }, null, [])).toMatchObject({ statements: false });
  expect(recordSettings({ sql: true }, null, [])).toMatchObject({ statements: true });
  expect(recordSettings({ ...continuous, keep: "24h", untilWait: "1s" }, null, [])).toMatchObject({
    ...{ output: { keepMs: 86_400_000 }, untilWaitMs: 1000 },
  });
});

test.each<[string, RecordOptions, readonly string[] | null, string]>([
  ["no folder", { keep: "24h" }, null, "--keep needs -o"],
  ["a document", { keep: "24h", output: "x", json: true }, null, "--keep and --json exclude each other"],
  [
    "a command",
    { keep: "24h", output: "x" },
    ["true"],
    "--keep records whatever uses the database: it takes no command",
  ],
  ["--force", { keep: "24h", output: "x", force: true }, null, "--keep replaces no file: there is nothing to --force"],
  ["values", { keep: "24h", output: "x", literals: true }, null, "--literals keeps values of statements, which"],
  ["0.5s", { keep: "0.5s", output: "x" }, null, "--keep 0.5s is too short"],
  ["words", { keep: "a week", output: "x" }, null, '--keep "a week" is not a time'],
  ["years", { keep: "400d", output: "x" }, null, '--keep "400d" is not a time'],
])("--keep with %s is refused", (_, options, command, message) => {
  const call = () => recordSettings(options, command, []);
  expect(call).toThrow(UserError);
  expect(call).toThrow(message);
});

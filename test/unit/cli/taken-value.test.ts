import { expect, test } from "vitest";
import { COMMANDS } from "../../../src/cli/descriptions/index.ts";
import { takenValueError } from "../../../src/cli/taken-value.ts";

const FILES = ["k", "10", "lsof", "my db"];

const lineOf = (words: readonly string[], code = "commander.missingArgument") => {
  const error = takenValueError(code, words, COMMANDS, (path) => FILES.includes(path));
  return error === null ? null : `${error.message}; ${error.hint}`;
};

test.each<[string, string[], string]>([
  [
    "a time, by the name of the value",
    ["who-holds", "--wait", "k.db"],
    "--wait needs a time, and k.db is not one; write --wait 30s k.db",
  ],
  ["by a file of that name", ["kill", "--grace", "k"], "--grace needs a time, and k is not one; write --grace 30s k"],
  [
    "a list",
    ["who-holds", "--json", "--columns", "/srv/my.db"],
    "--columns needs a list of columns, and /srv/my.db is not one; write --columns PID,LOCKS /srv/my.db",
  ],
  ["quoted", ["watch", "--alert", "my db"], "--alert needs a time, and 'my db' is not one; write --alert 30s 'my db'"],
  [
    "a name of a few",
    ["who-holds", "--source", "a.sqlite3"],
    "--source needs a name, and a.sqlite3 is not one; write --source proc a.sqlite3",
  ],
  [
    "a number",
    ["integrity", "--max-problems", "a.db"],
    "--max-problems needs a number, and a.db is not one; write --max-problems 10 a.db",
  ],
  [
    "a process, as the command line is split",
    ["record", "--pid=a.db"],
    "--pid needs a process id, and a.db is not one; write --pid 4242 a.db",
  ],
  ["a process of kill", ["kill", "--pid=k"], "--pid needs a process id, and k is not one; write --pid 4242 k"],
  ["joined", ["record", "--for=a.db"], "--for needs a time, and a.db is not one; write --for 30s a.db"],
  [
    "a file: the database",
    ["record", "-o", "app.db"],
    "the database is missing: app.db was taken as the file of -o; write -o FILE app.db",
  ],
  [
    "a file that exists",
    ["record", "--output", "k"],
    "the database is missing: k was taken as the file of --output; write --output FILE k",
  ],
  [
    "a file that is meant",
    ["record", "-o", "night.jsonl"],
    "the database is missing: night.jsonl was taken as the file of -o; write -o night.jsonl DATABASE",
  ],
  [
    "a unit",
    ["record", "--unit", "/srv/app.sqlite3"],
    "the database is missing: /srv/app.sqlite3 was taken as the unit of --unit; write --unit UNIT /srv/app.sqlite3",
  ],
  [
    "a command",
    ["watch", "--run", "app.db"],
    "the database is missing: app.db was taken as the command of --run; write --run COMMAND app.db",
  ],
])("%s", (_, words, line) => {
  expect(lineOf(words)).toBe(line);
});

test.each<[string, string[], string?]>([
  ["no option with a value", ["who-holds", "--json"]],
  ["a value that fits", ["who-holds", "--wait", "30s"]],
  ["a time, though a file has that name", ["who-holds", "--wait", "10"]],
  ["a name of a few, though a file has it", ["who-holds", "--source", "lsof"]],
  ["a command that is meant", ["watch", "--alert", "1s", "--run", "./notify.sh"]],
  ["a unit that is meant", ["record", "--unit", "web.service"]],
  ["a process that is meant", ["record", "--pid=4242"]],
  ["no value", ["who-holds", "--wait"]],
  ["another error", ["who-holds", "--wait", "k.db"], "commander.unknownOption"],
  ["no such command", ["who", "--wait", "k.db"]],
])("none of it: %s", (_, words, code) => {
  expect(lineOf(words, code)).toBeNull();
});

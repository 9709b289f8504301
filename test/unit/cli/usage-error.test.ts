import { expect, test } from "vitest";
import { usageError } from "../../../src/cli/usage-error.ts";

const NAMES: ReadonlySet<string> = new Set(["help", "who-holds", "kill"]);

const line = (code: string, message: string, first: string, files: readonly string[] = []) => {
  const error = usageError({ code: `commander.${code}`, message }, first, NAMES, (path) => files.includes(path));
  expect([error.code, error.exitCode]).toEqual(["usage", 2]);
  return `${error.message}; ${error.hint}`;
};

test.each<[string, string, string, string]>([
  ["unknownCommand", "error: unknown command 'lsof'", "lsof", "unknown command 'lsof'; did you mean who-holds?"],
  ["unknownOption", "error: unknown option '-v'", "-v", "unknown option '-v'; did you mean --version?"],
  ["excessArguments", "error: too many arguments.", "lsof", "too many arguments; see sqlock --help"],
  [
    "unknownCommand",
    "error: unknown command 'kil'\n(Did you mean kill?)",
    "kil",
    "unknown command 'kil'; did you mean kill?",
  ],
  [
    "unknownOption",
    "error: unknown option '--forc'\n(Did you mean --force?)",
    "kill",
    "unknown option '--forc'; see sqlock kill --help",
  ],
  [
    "unknownCommand",
    "error: unknown command './my db'",
    "./my db",
    "unknown command './my db'; to see which processes hold it: sqlock who-holds './my db'",
  ],
  [
    "unknownCommand",
    "error: unknown command 'a.db'",
    "a.db",
    "unknown command 'a.db'; to see which processes hold it: sqlock who-holds a.db",
  ],
  ["unknownCommand", "error: unknown command 'x1'", "x1", "unknown command 'x1'; see sqlock --help"],
  [
    "unknownOption",
    "error: unknown option '--json'",
    "--json",
    "unknown option '--json'; put options after the command; see sqlock --help",
  ],
  [
    "missingArgument",
    "error: missing required argument 'database'",
    "",
    "missing required argument 'database'; see sqlock --help",
  ],
])("%s: %s", (code, message, first, expected) => {
  expect(line(code, message, first, ["a.db"])).toBe(expected);
});

/** The help of every command: the same structure, and only true statements. */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { optionsOf } from "../../../src/cli/completion/words.ts";
import { SHELLS } from "../../../src/cli/descriptions/completion.ts";
import { COMMANDS } from "../../../src/cli/descriptions/index.ts";
import { sqlock } from "../../support/sqlock.ts";

const NAMES = COMMANDS.map(({ name }) => name);

test("sqlock: all commands in groups, two examples, exit codes", async () => {
  const { code, stdout, stderr } = await sqlock(["--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^Usage: sqlock <command>/);
  for (const name of NAMES) expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, "m"));
  for (const group of ["Inspect", "Check", "Change", "Reproduce"]) expect(stdout).toContain(`\n${group}:\n`);
  expect(stdout.match(/^ {2}sqlock /gm)?.length).toBeGreaterThanOrEqual(2);
  expect(stdout).toContain("\nExit codes:\n    0  done\n");
  const [page = ""] = /\S+troubleshooting\.md/.exec(stdout) ?? [];
  expect(existsSync(page), page).toBe(true);
  expect(await sqlock(["help"])).toEqual({ code, stdout, stderr });
  expect(await sqlock(["help", "help"])).toEqual({ code, stdout, stderr });
  expect(await sqlock(["-h"])).toEqual({ code, stdout, stderr });
  expect(await sqlock([])).toEqual({ code: 2, stdout, stderr });
});

test.each(COMMANDS)(
  "$name: usage, groups, two examples, exit codes; help X, X -h and X --help are the same",
  async (page) => {
    const { code, stdout, stderr } = await sqlock([page.name, "-h"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^Usage: sqlock ${page.name} `));
    for (const { title } of page.groups) expect(stdout).toContain(`\n${title}:\n`);
    expect(stdout).not.toContain("\nOptions:\n  --"); // all stand in a group
    for (const { long } of optionsOf(page)) expect(stdout).toContain(`--${long}`);
    for (const { line } of page.examples) expect(stdout).toContain(`\n  ${line}\n`);
    expect(page.examples.length).toBeGreaterThanOrEqual(2);
    for (const { code: each, text } of page.exitCodes) expect(stdout).toContain(`${each}  ${text}`.slice(0, 50));
    expect(
      stdout.split("\n").filter((line) => line.length > 80 && !line.startsWith("  sqlock") && !line.includes("|")),
    ).toEqual([]);
    const narrow = await sqlock(["help", page.name], { env: { COLUMNS: "60" } });
    expect(narrow.stdout.split("\n").filter((line) => line.length > 60 && !/sqlock/.test(line))).toEqual([]);
  },
);

test("the examples use existing commands and options", () => {
  for (const { examples } of COMMANDS) {
    for (const { line } of examples) {
      const [, name = "", rest = ""] = /\bsqlock ([\w-]+)((?: [^|>&]*)?)/.exec(line) ?? [];
      const page = COMMANDS.find((each) => each.name === name);
      expect(page, line).toBeDefined();
      const known = page === undefined ? [] : optionsOf(page).flatMap(({ short, long }) => [`--${long}`, `-${short}`]);
      for (const option of rest.match(/(?<= )--?[a-z][\w-]*/g) ?? []) expect(known, line).toContain(option);
    }
  }
});

test("the same option means the same everywhere", () => {
  const words = new Map<string, Set<string>>();
  for (const page of COMMANDS) {
    for (const { options } of page.groups) {
      for (const { flags } of options) {
        const [name = "", value = ""] = flags.replace(/^-\w, /, "").split(" ");
        words.set(name, (words.get(name) ?? new Set()).add(value));
      }
    }
  }
  expect([...words].filter(([, values]) => values.size > 1)).toEqual([]);
  for (const page of COMMANDS.filter(({ name }) => name !== "demo" && name !== "completion")) {
    expect(
      optionsOf(page).map(({ long }) => long),
      page.name,
    ).toEqual(expect.arrayContaining(["json", "no-color", "help"]));
  }
});

test("help X, X -h and X --help are the same", async () => {
  const [word, short, long] = await Promise.all(
    [
      ["help", "kill"],
      ["kill", "-h"],
      ["kill", "--help"],
    ].map((args) => sqlock(args)),
  );
  expect(short).toEqual(word);
  expect(long).toEqual(word);
});

test("titles are bold if there are colours; the words are the same", async () => {
  const plain = await sqlock(["kill", "-h"]);
  const coloured = await sqlock(["kill", "-h"], { env: { FORCE_COLOR: "1", NO_COLOR: "" } });
  expect(coloured.stdout).toContain("\x1b[1mUsage:\x1b[22m");
  expect(coloured.stdout.replace(/\x1b\[\d+m/g, "")).toBe(plain.stdout);
});

test("versions", async () => {
  const { stdout } = await sqlock(["--version"]);
  expect(stdout).toMatch(/^sqlock \d+\.\d+\.\d+\nNode\.js \d+\.\d+\.\d+\nSQLite 3\.\d+\.\d+\n$/);
  expect(await sqlock(["-V"])).toEqual({ code: 0, stdout, stderr: "" });
});

test("a wrong word: the error suggests the nearest command or the next step", async () => {
  const told = async (...args: string[]) => {
    const { code, stdout, stderr } = await sqlock(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    return stderr;
  };
  expect(await told("help", "integritty")).toBe("sqlock: unknown command 'integritty'; did you mean integrity?\n");
  expect(await told("help", "x1")).toBe("sqlock: unknown command 'x1'; see sqlock --help\n");
  expect(await told("/etc/passwd")).toBe(
    "sqlock: unknown command '/etc/passwd'; to see which processes hold it: sqlock who-holds /etc/passwd\n",
  );
  expect(await told("kill", "a", "b")).toBe(
    "sqlock: too many arguments for 'kill'. Expected 1 argument but got 2; see sqlock kill --help\n",
  );
  expect(await told("watch", "--four", "1s", "x")).toBe("sqlock: unknown option '--four'; did you mean --for?\n");
  expect(await told("lsof")).toBe("sqlock: unknown command 'lsof'; did you mean who-holds?\n");
  expect(await told("-v")).toBe("sqlock: unknown option '-v'; did you mean --version?\n");
  expect(await told("--json", "who-holds", "x")).toBe(
    "sqlock: unknown option '--json'; put options after the command; see sqlock --help\n",
  );
  expect(await told("kill", "--source", "lsof", "x")).toBe(
    "sqlock: unknown option '--source'; see sqlock kill --help\n",
  ); // not: did you mean --force?
  expect(await told("journal-mode", "wal", "/etc/passwd")).toBe(
    "sqlock: /etc/passwd is a file, not a journal mode; the database comes first, then wal or delete\n",
  );
  expect(await told("completion", "tcsh")).toBe(
    `sqlock: there is no completion for the shell "tcsh"; choose one of ${SHELLS.join(", ")}\n`,
  );
});

test("--pid takes several pids, and the word after them is the database", async () => {
  for (const words of [
    ["--pid", "4242", "4243", "none.db"],
    ["--pid=4242", "none.db"],
    ["none.db", "--pid", "4242", "--pid", "4243", "--dry-run"],
  ])
    expect((await sqlock(["kill", ...words])).stderr).toMatch(/^sqlock: .*none\.db/);
  expect((await sqlock(["kill", "--pid", "none.db", "x"])).stderr).toContain('--pid "none.db" is not a process id');
  expect((await sqlock(["who-holds", "--", "--pid"])).stderr).toContain("--pid; check the path");
  expect((await sqlock(["kill", "x", "--pid"])).stderr).toMatch(
    /^sqlock: option '--pid <pid\.\.\.>' argument missing; /,
  );
});

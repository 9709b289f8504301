/** The completion, in the shells themselves. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, type TestContext, test } from "vitest";
import { COMMANDS } from "../../../src/cli/descriptions/index.ts";
import { has, need } from "../../support/skip.ts";
import { BIN, sqlock } from "../../support/sqlock.ts";
import { tempFolder } from "../../support/temp.ts";
import { Terminal } from "../../support/tmux.ts";

const NAMES = [...COMMANDS.map(({ name }) => name), "help"].toSorted();

/** A folder with three databases, a folder and a text file, and `sqlock` on the PATH. */
function place(): { folder: string; path: string } {
  const folder = tempFolder();
  for (const name of ["-dash.db", "db.sqlite3", "my data.db", "odd'name.db"]) {
    const db = new Database(join(folder, name));
    db.exec("create table t(a)");
    db.close();
  }
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "notes.txt"), "no database");
  const bin = tempFolder();
  writeFileSync(join(bin, "sqlock"), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
  chmodSync(join(bin, "sqlock"), 0o755);
  return { folder, path: `${bin}:${process.env["PATH"]}` };
}

/** What bash offers for the last word. */
function bash(folder: string, script: string, ...words: string[]): string[] {
  const program = `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sqlock; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync("bash", ["--norc", "-c", program, "bash", ...words], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return output.split("\n").filter(Boolean).toSorted();
}

/** The script that sqlock prints; an error in it appears on the shell's stderr. */
async function scriptFor(shell: string): Promise<string> {
  const { code, stdout, stderr } = await sqlock(["completion", shell]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const file = join(tempFolder(), "script");
  writeFileSync(file, stdout);
  execFileSync(shell, ["-n", file]);
  return stdout;
}

test("bash: commands, options, values, databases", async () => {
  const { folder } = place();
  const script = await scriptFor("bash");
  const offered = (...words: string[]) => bash(folder, script, "sqlock", ...words);
  expect(offered("")).toEqual([...NAMES, "--help", "--version"].toSorted());
  expect(offered("wa")).toEqual(["watch"]);
  expect(offered("kill", "--st")).toEqual(["--stale", "--stale-after"]);
  expect(offered("integrity", "--reporter", "s")).toEqual(["sarif"]);
  expect(offered("integrity", "--reporter", "=", "s")).toEqual(["sarif"]);
  expect(offered("who-holds", "")).toEqual(["./-dash.db", "db.sqlite3", "my data.db", "odd'name.db", "sub"]);
  expect(offered("who-holds", "--", "-")).toEqual(["./-dash.db"]);
  expect(offered("who-holds", "d")).toEqual(["db.sqlite3"]);
  expect(offered("who-holds", "notes")).toEqual(["notes.txt"]);
  expect(offered("journal-mode", "db.sqlite3", "")).toEqual(["delete", "wal"]);
  expect(offered("help", "ki")).toEqual(["kill"]);
  expect(offered("kill", "--pid", "")).toEqual([]);
});

test("bash: loaded twice, with set -u; nothing that was typed is executed", async () => {
  const { folder } = place();
  const script = await scriptFor("bash");
  const trap = join(folder, "was-run");
  const told = execFileSync(
    "bash",
    [
      "--norc",
      "-uc",
      `${script}\n${script}\nCOMP_WORDS=(sqlock who-holds '$(touch ${trap})'); COMP_CWORD=2; _sqlock; true`,
    ],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  expect(told).toBe("");
  expect(existsSync(trap)).toBe(false);
});

test("fish: commands, options, values, databases", async (context) => {
  need(context, has("fish"), "fish");
  const { folder, path } = place();
  await scriptFor("fish");
  const offered = (line: string) =>
    execFileSync("fish", ["--no-config", "-c", "sqlock completion fish | source; complete -C $argv[1]", line], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, PATH: path, HOME: folder },
      stdio: ["ignore", "pipe", "ignore"],
    })
      .split("\n")
      .map((each) => each.split("\t")[0])
      .filter(Boolean)
      .toSorted();
  expect(offered("sqlock ")).toEqual(NAMES);
  expect(offered("sqlock kill --st")).toEqual(["--stale", "--stale-after"]);
  expect(offered("sqlock integrity --reporter ")).toEqual(["github", "json", "junit", "pretty", "sarif"]);
  expect(offered("sqlock who-holds ")).toEqual(["db.sqlite3", "my data.db", "odd'name.db", "sub/"]);
  // fish hides what begins with a dot until one is typed
  expect(offered("sqlock who-holds ./-")).toEqual(["./-dash.db"]);
  expect(offered("sqlock who-holds no")).toEqual(["notes.txt"]);
  expect(offered("sqlock journal-mode db.sqlite3 ")).toEqual(["delete", "wal"]);
});

/** A shell on a terminal, with the completion. */
async function terminalWith(context: TestContext, command: string): Promise<Terminal> {
  need(context, has("tmux"), "tmux");
  const terminal = new Terminal(100, 30);
  await terminal.enter(command);
  await terminal.shows("%%");
  return terminal;
}

async function typed(terminal: Terminal, text: string, expected: RegExp): Promise<void> {
  terminal.press("C-e", "C-u", "C-l");
  terminal.press(text, "Tab");
  await terminal.shows(expected);
}

test("zsh, on a terminal", async (context) => {
  need(context, has("zsh"), "zsh");
  const { folder, path } = place();
  await scriptFor("zsh");
  writeFileSync(
    join(folder, ".zshrc"),
    `PROMPT='%%%% '\nautoload -U compinit; compinit -u -D\neval "$(sqlock completion zsh)"\ncd '${folder}'\n`,
  );
  const terminal = await terminalWith(context, `PATH='${path}' ZDOTDIR='${folder}' exec zsh -i`);
  await typed(terminal, "sqlock wa", /sqlock watch$/m);
  await typed(terminal, "sqlock kill --sig", /--signal=/);
  await typed(terminal, "sqlock integrity --reporter sa", /--reporter sarif/);
  await typed(terminal, "sqlock who-holds d", /who-holds db\.sqlite3/);
  await typed(terminal, "sqlock who-holds my", /who-holds my\\ data\.db/);
  await typed(terminal, "sqlock who-holds ", /db\.sqlite3 +my\\ data\.db +odd\\'name\.db +sub\//);
  await typed(terminal, "sqlock journal-mode db.sqlite3 w", /db\.sqlite3 wal/);
});

test("bash, on a terminal: names with spaces and quotes", async (context) => {
  const { folder, path } = place();
  writeFileSync(join(folder, "rc"), `PS1='%% '\neval "$(sqlock completion bash)"\ncd '${folder}'\n`);
  const terminal = await terminalWith(context, `PATH='${path}' exec bash --noprofile --rcfile '${folder}/rc' -i`);
  await typed(terminal, "sqlock who-holds my", /who-holds my\\ data\.db/);
  await typed(terminal, "sqlock who-holds 'my d", /who-holds 'my data\.db'/);
  await typed(terminal, "sqlock who-holds odd", /who-holds odd\\'name\.db/);
});

/** Some tests, run where the user of the machine has habits. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { pythonPath } from "../support/holder.ts";
import { ROOT } from "../support/root.ts";
import { SOAK } from "../support/soak.ts";
import { tempFolder } from "../support/temp.ts";

const SOME = [
  "test/unit/features/explain/times.test.ts",
  "test/unit/text",
  "test/system/reproductions/unread-cursor.test.ts",
];
const MORE = [
  "test/unit",
  "test/system/cli",
  "test/system/ordinary-user.test.ts",
  "test/system/findings",
  "test/system/reproductions",
  "test/docs/commands.test.ts",
];

/** `python3` as pyenv and asdf have it: a shell script that looks at its own name. */
const SHIM = `#!/bin/bash
case "\${0##*/}" in
  python3) exec '${pythonPath()}' "$@" ;;
  *) echo "shim: $0: command not found" >&2; exit 127 ;;
esac
`;

function habits(): NodeJS.ProcessEnv {
  const folder = tempFolder();
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/python3"), SHIM, { mode: 0o755 });
  writeFileSync(join(folder, "start.py"), 'print("a greeting")\nraise SystemExit(3)\n');
  writeFileSync(join(folder, "sitecustomize.py"), 'print("a greeting")\n');
  writeFileSync(join(folder, "rc"), "echo a greeting\nalias ls='ls --color=always'\nset -u\n");
  writeFileSync(join(folder, ".npmrc"), "ignore-scripts=true\nloglevel=silly\n");
  writeFileSync(join(folder, ".sqliterc"), ".mode box\n.headers on\n");
  return {
    HOME: folder,
    PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
    SQLOCK_TEST_PYTHON: undefined,
    SQLOCK_TEST_HOME: undefined,
    PYTHONSTARTUP: join(folder, "start.py"),
    PYTHONPATH: folder,
    PYTHONINSPECT: "1",
    NODE_OPTIONS: "--trace-deprecation --title=habit",
    NODE_EXTRA_CA_CERTS: "/etc/ssl/certs/ca-certificates.crt",
    BASH_ENV: join(folder, "rc"),
    ENV: join(folder, "rc"),
    LANG: "tr_TR.UTF-8",
    LC_ALL: "de_DE.UTF-8",
    TZ: "Asia/Kathmandu",
    FORCE_COLOR: "3",
    COLUMNS: "20",
    TERM: "dumb",
    TMPDIR: join(folder, "not-there"),
    CDPATH: "/",
  };
}

test("tests pass whatever the variables, dot files, mask and limits of the user are", async () => {
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  // the soft limit that most users have; vitest itself opens more files at once than that, and Node.js raises it
  const command = `umask 077; ulimit -S -n 1024; exec '${process.execPath}' '${vitest}' run "$@"`;
  const projects = ["--project", "unit", "--project", "system"];
  const files = SOAK ? MORE : SOME;
  const { exitCode, all } = await execa("sh", ["-c", command, "sh", ...projects, "--no-color", ...files], {
    cwd: ROOT,
    env: { ...habits(), VITEST: undefined, TEST: undefined, NODE_ENV: undefined },
    reject: false,
    all: true,
    stdin: "ignore",
  });
  expect(exitCode, all).toBe(0);
  expect(all).not.toContain("a greeting");
});

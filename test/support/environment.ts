/**
 * What the tests start must not depend on the habits of the machine's user: variables that change how Node.js, Python,
 * a shell or npm start, languages, time zones, colours, dot files,
 * and who called sudo.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Variables that nothing gets. `NODE_EXTRA_CA_CERTS` alone costs each start of Node.js 35 ms. */
const DROPPED = [
  /^NODE_(?!ENV$)/,
  /^PYTHON/,
  /^(VIRTUAL_ENV|PYENV_VERSION|DJANGO_SETTINGS_MODULE|FLASK_\w+|SQLALCHEMY_\w+)$/,
  /^(BASH_ENV|ENV|CDPATH|GLOBIGNORE|POSIXLY_CORRECT|PROMPT_COMMAND|ZDOTDIR|BASH_FUNC_.*)$/,
  /^(LANG|LANGUAGE|LC_.*|TZ|TZDIR)$/,
  /^(FORCE_COLOR|NO_COLOR|CLICOLOR\w*|COLORTERM|COLUMNS|LINES|TERM|TERMINFO)$/,
  /^(TMPDIR|TMP|TEMP|TMUX\w*|GREP_OPTIONS|LESS|PAGER|XDG_.*|SQLITE_\w+|DEBUG)$/,
  /^SQLOCK_(?!TEST_)/,
  /^GITHUB_/,
  /^(SUDO_\w+|DOAS_USER|PKEXEC_UID)$/,
];

/** The same for everybody. */
const SET = { LANG: "C.UTF-8", TZ: "UTC", TERM: "xterm", PYTHONDONTWRITEBYTECODE: "1" };

/** What npm needs of them is kept under these names. */
const REAL_HOME = "SQLOCK_TEST_HOME";
const CERTIFICATES = "SQLOCK_TEST_CA_CERTS";

/** The variables without the habits. */
export function cleanVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !DROPPED.some((pattern) => pattern.test(name)));
  return { ...Object.fromEntries(kept), ...SET };
}

/** Replaces the variables of this process, which everything that it starts gets; so is the mask of new files. */
export function cleanEnvironment(): void {
  process.umask(0o022);
  const certificates = process.env["NODE_EXTRA_CA_CERTS"];
  const clean = {
    ...cleanVariables(process.env),
    ...(certificates === undefined ? {} : { [CERTIFICATES]: certificates }),
  };
  for (const name of Object.keys(process.env)) if (!(name in clean)) delete process.env[name];
  Object.assign(process.env, clean);
}

/** Variables for npm where it asks a registry: the user's cache, his settings of the network, and his certificates. */
export function npmVariables(): NodeJS.ProcessEnv {
  return { HOME: process.env[REAL_HOME], NODE_EXTRA_CA_CERTS: process.env[CERTIFICATES] };
}

/**
 * Gives what is started from here an empty home folder, and the Python binary itself as `python3`: a version manager
 * (pyenv, asdf) puts a shell script of that name first into the PATH.
 */
export function isolateHome(folder: string): void {
  const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
  for (const name of ["home", "path"]) mkdirSync(join(folder, name));
  symlinkSync(python, join(folder, "path/python3"));
  process.env["SQLOCK_TEST_PYTHON"] = python;
  process.env[REAL_HOME] ??= process.env["HOME"];
  process.env["HOME"] = join(folder, "home");
  process.env["PATH"] = `${join(folder, "path")}${delimiter}${process.env["PATH"]}`;
}

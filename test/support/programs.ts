/** The programs that some tests start, and the packages of Debian that have them. `.ci/run` installs all of them. */
import { execFileSync } from "node:child_process";

/** By program. Those of coreutils, findutils, procps and util-linux, which are on every machine, are not here. */
export const PACKAGES: Readonly<Record<string, string>> = {
  bindfs: "bindfs",
  cc: "gcc",
  file: "file",
  fish: "fish",
  fuser: "psmisc",
  groff: "groff-base",
  jq: "jq",
  less: "less",
  lsof: "lsof",
  mandoc: "mandoc",
  "mkfs.btrfs": "btrfs-progs",
  "mkfs.ext4": "e2fsprogs",
  ps: "procps",
  rsync: "rsync",
  script: "bsdutils",
  sqlcipher: "sqlcipher",
  sqlite3: "sqlite3",
  strace: "strace",
  tmux: "tmux",
  zsh: "zsh",
};

/** By Python module. */
export const PYTHON_PACKAGES: Readonly<Record<string, string>> = {
  django: "python3-django",
  flask: "python3-flask",
  pytest: "python3-pytest",
  sqlalchemy: "python3-sqlalchemy",
};

/** Set by CI: a program or module of these packages that is missing is an error; elsewhere it skips the test. */
export const ALL_REQUIRED = process.env["SQLOCK_TEST_REQUIRE"] === "1";

const known = new Map<string, boolean>();

/** Whether a program is there. @throws Error where it is not, is one of PACKAGES, and all are required. */
export function has(program: string): boolean {
  const found = known.get(program) ?? runs("sh", "-c", 'command -v "$0"', program);
  known.set(program, found);
  if (!found && ALL_REQUIRED && program in PACKAGES) throw missing(program, PACKAGES[program]);
  return found;
}

/** Whether this Python has the modules. */
export function hasModules(python: string, modules: readonly string[]): boolean {
  const program = `import ${modules.join(", ")}`;
  const key = `${python} ${program}`;
  const found = known.get(key) ?? runs(python, "-c", program);
  known.set(key, found);
  return found;
}

/** What to say of a program or a Python module that CI must have. */
export function missing(name: string, debianPackage: string | undefined): Error {
  return new Error(`${name} is missing: apt-get install ${debianPackage} (SQLOCK_TEST_REQUIRE=1 allows no such skip)`);
}

function runs(program: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

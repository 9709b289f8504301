/** The programs that some tests start, and the packages of Debian that have them. `.ci/run` installs all of them. */
import { execFileSync } from "node:child_process";

/** By program. Those of coreutils, findutils, procps and util-linux, which are on every machine, are not here. */
export const PACKAGES: Readonly<Record<string, string>> = {
  bindfs: "bindfs",
  cc: "gcc",
  chromium: "chromium",
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
  "systemd-analyze": "systemd",
  tmux: "tmux",
  zsh: "zsh",
};

/** By Python module. */
export const PYTHON_PACKAGES: Readonly<Record<string, string>> = {
  aiosqlite: "python3-aiosqlite",
  django: "python3-django",
  flask: "python3-flask",
  pip: "python3-pip",
  pytest: "python3-pytest",
  sqlalchemy: "python3-sqlalchemy",
};

/** Drivers, by interpreter: how it loads them, and the packages that have them. */
export const DEBIAN_DRIVERS = {
  "lua5.4": { loads: ["lua5.4", "-e", 'require("luasql.sqlite3")'], debian: "lua5.4 lua-sql-sqlite3" },
  perl: { loads: ["perl", "-MDBD::SQLite", "-e", "0"], debian: "libdbd-sqlite3-perl" },
  php: {
    loads: ["php", "-r", "exit(class_exists('SQLite3') && extension_loaded('pdo_sqlite') ? 0 : 1);"],
    debian: "php-cli php-sqlite3",
  },
  ruby: { loads: ["ruby", "-e", 'require "sqlite3"'], debian: "ruby ruby-sqlite3" },
  tclsh: {
    loads: ["sh", "-c", "echo 'exit [catch { package require sqlite3 }]' | tclsh"],
    debian: "tcl libsqlite3-tcl",
  },
} as const;

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

/** Whether an interpreter is there, with its driver. @throws Error where it is not, and all are required. */
export function hasDriver(interpreter: keyof typeof DEBIAN_DRIVERS): boolean {
  const { loads, debian } = DEBIAN_DRIVERS[interpreter];
  const [program, ...args] = loads;
  const found = known.get(debian) ?? runs(program, ...args);
  known.set(debian, found);
  if (!found && ALL_REQUIRED) throw missing(`${interpreter} with its driver`, debian);
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

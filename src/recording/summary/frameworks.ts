/**
 * Through what a program uses SQLite, so that a cure can be told in its words: from lines of libraries, the command,
 * and the driver. Pure; its memory is bounded.
 */
import type { CallSite, ProcessLine } from "../lines.ts";

export const FRAMEWORKS = [
  "django",
  "sqlalchemy",
  "flask",
  "aiosqlite",
  "sqlite3",
  "better-sqlite3",
  "node:sqlite",
  "node-sqlite3",
] as const;
export type Framework = (typeof FRAMEWORKS)[number];

/** What stands above the driver, the most decisive first: Flask opens no connection itself. */
const BY_FOLDER = ["django", "sqlalchemy", "aiosqlite", "flask"] as const satisfies readonly Framework[];

const DRIVERS: ReadonlySet<string> = new Set<Framework>(["sqlite3", "better-sqlite3", "node:sqlite", "node-sqlite3"]);

const MOST = 2_000;

export class Frameworks {
  readonly #drivers = new Map<number, Framework>();
  /** Above the driver: by process. */
  readonly #above = new Map<number, Set<Framework>>();

  process({ pid, commandLine }: ProcessLine): void {
    const framework = commandLine === null ? null : ofCommand(commandLine);
    if (framework !== null) this.#add(pid, framework);
  }

  driver(pid: number, driver: string): void {
    if (DRIVERS.has(driver) && this.#drivers.size < MOST) this.#drivers.set(pid, driver as Framework);
    else if (driver === "pysqlite3" && this.#drivers.size < MOST) this.#drivers.set(pid, "sqlite3");
  }

  /** The package that opened a connection. */
  library(pid: number, name: string | undefined): void {
    const framework = BY_FOLDER.find((each) => each === name);
    if (framework !== undefined) this.#add(pid, framework);
  }

  site(pid: number, site: CallSite | null | undefined): void {
    if (site?.inLibrary !== true) return;
    const parts = site.file.split("/");
    const framework = BY_FOLDER.find((name) => parts.includes(name));
    if (framework !== undefined) this.#add(pid, framework);
  }

  /** Null: not known. */
  of(pid: number | undefined): Framework | null {
    if (pid === undefined) return null;
    const above = this.#above.get(pid);
    return BY_FOLDER.find((name) => above?.has(name) === true) ?? this.#drivers.get(pid) ?? null;
  }

  #add(pid: number, framework: Framework): void {
    const above = this.#above.get(pid);
    if (above !== undefined) above.add(framework);
    else if (this.#above.size < MOST) this.#above.set(pid, new Set([framework]));
  }
}

/** `python manage.py import`, `django-admin …`, `flask run`, `python -m flask …`. */
function ofCommand(commandLine: readonly string[]): Framework | null {
  const words = commandLine.slice(0, 4).map((word) => word.slice(word.lastIndexOf("/") + 1));
  if (words.includes("manage.py") || words.includes("django-admin")) return "django";
  const [program = "", first, second] = words;
  const isFlask = program === "flask" || first === "flask" || (first === "-m" && second === "flask");
  return isFlask ? "flask" : null;
}

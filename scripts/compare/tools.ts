/** The tools that are compared, and what they print. */
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../test/support/root.ts";

export const TOOLS = ["lsof", "fuser", "lslocks", "getlock", "sqlock"] as const;
export type Tool = (typeof TOOLS)[number];

/**
 * tool/getlock.c of SQLite's sources (3.40.1, as Debian ships them; in the public domain), which every distribution
 * leaves out of its packages.
 */
const GETLOCK = join(ROOT, "test/fixtures/getlock/getlock.c");

const AS_NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"];

/** Runs the tools; `folder` is one that every user may read. */
export class Toolbox {
  readonly #programs = new Map<Tool, readonly string[]>();
  /** Why each tool that is not there is not. */
  readonly missing = new Map<Tool, string>();

  constructor(folder: string, sqlock: string) {
    for (const tool of ["lsof", "fuser", "lslocks"] as const) {
      if (isThere(tool)) this.#programs.set(tool, [tool]);
      else this.missing.set(tool, `${tool} is not installed`);
    }
    if (isThere("cc")) {
      execFileSync("cc", ["-o", join(folder, "getlock"), GETLOCK], { stdio: ["ignore", "ignore", "inherit"] });
      this.#programs.set("getlock", [join(folder, "getlock")]);
    } else this.missing.set("getlock", "there is no C compiler for it");
    this.#programs.set("sqlock", [process.execPath, sqlock]);
  }

  /** `4.95.0`, by tool; of getlock that of the SQLite it belongs to, of sqlock null. */
  version(tool: Tool): string | null {
    if (tool === "sqlock") return null;
    if (tool === "getlock") return "3.40.1";
    const output = this.run(tool, [tool === "lsof" ? "-v" : "-V"]) ?? "";
    return /(?:revision: |\(PSmisc\) |util-linux )([\d.]+)/.exec(output)?.[1] ?? null;
  }

  /** What it prints on both streams. @returns null where the tool is not there. */
  run(tool: Tool, args: readonly string[], { asNobody = false, input = "" } = {}): string | null {
    const own = this.#programs.get(tool);
    if (own === undefined) return null;
    const [program = "", ...rest] = [...(asNobody ? AS_NOBODY : []), ...own, ...args];
    const { stdout, stderr, error } = spawnSync(program, rest, {
      input,
      encoding: "utf8",
      timeout: 60_000,
      env: { PATH: process.env["PATH"], LANG: "C.UTF-8", NO_COLOR: "1" },
    });
    if (error !== undefined) throw error;
    return stdout + stderr;
  }
}

export function isThere(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status === 0;
}

/** The lines of an output that name this process. */
export function linesOf(output: string, pid: number): string[] {
  return output.split("\n").filter((line) => new RegExp(`(^|\\D)${pid}(\\D|$)`).test(line));
}

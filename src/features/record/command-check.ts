/** Whether the command after `--` can be started: before anything is recorded, or a file replaced. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { UserError } from "../../errors.ts";

export type Command = readonly [string, ...string[]];

/** @throws UserError where it cannot be found, or not be executed */
export function checkCommand([program]: Command, path = process.env["PATH"] ?? ""): void {
  refuse(program, theProblem(placesOf(program, path).map(problemOf)));
}

/** Where it may be, as execvp(3) looks for it. */
export function placesOf(program: string, path: string): string[] {
  if (program.includes("/")) return [program];
  return path.split(delimiter).map((folder) => join(folder === "" ? "." : folder, program));
}

export type Problem = "not-found" | "folder" | "not-executable" | "interpreter" | "closed";

/**
 * One for each place, in order. As execvp(3): a file that may not be executed is skipped, but reported if there is no
 * other.
 */
export function theProblem(problems: readonly (Problem | null)[]): Problem | null {
  if (problems.includes(null)) return null;
  return problems.find((problem) => problem !== "not-found") ?? "not-found";
}

export function problemOf(file: string): Problem | null {
  try {
    if (statSync(file).isDirectory()) return "folder";
    accessSync(file, constants.X_OK);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES" ? "not-executable" : "not-found";
  }
}

const PROBLEMS: Readonly<Record<Problem, readonly [what: string, hint: string]>> = {
  "not-found": ["cannot be found", "check its name, or give its path"],
  folder: ["is a folder", "give the command that should run"],
  "not-executable": ["cannot be executed", "check its permissions (chmod +x), or start it with its interpreter"],
  interpreter: ["has an interpreter that cannot be executed", "check the path in its first line, after #!"],
  closed: ["cannot be reached", "check the permissions of the folders above it, or give another --user"],
};

/** `user`: as whom it would run; null: as who runs sqlock. @throws UserError */
export function refuse(program: string, problem: Problem | null, user: string | null = null): void {
  if (problem === null) return;
  const [what, hint] = PROBLEMS[problem];
  const by = user === null || problem === "folder" ? "" : ` by user ${user}`;
  throw new UserError("no-command", `the command ${JSON.stringify(program)} ${what}${by}`, hint);
}

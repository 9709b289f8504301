/** Tests that need more than every machine has: they say why they do not run. */
import { execFileSync } from "node:child_process";
import type { TestContext } from "vitest";

export const isRoot = process.geteuid?.() === 0;

/** `skipped: needs root` and the like, when `condition` is false. */
export function need(context: TestContext, condition: boolean, what: string): void {
  if (condition) return;
  console.log(`skipped: needs ${what} (${context.task.name})`);
  context.skip(`skipped: needs ${what}`);
}

/** Whether a program is there. */
export function has(program: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

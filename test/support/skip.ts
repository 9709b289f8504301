/** Tests that need more than every machine has: they say why they do not run. skip-reporter.ts counts them. */
import type { TestContext } from "vitest";

export { has } from "./programs.ts";

export const isRoot = process.geteuid?.() === 0;

/** Skips the test where `condition` is false. */
export function need(context: TestContext, condition: boolean, what: string): void {
  if (!condition) context.skip(`needs ${what}`);
}

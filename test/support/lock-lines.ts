/** What must hold for the locks of every recording. */
import { expect } from "vitest";
import type { LockLine } from "../../src/recording/lines.ts";

/** No two processes have conflicting locks at a time. */
export function expectNoConflict(locks: readonly LockLine[]): void {
  for (const list of groupBy(locks).values()) {
    const sorted = [...list].sort((a, b) => a.fromMs - b.fromMs);
    sorted.forEach((first, i) => {
      for (const second of sorted.slice(i + 1)) {
        if (second.fromMs >= (first.toMs ?? Number.POSITIVE_INFINITY)) continue;
        if (second.pid === first.pid || (first.lockType === "read" && second.lockType === "read")) continue;
        expect.fail(`two holders: ${JSON.stringify(first)} ${JSON.stringify(second)}`);
      }
    });
  }
}

/** SHARED and EXCLUSIVE are of the same bytes. */
function groupBy(locks: readonly LockLine[]): Map<string, LockLine[]> {
  const groups = new Map<string, LockLine[]>();
  for (const line of locks) {
    const key = `${line.path} ${line.lock === "EXCLUSIVE" ? "SHARED" : line.lock}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return groups;
}

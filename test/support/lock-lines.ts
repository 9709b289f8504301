/** What must hold for the locks of every recording. */
import { expect } from "vitest";
import { groupBy } from "../../src/features/integrity/group-by.ts";
import type { LockLine } from "../../src/recording/lines.ts";

/** No two processes have conflicting locks at a time. */
export function expectNoConflict(locks: readonly LockLine[]): void {
  for (const list of groupBy(locks, bytesOf).values()) {
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
function bytesOf({ path, lock }: LockLine): string {
  return `${path} ${lock === "EXCLUSIVE" ? "SHARED" : lock}`;
}

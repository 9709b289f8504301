/** After a run: how many tests were skipped, and why. */
import type { Reporter, TestCase, TestModule } from "vitest/node";

export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = skipLines(modules.flatMap((module) => [...module.children.allTests("skipped")].map(reasonOf)));
    for (const line of lines) console.log(line);
  }
}

function reasonOf(test: TestCase): string | undefined {
  const result = test.result();
  return result.state === "skipped" ? result.note : undefined;
}

/** Tests that the command line left out (`-t`) have no reason, and are not counted. */
export function skipLines(reasons: readonly (string | undefined)[]): string[] {
  const counts = new Map<string, number>();
  for (const reason of reasons) if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return ["No test was skipped."];
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return [`${total} ${total === 1 ? "test was" : "tests were"} skipped:`].concat(
    sorted.map(([reason, count]) => `  ${count} × ${reason}`),
  );
}

/** After a run: the tests that passed at the second try, and why not at the first. */
import type { Reporter, TestCase, TestModule } from "vitest/node";

interface SecondTry {
  readonly test: string;
  readonly error: string;
}

export default class SecondTryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const passed = modules.flatMap((module) => [...module.children.allTests("passed")]);
    for (const line of secondTryLines(passed.flatMap((test) => secondTryOf(test) ?? []))) console.log(line);
  }
}

function secondTryOf(test: TestCase): SecondTry | null {
  if (test.diagnostic()?.flaky !== true || test.options.retry) return null; // or it asks for tries of its own
  const [error] = test.result().errors ?? [];
  return { test: `${test.module.relativeModuleId} > ${test.fullName}`, error: error?.stack ?? error?.message ?? "?" };
}

export function secondTryLines(tries: readonly SecondTry[]): string[] {
  return tries.map(
    ({ test, error }) => `passed at the second try: ${test}\n${error.trimEnd().replace(/^(?=.)/gm, "    ")}`,
  );
}

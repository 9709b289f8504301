/** Each failure when it happens, with its reason: a run of half an hour may be ended before its summary. */
import { stripVTControlCharacters } from "node:util";
import type { Reporter, TestCase } from "vitest/node";

export default class FailureReporter implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state !== "failed") return;
    const name = `${test.module.relativeModuleId} > ${test.fullName}`;
    console.log(failureLines(name, result.errors).join("\n"));
  }
}

export interface Reason {
  readonly message: string;
  readonly diff?: string | undefined;
  readonly stacks?: readonly { readonly file: string; readonly line: number }[] | undefined;
}

/** Without colours, and what is long is cut: the summary has all of it. */
export function failureLines(name: string, errors: readonly Reason[]): string[] {
  const reasons = errors.flatMap(({ message, diff, stacks }) => {
    const [place] = stacks ?? [];
    const where = place === undefined ? [] : [`at ${place.file}:${place.line}`];
    return [...cut(message), ...cut(diff ?? ""), ...where];
  });
  return [`failed: ${name}`, ...reasons.map((line) => `  ${line}`)];
}

const MAX_LINES = 40;
const MAX_COLUMNS = 1000;

function cut(text: string): string[] {
  const lines = stripVTControlCharacters(text)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.slice(0, MAX_COLUMNS));
  return lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES), "…"] : lines;
}

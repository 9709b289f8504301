/** The result for a file that SQLite is not asked about: by its first bytes it is empty, or no database. Pure. */
import { contentOf } from "../../safe-open/first-bytes.ts";
import { headerFaults, isRefusedBySqlite } from "../../safe-open/header.ts";
import { headerProblem } from "./header-problem.ts";
import { CHECK_NAMES } from "./report.ts";
import { type CheckResult, uncheckedResult } from "./result.ts";

interface File {
  readonly path: string;
  readonly givenAs: string;
  readonly sizeBytes: number;
}

/** `header`: its first 100 bytes, or all where there are no more. */
export function firstBytesResult({ path, givenAs, sizeBytes }: File, header: Uint8Array): CheckResult {
  const content = contentOf(header);
  const result = { ...uncheckedResult(path, givenAs, { kind: "refused-header" }), sizeBytes };
  switch (content.kind) {
    case "empty": {
      const checks = CHECK_NAMES.map((name) => ({ name, failed: false, reasons: [], durationMs: null }));
      return { ...result, verdict: "ok", pageCount: 0, sizeBytes: 0, checks };
    }
    case "damaged-magic": {
      const faults = headerFaults(header, { sizeBytes, sizeMoves: true });
      const checks = result.checks.map((check) =>
        check.name === "header" ? { ...check, failed: true, reasons: [] } : check,
      );
      const problems = faults.filter(isRefusedBySqlite).map((fault) => headerProblem({ kind: "header", fault }));
      return { ...result, verdict: "corrupt", problems, checks };
    }
    case "encrypted":
    case "not-a-database":
      return { ...uncheckedResult(path, givenAs, { kind: "content", path, content }), sizeBytes };
  }
}

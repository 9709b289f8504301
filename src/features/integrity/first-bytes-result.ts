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
  /** Its size was another one a moment later. */
  readonly sizeMoves?: boolean;
  /** The suffixes of the companion files beside it. */
  readonly companions?: readonly string[];
}

/** `header`: its first 100 bytes, or all where there are no more. */
export function firstBytesResult(file: File, header: Uint8Array): CheckResult {
  const { path, givenAs, sizeBytes } = file;
  const content = contentOf(header);
  switch (content.kind) {
    case "empty":
      return { ...emptyResult(file), sizeBytes: 0 };
    case "damaged-magic":
    case "cut-header": {
      if (content.kind === "cut-header" && file.sizeMoves === true) return { ...movingResult(file), sizeBytes };
      const result = { ...uncheckedResult(path, givenAs, { kind: "refused-header" }), sizeBytes };
      const faults = headerFaults(header, { sizeBytes, sizeMoves: content.kind !== "cut-header" });
      const checks = result.checks.map((check) =>
        check.name === "header" ? { ...check, failed: true, reasons: [] } : check,
      );
      const problems = faults.filter(isRefusedBySqlite).map((fault) => headerProblem({ kind: "header", fault }));
      return { ...result, verdict: "corrupt", problems, checks };
    }
    case "encrypted":
    case "lfs-pointer":
    case "not-a-database":
      return { ...uncheckedResult(path, givenAs, { kind: "content", path, content }), sizeBytes };
  }
}

/**
 * For SQLite an empty file is a database of 0 pages, and a -wal or -journal beside it is to be deleted (`pager.c`,
 * pagerOpenWalIfPresent and hasHotJournal): what the file held may be in them, or lost.
 */
function emptyResult({ path, givenAs, companions = [] }: File): CheckResult {
  const result = uncheckedResult(path, givenAs, { kind: "empty", path, companions });
  if (companions.length > 0) return result;
  const checks = CHECK_NAMES.map((name) => ({ name, failed: false, reasons: [], durationMs: null }));
  return { ...result, verdict: "ok", pageCount: 0, checks };
}

/** It is being written, or cut off, at this moment. */
function movingResult({ path, givenAs }: File): CheckResult {
  const refusal = { kind: "changed" } as const;
  return uncheckedResult(path, givenAs, { kind: "refused", path, refusal, journalMode: "unknown" });
}

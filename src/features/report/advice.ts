/** `report --advice FRAMEWORK`: settings that a recording, or one look at a database, gives a reason for. */
import { closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { UserError } from "../../errors.ts";
import { inspectOne } from "../../inspect/one.ts";
import { isPathError } from "../../model/report.ts";
import type { Advice } from "../../recording/advice/advice.ts";
import type { Evidence } from "../../recording/advice/evidence.ts";
import { AdviceGatherer } from "../../recording/advice/gather.ts";
import { adviceFor } from "../../recording/advice/rules.ts";
import type { RecordingLine } from "../../recording/lines.ts";
import { hasDatabaseMagic } from "../../sqlite/header.ts";
import { blankMs } from "./blank-time.ts";
import type { ReportInput } from "./input.ts";

/** Counts of a minute are one: their sums and lengths are all that is needed of them. */
const COUNTS_MS = 60_000;

export interface AdviceResult {
  readonly databases: readonly { readonly evidence: Evidence; readonly advice: readonly Advice[] }[];
  /** Events were lost, or it is a sample: counts are lower bounds. */
  readonly atLeast: boolean;
}

/** @throws UserError */
export async function adviseFrom(input: ReportInput): Promise<AdviceResult> {
  const gatherer = new AdviceGatherer();
  gatherer.add(input.meta);
  const take = (line: RecordingLine) => {
    if (line.type !== "meta") gatherer.add(line);
  };
  const { facts, summary } = await input.read(take, { countsMs: COUNTS_MS });
  const { span, meta } = input;
  const evidence = gatherer.evidence({
    watchedMs: Math.max(0, span.toMs - span.fromMs - blankMs(facts.blanks, span)),
    endMs: span.toMs,
    exact: meta.exact,
    patterns: summary.patterns,
  });
  return { databases: evidence.map(advised), atLeast: summary.atLeast };
}

/** From one look at a database. @throws UserError */
export async function adviseFromLook(path: string): Promise<AdviceResult> {
  const { lookEvidence } = await import("./look-evidence.ts");
  const { database } = await inspectOne(path);
  if (isPathError(database)) {
    const { code, message, hint } = database.error;
    throw new UserError(code, message, hint);
  }
  return { databases: [advised(lookEvidence(database))], atLeast: true };
}

function advised(evidence: Evidence) {
  return { evidence, advice: adviceFor(evidence) };
}

/** Whether it is no recording, but a database itself. What cannot be read is neither. */
export function isDatabaseFile(path: string): boolean {
  try {
    if (!statSync(path).isFile()) return false;
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      const bytes = Buffer.alloc(16);
      readSync(fd, bytes, 0, bytes.length, 0);
      return hasDatabaseMagic(bytes);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

/** `sqlock stress`: options in, report out, exit code. */
import { randomInt } from "node:crypto";
import { UserError } from "../errors.ts";
import { pageFiles } from "../features/output/page-files.ts";
import type { Given } from "../features/stress/create-database.ts";
import { lookAtDatabase } from "../features/stress/look.ts";
import { PageFile } from "../features/stress/page-file.ts";
import type { FailedReport, MatrixReport, StressReport } from "../features/stress/report.ts";
import { isOutOfTime, isSound, type RunResult } from "../features/stress/result.ts";
import { type Plan, planOf, type StressOptions } from "../features/stress/settings.ts";
import { runStress } from "../features/stress/stress.ts";
import { UnusableDatabase } from "../features/stress/unusable-database.ts";
import { pinDatabase } from "../observe/pinned.ts";
import { askerAt } from "../prompt/ask.ts";
import { renderJson } from "../render/json.ts";
import { stressPage } from "../render/page/stress/stress-page.ts";
import { evidenceText } from "../render/stress/evidence.ts";
import { renderMatrix } from "../render/stress/matrix.ts";
import { NO_PROGRESS_BAR, startProgressBar } from "../render/stress/progress-bar.ts";
import { DOCUMENT_HEAD, matrixReport, stressReport } from "../render/stress/report.ts";
import { renderRun } from "../render/stress/text.ts";
import { unusableDatabaseError } from "../render/stress/unusable-database.ts";
import type { Style } from "../render/style.ts";
import { isTerminal, styleOf, writeErr, writeOut } from "../terminal.ts";
import { escapeText } from "../text/escape.ts";
import { VERSION } from "../version.ts";

export interface StressCommandOptions extends StressOptions {
  readonly json?: boolean;
  readonly color?: boolean;
}

/** A chosen seed is short enough to be typed again. */
const MAX_NEW_SEED = 1_000_000;

/**
 * @returns the exit code: 0 nothing was lost, 1 rows lost or duplicated or the database corrupt, 2 the check ran out of
 * time or something is left, 130 cancelled.
 * @throws UserError
 */
export async function stress(database: string | undefined, options: StressCommandOptions): Promise<number> {
  const style = await styleOf(options.color);
  let bar = NO_PROGRESS_BAR;
  let page: PageFile | null = null;
  try {
    const plan = planOf(options, { hasDatabase: database !== undefined, newSeed: randomInt(MAX_NEW_SEED) });
    const given = database === undefined ? null : await givenFor(database, plan);
    if (given !== null && !(await isConfirmed(given, plan, options, style))) return 130;
    if (isTerminal(2)) bar = await startProgressBar();
    page = pageFileOf(database ?? null, options);
    const files = page === null ? null : pageFiles("stress"); // what root may read, another user may not
    const { runs, left } = await runStress(given, plan, {
      onProgress: bar.show,
      onLeft: writeError,
      evidenceText,
    });
    bar.stop();
    const report = reportOf(runs, plan);
    writeOut(rendered(report, options, style));
    if (page !== null && files !== null) page.write(stressPage({ report, version: VERSION, files }));
    if (left !== null) {
      writeError(left);
      return 2;
    }
    if (!runs.every(isSound)) return 1;
    return runs.some(({ verification }) => isOutOfTime(verification.check)) ? 2 : 0;
  } catch (thrown) {
    const error = thrown instanceof UnusableDatabase ? unusableDatabaseError(thrown) : thrown;
    if (!(error instanceof UserError) || options.json !== true) throw error;
    const { code, message, hint } = error;
    writeOut(renderJson({ ...DOCUMENT_HEAD, error: { code, message, hint } } satisfies FailedReport));
    return 2;
  } finally {
    bar.stop();
    page?.discard();
  }
}

/** Before the load, after which root may be another user. @throws UserError where it cannot be written */
function pageFileOf(database: string | null, { html, force }: StressCommandOptions): PageFile | null {
  if (html !== undefined) return new PageFile(html, force === true, database);
  if (force === true) throw new UserError("usage", "--force needs --html", "give the file of the page: --html FILE");
  return null;
}

function reportOf(runs: readonly RunResult[], plan: Plan): StressReport | MatrixReport {
  const [run] = runs;
  return plan.matrix !== null || run === undefined ? matrixReport(runs) : stressReport(run);
}

function rendered(report: StressReport | MatrixReport, { json }: StressCommandOptions, style: Style): string {
  if (json === true) return renderJson(report);
  return "rows" in report ? renderMatrix(report, style) : renderRun(report, style);
}

function writeError({ message, hint }: UserError): void {
  writeErr(`sqlock: ${escapeText(message)}; ${escapeText(hint)}\n`);
}

/** What --in-place asks for, and writes to, is one file. @throws UserError, and UnusableDatabase */
async function givenFor(givenAs: string, { inPlace }: Plan): Promise<Given> {
  if (!inPlace) return { givenAs, pinned: null };
  await lookAtDatabase(givenAs); // an unusable database is an error before the question
  return { givenAs, pinned: await pinDatabase(givenAs) };
}

/** --in-place needs a confirmation. @throws UserError where it cannot be asked for */
async function isConfirmed(
  { givenAs }: Given,
  plan: Plan,
  { json }: StressCommandOptions,
  style: Style,
): Promise<boolean> {
  if (!plan.inPlace || plan.yes) return true;
  if (json === true || process.stdin.isTTY !== true || !isTerminal(1)) {
    throw new UserError(
      "confirmation-needed",
      "nothing was done: this is not a terminal, so sqlock cannot ask, and --yes was not given",
      "to continue, add --yes",
    );
  }
  try {
    const asker = askerAt({ input: process.stdin, output: process.stdout, style });
    const question =
      `Write to ${givenAs} itself, in a new table that is dropped at the end? The load will slow down programs ` +
      "that use it, and can make them fail.";
    const answer = await asker.yes(question);
    if (answer !== true) writeOut("Nothing was done.\n");
    return answer === true;
  } finally {
    process.stdin.unref?.();
  }
}

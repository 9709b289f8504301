/** `sqlock stress`: options in, report out, exit code. */
import { randomInt } from "node:crypto";
import { UserError } from "../errors.ts";
import { NO_BAR, startBar } from "../features/stress/bar.ts";
import { type FailedReport, isSound, STRESS_SCHEMA_VERSION } from "../features/stress/report.ts";
import { type Plan, planOf, type StressOptions } from "../features/stress/settings.ts";
import { seenAt } from "../features/stress/site.ts";
import { stress as run } from "../features/stress/stress.ts";
import { askerAt } from "../prompt/ask.ts";
import { renderJson } from "../render/json.ts";
import { renderMatrix, renderRun } from "../render/stress/text.ts";
import type { Style } from "../render/style.ts";
import { isTerminal, styleOf, writeErr, writeOut } from "../terminal.ts";
import { escapeText } from "../text/escape.ts";
import { VERSION } from "../version.ts";

export interface StressCommandOptions extends StressOptions {
  readonly json?: boolean;
  readonly color?: boolean;
}

/** A seed that is easy to type again. */
const MOST_NEW_SEED = 1_000_000;

/**
 * @returns the exit code: 0 nothing was lost, 1 rows lost or duplicated or the database corrupt, 130 cancelled. @throws
 * UserError
 */
export async function stress(database: string | undefined, options: StressCommandOptions): Promise<number> {
  const style = await styleOf(options.color);
  let bar = NO_BAR;
  try {
    const plan = planOf(options, { given: database !== undefined, newSeed: randomInt(MOST_NEW_SEED) });
    if (database !== undefined && !(await mayGoOn(database, plan, options, style))) return 130;
    if (isTerminal(2)) bar = await startBar();
    const { report, left } = await run(database ?? null, plan, bar.show);
    bar.stop();
    const rows = "rows" in report ? report.rows : [report];
    writeOut(
      options.json === true
        ? renderJson(report)
        : "rows" in report
          ? renderMatrix(report, style)
          : renderRun(report, style),
    );
    if (left !== null) {
      writeErr(`sqlock: ${escapeText(left.message)}; ${escapeText(left.hint)}\n`);
      return 2;
    }
    return rows.every(isSound) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UserError) || options.json !== true) throw error;
    const { code, message, hint } = error;
    writeOut(
      renderJson({
        schemaVersion: STRESS_SCHEMA_VERSION,
        sqlock: VERSION,
        error: { code, message, hint },
      } satisfies FailedReport),
    );
    return 2;
  } finally {
    bar.stop();
  }
}

/** In place only with a yes. @throws UserError where there is nobody to ask */
async function mayGoOn(database: string, plan: Plan, { json }: StressCommandOptions, style: Style): Promise<boolean> {
  if (!plan.inPlace || plan.yes) return true;
  await seenAt(database); // whoever asks has looked
  if (json === true || process.stdin.isTTY !== true || !isTerminal(1)) {
    throw new UserError(
      "confirmation-needed",
      "nothing was done: this is no terminal to ask at, and --yes was not given",
      "to go on, add --yes",
    );
  }
  try {
    const asker = askerAt({ input: process.stdin, output: process.stdout, style });
    const question =
      `Write to ${database} itself, in a table of its own that is dropped at the end? Programs that use it will ` +
      "meet the load.";
    const answer = await asker.yes(question);
    if (answer !== true) writeOut("Nothing was done.\n");
    return answer === true;
  } finally {
    process.stdin.unref?.();
  }
}

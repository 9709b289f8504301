/** `sqlock watch`: options in, a screen or lines out, exit code. */

import { UserError } from "../errors.ts";
import { type Alerts, withAlerts } from "../features/watch/alert/alerts.ts";
import { type AlertSettings, alertSettings } from "../features/watch/alert/settings.ts";
import { databasesToWatch } from "../features/watch/databases.ts";
import { runScreen } from "../features/watch/live.ts";
import type { LockReader } from "../features/watch/lock-reader.ts";
import { SampledReader } from "../features/watch/sampled-reader.ts";
import { onSignals } from "../features/watch/signals.ts";
import { Watch, type WatchListener } from "../features/watch/watch.ts";
import { parseSource, type SourceKind } from "../recording/source.ts";
import { alertText, commandProblemText } from "../render/watch/alert.ts";
import { jsonLine, textLine } from "../render/watch/lines.ts";
import { summaryText } from "../render/watch/summary.ts";
import { renderScreen } from "../render/watch/view.ts";
import { isTerminal, offerOut, styleOf, writeErr } from "../terminal.ts";
import { parseDuration } from "../text/parse-duration.ts";

export interface WatchOptions {
  readonly interval?: string;
  readonly source?: string;
  readonly for?: string;
  readonly alert?: string;
  readonly run?: string;
  readonly json?: boolean;
  readonly color?: boolean;
}

/** Alerts have to know until when locks are known, also while nothing happens. */
const HEARTBEAT_MS = 100;

const MIN_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 60_000;

/**
 * @returns the exit code: 0 if ended by q, --for, or because the reader of the output is gone; 128 and the number of
 * the signal that ended it. @throws UserError
 */
export async function watch(databases: readonly string[], options: WatchOptions): Promise<number> {
  const intervalMs = parseInterval(options.interval ?? "500ms");
  const forMs = options.for === undefined ? null : parseDuration("--for", options.for);
  const source = parseSource(options.source ?? "sampled");
  const alerts = alertSettings(options.alert, options.run);
  const watched = await databasesToWatch(databases);
  const paths = watched.map(({ path }) => path);
  return withReader(source, paths, alerts !== null, async (reader) => {
    if (options.json === true || !isTerminal(1) || process.env["TERM"] === "dumb")
      return runLines(paths, reader, intervalMs, forMs, alerts, options.json === true);
    const style = await styleOf(options.color);
    return runScreen({
      databases: watched,
      reader,
      intervalMs,
      forMs,
      renderScreen: (view, interaction, size) => renderScreen(view, interaction, size, style),
      renderSummary: (summary) => summaryText(summary, style),
      alerts: alerts === null ? null : { settings: alerts, messageOf: alertText, renderProblem: commandProblemText },
    });
  });
}

async function withReader(
  source: SourceKind,
  paths: readonly string[],
  hasAlerts: boolean,
  use: (reader: LockReader) => Promise<number>,
): Promise<number> {
  if (source === "sampled") return use(new SampledReader(paths, hasAlerts ? HEARTBEAT_MS : null));
  const { withKernelReader } = await import("./watch-kernel.ts");
  return withKernelReader(paths, use);
}

function parseInterval(text: string): number {
  const ms = parseDuration("--interval", text);
  if (ms < MIN_INTERVAL_MS || ms > MAX_INTERVAL_MS)
    throw new UserError(
      "usage",
      `--interval ${JSON.stringify(text)} is too ${ms < MIN_INTERVAL_MS ? "short" : "long"}`,
      "choose 100ms to 1m",
    );
  return ms;
}

async function runLines(
  paths: readonly string[],
  reader: LockReader,
  intervalMs: number,
  forMs: number | null,
  settings: AlertSettings | null,
  json: boolean,
): Promise<number> {
  const several = paths.length > 1;
  let watching: Watch | undefined;
  let alerts: Alerts | undefined;
  const signals = onSignals();
  try {
    const end = await new Promise<number | null>((resolve, reject) => {
      signals.caught.then(resolve);
      let isTimed = forMs === null;
      const listener: WatchListener = {
        onEvents: (events) => {
          if (!isTimed && forMs !== null) setTimeout(resolve, forMs, 0); // from the first reading on
          isTimed = true;
          if (!offerOut(events.map((event) => (json ? jsonLine(event) : textLine(event, several))).join("")))
            resolve(null);
        },
        onError: reject,
      };
      if (settings !== null)
        alerts = withAlerts(listener, {
          settings,
          paths,
          source: reader.kind,
          output: "stderr",
          messageOf: alertText,
          onProblem: (event, problem) => writeErr(`sqlock: ${commandProblemText(event, problem)}\n`),
          lookNow: () => watching?.lookNow(),
        });
      watching = new Watch(paths, intervalMs, reader, alerts?.listener ?? listener);
    });
    if (end === null) return 0; // the reader of the summary is gone as well
    const summary = await watching?.stop();
    if (summary !== undefined) offerOut(json ? jsonLine(summary) : `\n${summaryText(summary)}`);
    return end;
  } finally {
    signals.dismiss();
    watching?.end();
    alerts?.end();
  }
}

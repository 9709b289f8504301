/** `sqlock report`: options in, a recording that was read again, exit code. */
import { UserError } from "../errors.ts";
import { isDatabaseFile } from "../features/report/advice.ts";
import { chosenTime } from "../features/report/chosen-time.ts";
import { writeHtml } from "../features/report/html.ts";
import type { ReportInput } from "../features/report/input.ts";
import { inputOf } from "../features/report/input-of.ts";
import { readMoment } from "../features/report/moment.ts";
import { writePerfetto } from "../features/report/perfetto.ts";
import { type History, openHistory } from "../features/report/read-history.ts";
import { type ReportOptions, type ReportSettings, reportSettings } from "../features/report/settings.ts";
import { writeSqlite } from "../features/report/sqlite-file.ts";
import type { FoundMoment } from "../recording/history/find-moment.ts";
import { recordedMs } from "../recording/history/recorded.ts";
import { frameworkOf } from "../render/advice/frameworks/index.ts";
import { renderJson } from "../render/json.ts";
import { pageText } from "../render/page/report/page-text.ts";
import { traceText } from "../render/perfetto/text.ts";
import { endScreen } from "../render/record/end-screen.ts";
import { momentText } from "../render/report/at.ts";
import { Clock } from "../render/report/clock.ts";
import { documentHead, momentDocument, spanDocument } from "../render/report/json.ts";
import { momentError, spanError } from "../render/report/no-time.ts";
import { headText, notRecordedTexts, whenText } from "../render/report/not-recorded.ts";
import { styleOf, writeOut } from "../terminal.ts";
import { escapeText } from "../text/escape.ts";
import { adviseFromRecording, adviseOnDatabase } from "./report-advice.ts";
import { reportCompare } from "./report-compare.ts";

export type { ReportOptions };

/** Counts of a minute are one: a summary needs no more of them. */
const COUNTS_MS = 60_000;

/** @returns the exit code. @throws UserError */
export async function report(paths: readonly string[], options: ReportOptions): Promise<number> {
  try {
    return await reportOf(paths, reportSettings(options));
  } catch (error) {
    if (!(error instanceof UserError) || options.json !== true) throw error;
    const { code, message, hint } = error;
    writeOut(renderJson({ ...documentHead(), error: { code, message, hint } }));
    return 2;
  }
}

async function reportOf(paths: readonly string[], settings: ReportSettings): Promise<number> {
  const framework = settings.advice === null ? null : frameworkOf(settings.advice);
  const [path, ...more] = paths;
  if (framework !== null && path !== undefined && more.length === 0 && isDatabaseFile(path))
    return adviseOnDatabase(path, framework, settings);
  const history = await openHistory(paths);
  const { facts } = history;
  const clock = new Clock(facts.clock);
  const chosen = chosenTime(settings, facts, Date.now());
  if (chosen.kind === "none") throw spanError(chosen.found, facts, clock);
  if (chosen.kind === "moment") return reportMoment(history, chosen.found, settings, clock);
  const input = withProcess(inputOf(history, chosen.span, settings.wanted), settings);
  const { html, perfetto, sqlite, compare } = settings;
  if (html !== null) await writeHtml(input, html, pageText);
  if (perfetto !== null) await writePerfetto(input, perfetto, traceText);
  if (sqlite !== null) await writeSqlite(input, sqlite);
  if (html !== null || perfetto !== null || sqlite !== null) return 0;
  if (compare !== null) return reportCompare(input, await otherInput(compare, settings), settings);
  if (framework !== null) return adviseFromRecording(input, framework, settings);
  return reportSpan(input, settings, clock);
}

async function reportSpan(input: ReportInput, settings: ReportSettings, clock: Clock): Promise<number> {
  const read = await input.read(() => undefined, { countsMs: COUNTS_MS, withoutBuckets: true });
  if (settings.json) {
    writeOut(renderJson(spanDocument(input, read, clock)));
    return 0;
  }
  const style = await styleOf(settings.color);
  const spanFacts = { span: input.span, facts: read.facts, damaged: read.damaged };
  const { fromMs } = input.span;
  const screen = endScreen(
    {
      ...{ meta: input.meta, summary: read.summary, story: null, file: null },
      recordedMs: recordedMs(input.span, read.facts.blanks),
      whenOf: (atMs) => whenText(fromMs + atMs, input.span, clock),
    },
    Number.POSITIVE_INFINITY,
    style,
  );
  writeOut(`${headText(spanFacts, settings.wanted, clock, style)}\n${screen}`);
  return 0;
}

/** Reading it throws where no process of --process is in it: then no file is made. */
function withProcess(input: ReportInput, { wanted }: ReportSettings): ReportInput {
  return {
    ...input,
    read: async (take, options) => {
      const read = await input.read(take, options);
      if (!read.sawProcess) throw noProcess(wanted.processes);
      return read;
    },
  };
}

/** 1: a process waited. 2: that is not known. */
async function reportMoment(
  history: History,
  found: FoundMoment,
  { wanted, json, color }: ReportSettings,
  clock: Clock,
): Promise<number> {
  const { facts, paths } = history;
  const error = momentError(found, facts, clock);
  if (error !== null || found.kind !== "at") throw error;
  const moment = await readMoment(history, found.atMs, wanted);
  if (!moment.sawProcess) throw noProcess(wanted.processes);
  const { atMs } = moment;
  const notes = [
    ...(found.isSecond ? ["The clock was set back: it showed this time before as well."] : []),
    ...notRecordedTexts({ span: { fromMs: atMs, toMs: atMs }, facts, damaged: moment.damaged }, clock),
  ];
  writeOut(
    json
      ? renderJson(momentDocument({ paths, facts, moment, wanted, clock }))
      : momentText({ moment, wanted, clock, suspensions: facts.suspensions, notes }, await styleOf(color)),
  );
  if (moment.blank !== null) return 2;
  if (moment.databases.some(({ waits }) => waits.length > 0)) return 1;
  if (moment.knownUntilMs !== null) return 2;
  const isHeld = moment.databases.some(({ holders }) =>
    holders.some(({ holder }) => holder.blocks.includes("readers") || holder.blocks.includes("writers")),
  );
  return isHeld && !moment.meta.exact ? 2 : 0;
}

/** The same settings, of the other recording as a whole. */
async function otherInput(path: string, settings: ReportSettings): Promise<ReportInput> {
  const { wanted } = settings;
  const history = await openHistory([path]);
  const { fromMs, toMs } = history.facts;
  return withProcess(inputOf(history, { fromMs, toMs }, wanted), settings);
}

/** Reads with an error where there is no such process. */
function noProcess(asked: readonly string[]): UserError {
  return new UserError(
    "no-such-process",
    `the recording has no process ${asked.map((each) => `"${escapeText(each)}"`).join(" or ")} at that time`,
    "leave --process out to see which it has",
  );
}

/** The options of report, each checked by itself and with the others. Pure. */
import { UserError } from "../../errors.ts";
import { type Moment, parseMoment } from "../../recording/history/moment.ts";
import { parseDuration } from "../../text/parse-duration.ts";
import { MOST_KEEP_DAYS } from "../record/settings.ts";
import type { ReportOutput } from "./input.ts";
import type { Wanted } from "./wanted-lines.ts";

/** As commander gives them. */
export interface ReportOptions {
  readonly at?: string;
  readonly between?: readonly string[];
  readonly last?: string;
  readonly process?: readonly string[];
  readonly minWait?: string;
  readonly html?: string;
  readonly perfetto?: string;
  readonly sqlite?: string;
  readonly compare?: string;
  readonly advice?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly color?: boolean;
}

export interface ReportSettings {
  /** Null: not given. */
  readonly at: Moment | null;
  readonly between: readonly [Moment, Moment] | null;
  readonly lastMs: number | null;
  readonly wanted: Wanted;
  readonly html: ReportOutput | null;
  readonly perfetto: ReportOutput | null;
  readonly sqlite: ReportOutput | null;
  /** The recording that it is compared with. */
  readonly compare: string | null;
  /** The framework in whose words the advice is. */
  readonly advice: string | null;
  readonly json: boolean;
  /** False: --no-color. */
  readonly color: boolean | undefined;
}

/** @throws UserError */
export function reportSettings(options: ReportOptions): ReportSettings {
  const { at, between, last, html, perfetto, sqlite } = options;
  const force = options.force === true;
  const times = [
    at === undefined ? "" : "--at",
    between === undefined ? "" : "--between",
    last === undefined ? "" : "--last",
  ];
  const [one, other] = times.filter((each) => each !== "");
  if (one !== undefined && other !== undefined)
    throw new UserError("usage", `${one} and ${other} exclude each other`, "leave one of them out");
  refuseInForm("--advice", options.advice, { "--compare": options.compare, ...partsOf(options) });
  refuseInForm("--at", at, { "--html": html, "--perfetto": perfetto, "--sqlite": sqlite });
  refuseInForm("--compare", options.compare, partsOf(options));
  if (force && html === undefined && perfetto === undefined && sqlite === undefined)
    throw new UserError("usage", "--force needs --html, --perfetto or --sqlite", "leave it out");
  return {
    at: at === undefined ? null : momentOf("--at", at),
    between: between === undefined ? null : twoTimes(between),
    lastMs: last === undefined ? null : parseDuration("--last", last, { days: MOST_KEEP_DAYS }),
    wanted: wantedOf(options),
    html: outputOf("--html", html, force),
    perfetto: outputOf("--perfetto", perfetto, force),
    sqlite: outputOf("--sqlite", sqlite, force),
    compare: options.compare ?? null,
    advice: options.advice ?? null,
    json: options.json === true,
    color: options.color,
  };
}

/** What these have nothing to do with: they are of a time, and of all waits in it. */
function partsOf({ at, minWait, html, perfetto, sqlite }: ReportOptions): Readonly<Record<string, unknown>> {
  return { "--at": at, "--min-wait": minWait, "--html": html, "--perfetto": perfetto, "--sqlite": sqlite };
}

function refuseInForm(form: string, value: unknown, others: Readonly<Record<string, unknown>>): void {
  const other = Object.keys(others).find((option) => others[option] !== undefined);
  if (value === undefined || other === undefined) return;
  throw new UserError("usage", `${form} and ${other} exclude each other`, "leave one of them out");
}

function wantedOf({ process: processes = [], minWait }: ReportOptions): Wanted {
  if (processes.some((each) => each.trim() === ""))
    throw new UserError("usage", "--process names no process", "give a PID, a part of a command line, or a unit");
  return { processes, minWaitMs: minWait === undefined ? 0 : parseDuration("--min-wait", minWait, { zero: true }) };
}

function twoTimes(between: readonly string[]): readonly [Moment, Moment] {
  const [from, to, ...more] = between;
  if (from === undefined || to === undefined || more.length > 0)
    throw new UserError("usage", "--between needs two times", "write it as --between 03:00 03:30");
  return [momentOf("--between", from), momentOf("--between", to)];
}

function momentOf(option: string, text: string): Moment {
  const moment = parseMoment(text);
  if (moment !== null) return moment;
  throw new UserError(
    "usage",
    `${option} ${JSON.stringify(text)} is not a time`,
    'write it as 03:12, 03:12:30, "2026-07-01 03:12", "yesterday 03:12", 2026-07-01T03:12+02:00 or "2h ago"',
  );
}

function outputOf(option: string, path: string | undefined, force: boolean): ReportOutput | null {
  if (path === undefined) return null;
  if (path === "" || path === "-")
    throw new UserError("usage", `${option} needs the path of a file`, `write it as ${option} FILE`);
  return { path, force };
}

/** The options of report, each checked by itself and with the others. Pure. */
import { UserError } from "../../errors.ts";
import { parseDuration } from "../../text/parse-duration.ts";
import type { ReportOutput } from "./input.ts";

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
  /** As they were written; null: not given. */
  readonly at: string | null;
  readonly between: readonly [string, string] | null;
  readonly lastMs: number | null;
  /** Pids, names, parts of command lines, units; empty: all. */
  readonly processes: readonly string[];
  readonly minWaitMs: number;
  readonly html: ReportOutput | null;
  readonly perfetto: ReportOutput | null;
  readonly sqlite: ReportOutput | null;
  /** The recording that it is compared with. */
  readonly compare: string | null;
  /** The framework in whose words the advice is. */
  readonly advice: string | null;
  readonly json: boolean;
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
  if (force && html === undefined && perfetto === undefined && sqlite === undefined)
    throw new UserError("usage", "--force needs --html, --perfetto or --sqlite", "leave it out");
  return {
    at: at ?? null,
    between: between === undefined ? null : twoTimes(between),
    lastMs: last === undefined ? null : parseDuration("--last", last),
    processes: options.process ?? [],
    minWaitMs: options.minWait === undefined ? 0 : parseDuration("--min-wait", options.minWait, { zero: true }),
    html: outputOf("--html", html, force),
    perfetto: outputOf("--perfetto", perfetto, force),
    sqlite: outputOf("--sqlite", sqlite, force),
    compare: options.compare ?? null,
    advice: options.advice ?? null,
    json: options.json === true,
  };
}

function twoTimes(between: readonly string[]): readonly [string, string] {
  const [from, to, ...more] = between;
  if (from === undefined || to === undefined || more.length > 0)
    throw new UserError("usage", "--between needs two times", "write it as --between 03:00 03:30");
  return [from, to];
}

function outputOf(option: string, path: string | undefined, force: boolean): ReportOutput | null {
  if (path === undefined) return null;
  if (path === "" || path === "-")
    throw new UserError("usage", `${option} needs the path of a file`, `write it as ${option} FILE`);
  return { path, force };
}

/** `sqlock record`: options in, lines and the end screen out, exit code. */

import { stripVTControlCharacters } from "node:util";
import { UserError } from "../errors.ts";
import { checkCommand } from "../features/record/command-run.ts";
import { OutputFile } from "../features/record/output-file.ts";
import { openParts } from "../features/record/parts.ts";
import { runSession, type SessionView } from "../features/record/session.ts";
import { type RecordOptions, type RecordSettings, recordSettings } from "../features/record/settings.ts";
import { databasesToWatch } from "../features/watch/databases.ts";
import { pathExists } from "../observe/identify.ts";
import type { RecordingLine } from "../recording/lines.ts";
import { endScreen } from "../render/record/end-screen.ts";
import { recordingDocument } from "../render/record/json.ts";
import {
  type Counter,
  commonText,
  counterText,
  databaseText,
  gapText,
  hookText,
  type LineContext,
  missingText,
  refusalText,
  repeatedText,
  startText,
  waitText,
} from "../render/record/live.ts";
import { hookProblemText, writeProblemText } from "../render/record/problems.ts";
import { Repeats } from "../render/record/repeats.ts";
import { Names } from "../render/record/words.ts";
import type { Style } from "../render/style.ts";
import widthOf from "../render/width.ts";
import { isTerminal, offerOut, styleOf, writeErr } from "../terminal.ts";
import { asUserError } from "./trace-error.ts";

export type { RecordOptions };

/** `command`: the words after `--`. @returns the exit code. @throws UserError */
export async function record(
  databases: readonly string[],
  options: RecordOptions,
  command: readonly string[] | null,
): Promise<number> {
  const settings = recordSettings(options, command);
  if (settings.command !== null) checkCommand(settings.command);
  refuseUnknown(settings.only.pids);
  const watched = await databasesToWatch(databases, "record");
  const output =
    settings.output === null
      ? null
      : new OutputFile(
          settings.output,
          watched.map(({ path }) => path),
        );
  try {
    const fd = settings.command === null && !settings.json ? 1 : 2;
    const style = await styleOf(options.color, fd);
    const parts = { ...openParts(settings, watched), output };
    const missing = watched.flatMap(({ path, file }) => (file === null ? path : []));
    return await runSession(settings, parts, viewOf(settings, output, missing, fd, style));
  } catch (error) {
    output?.discard();
    throw asUserError(error, neededBy(settings));
  }
}

/** A process that does not run takes no lock: the number is likely mistyped. @throws UserError */
function refuseUnknown(pids: readonly number[]): void {
  const pid = pids.find((each) => !pathExists(`/proc/${each}`));
  if (pid !== undefined)
    throw new UserError("usage", `--pid ${pid} is no process that runs`, "give a PID that sqlock who-holds shows");
}

/** The option that samples cannot serve. */
function neededBy({ source, untilWaitMs, hook }: RecordSettings): string | null {
  if (source === "kernel") return null;
  return untilWaitMs !== null ? "--until-wait" : hook !== null ? "--on-wait" : null;
}

const PREFIX = "sqlock: ";

/** Removes a line that was shown without its end, from a terminal that may have become narrower since then. */
function eraser(shown: string, columns: number): string {
  const rows = Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(shown)) / columns));
  return `\r${rows > 1 ? `\x1b[${rows - 1}A` : ""}\x1b[J`;
}

function viewOf(
  settings: RecordSettings,
  output: OutputFile | null,
  missing: readonly string[],
  fd: 1 | 2,
  style: Style,
): SessionView {
  const { json, command, minWaitMs } = settings;
  const write = fd === 1 ? offerOut : offerErr;
  const terminal = isTerminal(fd) && process.env["TERM"] !== "dumb";
  const isLive = command === null && (terminal || fd === 1);
  const hasCounter = command === null && terminal;
  const stream = fd === 1 ? process.stdout : process.stderr;
  const widthNow = () => (hasCounter && stream.columns > 0 ? { ...style, width: stream.columns } : style);
  // of a size that changed while it was stopped, no signal tells
  if (hasCounter) process.on("SIGCONT", () => process.emit("SIGWINCH", "SIGWINCH"));
  const names = new Names();
  const counter = new LineCounter(minWaitMs);
  /** The counter, below which nothing is written; empty: there is none. */
  let shown = "";
  let context: LineContext | null = null;
  let isExact = true;
  const erased = () => {
    const text = shown === "" ? "" : eraser(shown, widthNow().width);
    shown = "";
    return text;
  };
  const repeats = new Repeats();
  const tellRepeated = (nowMs: number) => {
    if (context === null) return true;
    const shownOnes = repeats.take(nowMs);
    if (shownOnes.length === 0) return true;
    const now = { ...context, style: widthNow() };
    return write(`${erased()}${shownOnes.map((each) => `${repeatedText(each, now)}\n`).join("")}`);
  };
  const say = (text: string) => writeErr(`${erased()}${PREFIX}${text}\n`);
  return {
    onStart: (meta) => {
      context = { meta, names, style };
      isExact = meta.exact;
      if (fd === 1) write(`${startText(meta, style)}\n`);
      else if (command !== null || terminal) writeErr(`${PREFIX}${startText(meta, style, PREFIX.length)}\n`);
      if (output !== null && output.owner !== null)
        say(`${output.path} belongs to uid ${output.owner}, the owner of its folder, who can read it`);
      for (const path of missing) say(missingText(path));
    },
    onLine: (line) => {
      counter.add(line);
      if (line.type === "process") names.add(line);
      if (!isLive || context === null) return true;
      const text = lineText(line, minWaitMs, { ...context, style: widthNow() });
      if (text === null) return true;
      const common = line.type === "refusal" || line.type === "wait" ? commonText(line, context) : null;
      if (common !== null && !repeats.isNew(common, nowOf(line))) return true;
      const below = shown;
      const before = erased();
      const isRead = write(`${before}${text}\n${below}`);
      shown = below;
      return isRead;
    },
    onTick: (live, nowMs) => {
      const isRead = tellRepeated(nowMs);
      if (!hasCounter) return isRead;
      const now = counter.now(live, nowMs);
      const before = erased();
      shown = counterText(!isExact ? { ...now, waits: null } : now, widthNow());
      return write(`${before}${shown}`);
    },
    onWriteProblem: (problem) => say(writeProblemText(problem)),
    onHookProblem: ({ pid }, problem) => say(hookProblemText(pid, problem)),
    hookMessage: (wait) => hookText(wait, names),
    onEnd: ({ meta, summary, story }, lines) => {
      tellRepeated(Number.POSITIVE_INFINITY);
      write(erased());
      if (json) {
        offerOut(recordingDocument(lines));
        return;
      }
      const file =
        output === null
          ? null
          : { path: output.path, bytes: output.bytes, owner: output.owner, problem: output.problem };
      const height = terminal && stream.rows > 0 ? stream.rows : Number.POSITIVE_INFINITY;
      write(`\n${endScreen({ meta, summary, story, file }, height, widthNow())}`);
    },
  };
}

function offerErr(text: string): boolean {
  writeErr(text);
  return true;
}

function nowOf(line: RecordingLine): number {
  return line.type === "wait" ? line.fromMs + line.waitedMs : "atMs" in line ? line.atMs : 0;
}

/** Null: it is not shown. */
function lineText(line: RecordingLine, minWaitMs: number, context: LineContext): string | null {
  switch (line.type) {
    case "wait":
      return line.waitedMs >= minWaitMs || line.outcome === "gave-up" ? waitText(line, context) : null;
    case "refusal":
      return refusalText(line, context);
    case "gap":
      return gapText(line, context);
    case "database":
      return databaseText(line, context);
    default:
      return null;
  }
}

/** What the last line of the terminal counts. */
class LineCounter {
  readonly #minWaitMs: number;
  #waits = 0;
  #longestMs = 0;
  #busy = 0;
  #isAnyLost = false;

  constructor(minWaitMs: number) {
    this.#minWaitMs = minWaitMs;
  }

  add(line: RecordingLine): void {
    if (line.type === "gap") this.#isAnyLost = true;
    else if (line.type === "refusal") this.#busy += isBusy(line.result) ? 1 : 0;
    else if (line.type === "wait") {
      if (isBusy(line.result)) this.#busy += 1;
      if (line.waitedMs < this.#minWaitMs) return;
      this.#waits += 1;
      this.#longestMs = Math.max(this.#longestMs, line.waitedMs);
    }
  }

  now(
    {
      waits,
      transactions,
    }: { readonly waits: readonly { readonly waitedMs: number }[]; readonly transactions: number },
    forMs: number,
  ): Counter {
    return {
      forMs,
      waits: this.#waits,
      longestMs: this.#longestMs,
      busy: this.#busy,
      waiting: waits.length,
      waitingMs: waits.reduce((most, { waitedMs }) => Math.max(most, waitedMs), 0),
      transactions,
      isAnyLost: this.#isAnyLost,
    };
  }
}

/** Also an extended one. Others are SQLITE_LOCKED, or the row of a PRAGMA wal_checkpoint that gave up. */
function isBusy(result: string | null): boolean {
  return result?.startsWith("SQLITE_BUSY") === true;
}

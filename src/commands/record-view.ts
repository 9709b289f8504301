/** What `sqlock record` prints: lines and a counter while it records, the end screen or the document at the end. */
import { stripVTControlCharacters } from "node:util";
import type { RecordingOutput } from "../features/record/recorder-parts.ts";
import type { SessionView } from "../features/record/session.ts";
import type { RecordSettings } from "../features/record/settings.ts";
import type { RecordingLine } from "../recording/lines.ts";
import { counterText, LineCounter } from "../render/record/counter.ts";
import { endLine, endScreen } from "../render/record/end-screen.ts";
import { noAnswerText, problemText } from "../render/record/fail-on.ts";
import { recordingDocument } from "../render/record/json.ts";
import {
  commonText,
  hookText,
  type LineContext,
  lineText,
  missingText,
  repeatedText,
  startText,
} from "../render/record/live.ts";
import { hookProblemText, ownerText, pausedText, resumedText, writeProblemText } from "../render/record/problems.ts";
import { Repeats } from "../render/record/repeats.ts";
import { untraceableText } from "../render/record/untraceable.ts";
import { Names } from "../render/record/words.ts";
import type { Style } from "../render/style.ts";
import widthOf from "../render/width.ts";
import { isTerminal, offerOut, writeErr } from "../terminal.ts";
import { count } from "../text/list.ts";

const PREFIX = "sqlock: ";

/** Removes a line that was shown without its end, from a terminal that may have become narrower since then. */
function eraser(shown: string, columns: number): string {
  const rows = Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(shown)) / columns));
  return `\r${rows > 1 ? `\x1b[${rows - 1}A` : ""}\x1b[J`;
}

/** Null: it was deleted. */
function currentFolder(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

/** `missing`: databases that do not exist yet. `fd`: where the lines and the end go. */
export function viewOf(
  settings: RecordSettings,
  output: RecordingOutput | null,
  missing: readonly string[],
  fd: 1 | 2,
  style: Style,
): SessionView {
  const { json, command, minWaitMs } = settings;
  const isContinuous = settings.output !== null && settings.output.keepMs !== null;
  const write = fd === 1 ? offerOut : offerErr;
  const terminal = isTerminal(fd) && process.env["TERM"] !== "dumb";
  // a service: its journal is no place for every wait
  const isQuiet = isContinuous && !terminal;
  const isLive = command === null && (terminal || fd === 1) && !isQuiet;
  const hasCounter = command === null && terminal;
  const stream = fd === 1 ? process.stdout : process.stderr;
  const widthNow = () => (hasCounter && stream.columns > 0 ? { ...style, width: stream.columns } : style);
  // of a size that changed while it was stopped, no signal tells
  if (hasCounter) process.on("SIGCONT", () => process.emit("SIGWINCH", "SIGWINCH"));
  const folder = command === null ? null : currentFolder();
  const names = new Names([], folder);
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
  const isRepeated = (line: RecordingLine, known: LineContext) => {
    if (line.type !== "refusal" && line.type !== "wait") return false;
    const common = commonText(line, known);
    return common !== null && !repeats.isNew(common, line.type === "wait" ? line.fromMs + line.waitedMs : line.atMs);
  };
  const tellRepeated = (nowMs: number) => {
    if (context === null) return true;
    const shownOnes = repeats.take(nowMs);
    if (shownOnes.length === 0) return true;
    const now = { ...context, style: widthNow() };
    return write(`${erased()}${shownOnes.map((each) => `${repeatedText(each, now)}\n`).join("")}`);
  };
  const say = (text: string) => writeErr(`${erased()}${PREFIX}${text}\n`);
  return {
    onStart: (meta, untraceable) => {
      context = { meta, names, style };
      isExact = meta.exact;
      if (fd === 1) write(`${startText(meta, style)}\n`);
      else if (command !== null || terminal) writeErr(`${PREFIX}${startText(meta, style, PREFIX.length)}\n`);
      if (output !== null && output.owner !== null) say(ownerText(output.path, output.owner));
      for (const path of missing) say(missingText(path));
      if (untraceable !== null) say(untraceableText(untraceable));
    },
    onLine: (line) => {
      counter.add(line);
      if (line.type === "process") names.add(line);
      if (!isLive || context === null) return true;
      const text = lineText(line, minWaitMs, { ...context, style: widthNow() });
      if (text === null) return true;
      if (isRepeated(line, context)) return true;
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
    onWriteProblem: (problem) => say(isContinuous ? pausedText(problem) : writeProblemText(problem)),
    onWrittenAgain: (missing) => say(resumedText(output?.path ?? "", missing)),
    onHookProblem: ({ pid }, problem) => say(hookProblemText(pid, problem)),
    hookMessage: (wait) => hookText(wait, names),
    onEnd: ({ meta, summary, story }, lines) => {
      tellRepeated(Number.POSITIVE_INFINITY);
      write(erased());
      if (json) {
        for (const piece of recordingDocument(lines)) if (!offerOut(piece)) return;
        return;
      }
      const file =
        output === null
          ? null
          : { path: output.path, owner: output.owner, problem: output.problem, isFolder: isContinuous };
      if (isQuiet && file !== null) {
        write(`${endLine(summary, file)}\n`);
        return;
      }
      const height = terminal && stream.rows > 0 ? stream.rows : Number.POSITIVE_INFINITY;
      write(
        `\n${endScreen({ meta, summary, story, file, ...(folder === null ? {} : { folder }) }, height, widthNow())}`,
      );
    },
    onVerdict: (problems, noAnswer, { summary: { processes } }) => {
      if (noAnswer !== null) writeErr(`\n${PREFIX}${noAnswerText(noAnswer)}\n`);
      if (problems.length === 0) return;
      const all = new Names(processes, folder ?? undefined);
      const starts = new Map(processes.map(({ pid, startTicks }) => [pid, startTicks]));
      const texts = problems.map((each) => `  ${problemText(each, all, (pid) => starts.get(pid) ?? null)}\n`);
      writeErr(`\n${PREFIX}failed because of ${count(problems.length, "problem")} (--fail-on):\n${texts.join("")}`);
    },
  };
}

function offerErr(text: string): boolean {
  writeErr(text);
  return true;
}

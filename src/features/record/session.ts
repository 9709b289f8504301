/** One call of record: from its parts to its end, by a signal, a time, a wait, or the end of the command. */
import type { RecordingLine, WaitLine } from "../../recording/lines.ts";
import type { Live } from "../../recording/live.ts";
import { AlertCommands, type CommandProblem } from "../alert/commands.ts";
import { onSignals } from "../watch/signals.ts";
import type { Command } from "./command-check.ts";
import { type RunningCommand, runCommand, type Start } from "./command-run.ts";
import { type NoAnswer, noAnswerOf, type Problem, Problems } from "./fail-on.ts";
import { type HookFacts, hookVariables } from "./hook-variables.ts";
import { KnownProcesses } from "./known-processes.ts";
import type { WriteProblem } from "./output-file.ts";
import { Recorder } from "./recorder.ts";
import type { RecorderParts, RecordResult } from "./recorder-parts.ts";
import type { Missing } from "./segments/outage.ts";
import type { RecordSettings } from "./settings.ts";

/** Who shows it. */
export interface SessionView {
  readonly onStart: (meta: Recorder["meta"], untraceable: RecorderParts["untraceable"]) => void;
  /** @returns false when its reader is gone */
  readonly onLine: (line: RecordingLine) => boolean;
  readonly onTick: (live: Live, nowMs: number) => boolean;
  readonly onWriteProblem: (problem: WriteProblem) => void;
  readonly onWrittenAgain: (missing: Missing) => void;
  readonly onHookProblem: (wait: WaitLine, problem: CommandProblem) => void;
  /** One line. */
  readonly hookMessage: (wait: WaitLine) => string;
  /** The recording is over; a command may go on. `lines`: of --json, as JSON. */
  readonly onEnd: (result: RecordResult, lines: readonly string[]) => void;
  /** Of --fail-on, after the end. `noAnswer`: where there is no problem. */
  readonly onVerdict: (problems: readonly Problem[], noAnswer: NoAnswer | null, result: RecordResult) => void;
}

/**
 * `start`: of the command, null: as it is. @returns the exit code: 0, that of the command, or 128 and the number of the
 * signal that ended it; in the place of 0, 1 for a problem of --fail-on and 2 where these cannot be known
 */
export async function runSession(
  settings: RecordSettings,
  parts: RecorderParts,
  view: SessionView,
  start: Start | null,
): Promise<number> {
  const { forMs, hook, command: words, failOn, minWaitMs } = settings;
  const problems = failOn.length === 0 ? null : new Problems(failOn, minWaitMs);
  const processes = new KnownProcesses();
  let isOver = false;
  let finish: (code: number | null) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  /** Null: the command goes on, and has the exit code. */
  const finished = new Promise<number | null>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const shown = (isRead: boolean) => {
    if (!isRead && parts.output === null) finish(0);
  };
  const startOf = (command: Command): Start => ({
    command: start?.command ?? command,
    env: recorder.environment(start?.env ?? process.env),
  });
  const startMs = Date.parse(parts.meta.startedAt);
  const factsOf = (wait: WaitLine): HookFacts => {
    const [blocker] = wait.blockers;
    return {
      path: wait.path,
      wait,
      waiter: processes.get(wait),
      blocker: blocker === undefined ? null : processes.get(blocker),
      atMs: startMs + wait.fromMs,
    };
  };
  const hooks =
    hook === null
      ? null
      : new AlertCommands<HookFacts>({
          command: hook.command,
          output: "stderr",
          variablesOf: (facts) => hookVariables(facts, view.hookMessage(facts.wait)),
          nowOf: (facts) => facts, // a wait that is over is worth telling
          onProblem: ({ wait }, problem) => view.onHookProblem(wait, problem),
        });
  const enough = () => finish(words === null ? 0 : null);
  const signals = words === null ? onSignals() : null;
  const recorder = new Recorder(settings, parts, {
    onLine: (line) => {
      if (line.type === "process") processes.add(line);
      problems?.add(line);
      if (!isOver) shown(view.onLine(line));
    },
    onTick: (live, nowMs) => shown(view.onTick(live, nowMs)),
    onLongWait: (wait) => hooks?.add(factsOf(wait)),
    onEnough: enough,
    onWriteProblem: view.onWriteProblem,
    onWrittenAgain: view.onWrittenAgain,
    onError: (error) => fail(error),
  });
  let running: RunningCommand | null = null;
  const timers: NodeJS.Timeout[] = [];
  try {
    view.onStart(recorder.meta, parts.untraceable);
    signals?.caught.then(finish);
    if (words !== null) {
      await recorder.ready;
      running = runCommand(words, startOf(words));
      if (running.pid !== null) recorder.started(running.pid, words);
      running.ended.then(finish, fail);
    }
    if (forMs !== null) timers.push(setTimeout(enough, forMs));
    const code = await finished;
    isOver = true;
    const result = await recorder.stop();
    view.onEnd(result, recorder.lines);
    const failed = problems === null ? 0 : verdictOf(problems, result, view);
    recorder.release();
    return (code ?? (await running?.ended) ?? 0) || failed;
  } catch (error) {
    recorder.abort();
    throw error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    signals?.dismiss();
    running?.dismiss();
    hooks?.end();
  }
}

/** @returns the exit code */
function verdictOf(problems: Problems, result: RecordResult, view: SessionView): number {
  const found = problems.found(result.summary);
  const noAnswer = found.length > 0 ? null : noAnswerOf(result.meta, result.summary);
  view.onVerdict(found, noAnswer, result);
  return found.length > 0 ? 1 : noAnswer === null ? 0 : 2;
}

/** Runs the command of --run: for one alert of a database at a time, whatever the alert is about. */
import { type ChildProcess, spawn } from "node:child_process";
import { atUsualPriority } from "../../priority.ts";
import { CommandQueue, type OfDatabase } from "./command-queue.ts";

/** What there is to say of a command: facts. */
export type CommandProblem =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: NodeJS.Signals }
  | { readonly kind: "not-started"; readonly message: string }
  /** While the command of an earlier alert ran, what it is about was over, sqlock ended, or too many others waited. */
  | { readonly kind: "not-run"; readonly because: "released" | "ended" | "too-many" }
  /** When sqlock ends: it goes on. */
  | { readonly kind: "left-running"; readonly pid: number };

export interface CommandOptions<Alert extends OfDatabase> {
  readonly command: string;
  readonly variablesOf: (alert: Alert) => Readonly<Record<string, string>>;
  /** An alert that had to wait for its turn, as it is now; null: it is over, and its command is not run any more. */
  readonly nowOf: (alert: Alert) => Alert | null;
  /** Where its output goes; on the live screen there is no place for it. */
  readonly output: "stderr" | "nowhere";
  readonly onProblem: (alert: Alert, problem: CommandProblem) => void;
}

/** Not from PATH: that may be anybody's. */
const SHELL = "/bin/sh";

export class AlertCommands<Alert extends OfDatabase> {
  readonly #options: CommandOptions<Alert>;
  readonly #queue = new CommandQueue<Alert>();
  readonly #running = new Map<ChildProcess, Alert>();
  #ended = false;

  constructor(options: CommandOptions<Alert>) {
    this.#options = options;
  }

  add(alert: Alert): void {
    const turn = this.#queue.add(alert);
    if (turn === "start") this.#start(alert);
    if (turn === "full") this.#options.onProblem(alert, { kind: "not-run", because: "too-many" });
  }

  /** What runs is left running, in a session of its own: its work may matter more than the end of sqlock. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const [child, alert] of this.#running) {
      child.unref();
      if (child.pid !== undefined) this.#options.onProblem(alert, { kind: "left-running", pid: child.pid });
    }
    for (const alert of this.#queue.waiting) this.#options.onProblem(alert, { kind: "not-run", because: "ended" });
  }

  #start(alert: Alert): void {
    const { command, variablesOf, output } = this.#options;
    const out = output === "stderr" ? 2 : "ignore";
    let child: ChildProcess;
    try {
      child = atUsualPriority(() =>
        spawn(SHELL, ["-c", command], {
          env: { ...process.env, ...variablesOf(alert) },
          stdio: ["ignore", out, out],
          detached: true, // no terminal: neither its keys nor its signals are for the command
        }),
      );
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      setImmediate(() => this.#next(alert, { kind: "not-started", message }));
      return;
    }
    this.#running.set(child, alert);
    child.once("error", ({ message }) => this.#over(child, alert, { kind: "not-started", message }));
    child.once("exit", (code, signal) =>
      this.#over(
        child,
        alert,
        signal !== null ? { kind: "signal", signal } : code === 0 || code === null ? null : { kind: "exit", code },
      ),
    );
  }

  #over(child: ChildProcess, alert: Alert, problem: CommandProblem | null): void {
    if (this.#running.delete(child)) this.#next(alert, problem);
  }

  #next(alert: Alert, problem: CommandProblem | null): void {
    if (this.#ended) return;
    const { onProblem, nowOf } = this.#options;
    if (problem !== null) onProblem(alert, problem);
    const { next, dropped } = this.#queue.ended(alert.path, (each) => nowOf(each) !== null);
    for (const each of dropped) onProblem(each, { kind: "not-run", because: "released" });
    if (next !== null) this.#start(nowOf(next) ?? next);
  }
}

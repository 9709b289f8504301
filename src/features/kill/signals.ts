/** Signals that --signal takes. Pure. */
import { UserError } from "../../errors.ts";

/** Those after which SIGKILL is the next step. Source: signal(7). */
const ENDING = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGABRT"] as const;

const SIGNALS = [...ENDING, "SIGKILL", "SIGCONT", "SIGUSR1", "SIGUSR2"] as const;

export type Signal = (typeof SIGNALS)[number];

/** `TERM`, `SIGTERM`, `term`. @throws UserError */
export function parseSignal(text: string): Signal {
  const word = text.trim().toUpperCase();
  const found = SIGNALS.find((signal) => signal === word || signal === `SIG${word}`);
  if (found !== undefined) return found;
  const stops = /^(SIG)?(STOP|TSTP)$/.test(word);
  const names = SIGNALS.map((signal) => signal.slice(3)).join(", ");
  throw new UserError(
    "usage",
    stops
      ? `--signal ${text} would only stop the process, which would keep its locks`
      : `--signal ${JSON.stringify(text)} is not a signal that could free a database`,
    `choose from ${names}`,
  );
}

/** It asks the process to end; the process may ignore it. */
export function asksToEnd(signal: Signal): boolean {
  return (ENDING as readonly Signal[]).includes(signal);
}

/** The signals that end watch, after its summary. */
import { constants } from "node:os";
import { listenInstead } from "../signal-listener.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * `ignoresInterrupt`: another program runs at the terminal now, and Ctrl-C is meant for that one. `caught`: the exit
 * code of the first signal, 128 and its number. A second one ends this process at once. Replaces every other listener
 * of these signals.
 */
export function onSignals(ignoresInterrupt: () => boolean = () => false): {
  readonly caught: Promise<number>;
  readonly dismiss: () => void;
} {
  let count = 0;
  let settle: (code: number) => void = () => undefined;
  const caught = new Promise<number>((resolve) => {
    settle = resolve;
  });
  const listener = (signal: NodeJS.Signals) => {
    if (signal === "SIGINT" && ignoresInterrupt()) return;
    const code = 128 + constants.signals[signal];
    if (++count > 1) process.exit(code);
    settle(code);
  };
  for (const signal of SIGNALS) listenInstead(signal, listener);
  return {
    caught,
    dismiss: () => {
      for (const signal of SIGNALS)
        process.once(signal, (caughtNow) => process.exit(128 + constants.signals[caughtNow])).off(signal, listener);
    },
  };
}

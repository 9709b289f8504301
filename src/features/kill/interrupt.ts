/** Ctrl-C while processes are waited for: signals have been sent, and the report of them must not be lost. */

import { listenInstead } from "../signal-listener.ts";

export interface InterruptFlag {
  readonly isSet: () => boolean;
  readonly dispose: () => void;
}

/** Takes the place of every other listener of SIGINT until `dispose`. */
export function interruptFlag(): InterruptFlag {
  let set = false;
  const listener = () => {
    set = true;
  };
  const others = listenInstead("SIGINT", listener);
  return {
    isSet: () => set,
    dispose: () => {
      for (const other of others) process.once("SIGINT", other);
      process.off("SIGINT", listener);
    },
  };
}

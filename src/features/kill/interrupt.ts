/** Ctrl-C while processes are waited for: signals have been sent, and the report of them must not be lost. */

export interface InterruptFlag {
  readonly isSet: () => boolean;
  readonly dispose: () => void;
}

/** Takes the place of every other listener of SIGINT until `dispose`. */
export function interruptFlag(): InterruptFlag {
  const others = process.listeners("SIGINT");
  let set = false;
  const listener = () => {
    set = true;
  };
  process.removeAllListeners("SIGINT");
  process.on("SIGINT", listener);
  return {
    isSet: () => set,
    dispose: () => {
      process.off("SIGINT", listener);
      for (const other of others) process.once("SIGINT", other);
    },
  };
}

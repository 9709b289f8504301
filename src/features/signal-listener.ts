/** Who hears a signal. */

type Listener = (signal: NodeJS.Signals) => void;

/**
 * Takes the place of every other listener, and returns those. There is a listener at each moment: with the last one
 * Node.js drops a signal that has come and was not handled yet.
 */
export function listenInstead(signal: NodeJS.Signals, listener: Listener): readonly Listener[] {
  const others = process.listeners(signal) as Listener[];
  process.on(signal, listener);
  for (const other of others) process.off(signal, other);
  return others;
}

import { expect, onTestFinished, test } from "vitest";
import { listenInstead } from "../../../src/features/signal-listener.ts";

const SIGNAL = "SIGUSR2";

test("a signal has a listener at each moment, also while others are replaced", () => {
  const heard: string[] = [];
  const counts: number[] = [];
  const first = () => heard.push("first");
  const second = () => heard.push("second");
  const onRemoved = (name: string | symbol) => {
    if (name === SIGNAL) counts.push(process.listenerCount(SIGNAL));
  };
  process.once(SIGNAL, first);
  process.on("removeListener", onRemoved);
  onTestFinished(() => {
    process.off("removeListener", onRemoved);
    process.off(SIGNAL, second);
  });
  expect(listenInstead(SIGNAL, second)).toContain(first);
  process.emit(SIGNAL, SIGNAL);
  expect(heard).toEqual(["second"]);
  expect(counts.length).toBeGreaterThan(0);
  expect(Math.min(...counts)).toBeGreaterThan(0);
});

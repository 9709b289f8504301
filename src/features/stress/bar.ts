/** A bar on stderr, for a person at a terminal: how far it is, with what came of it so far. */
import { makeBar } from "../../render/bar.ts";
import { duration } from "../../text/duration.ts";
import { count, grouped } from "../../text/list.ts";
import type { Progress } from "./stress.ts";

export interface Bar {
  readonly show: (progress: Progress) => void;
  /** Nothing of it is left on the terminal. */
  readonly stop: () => void;
}

export const NO_BAR: Bar = { show: () => undefined, stop: () => undefined };

export async function startBar(): Promise<Bar> {
  const bar = await makeBar();
  let started = false;
  let stopped = false;
  const show = (progress: Progress) => {
    if (stopped) return;
    const doing = doingOf(progress);
    const value = Math.floor((1000 * Math.max(0, progress.doneMs)) / progress.allMs);
    if (started) return bar.update(value, { doing });
    started = true;
    bar.start(1000, value, { doing });
  };
  const stop = () => {
    process.off("exit", stop);
    stopped = true;
    if (started) bar.stop();
  };
  process.on("exit", stop);
  return { show, stop };
}

/** `12,345 commits, 3 errors, 7 s left`. */
export function doingOf({ commits, errors, doneMs, allMs }: Progress): string {
  const left = allMs - doneMs < 1000 ? "checking what is there" : `${duration(allMs - Math.max(0, doneMs))} left`;
  return `${count(commits, "commit")}, ${errors === 1 ? "1 error" : `${grouped(errors)} errors`}, ${left}`;
}

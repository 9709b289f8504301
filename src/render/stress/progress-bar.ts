/** The progress bar on stderr, for a person at a terminal. */
import type { Progress } from "../../features/stress/listener.ts";
import { makeBar } from "../bar.ts";
import { progressText } from "./progress.ts";

/** Of the bar. */
const STEPS = 1000;

export interface ProgressBar {
  readonly show: (progress: Progress) => void;
  /** Removes it from the terminal. */
  readonly stop: () => void;
}

/** Where stderr is not a terminal. */
export const NO_PROGRESS_BAR: ProgressBar = { show: () => undefined, stop: () => undefined };

export async function startProgressBar(): Promise<ProgressBar> {
  const bar = await makeBar();
  let isStarted = false;
  let isStopped = false;
  const show = (progress: Progress) => {
    if (isStopped) return;
    const payload = { doing: progressText(progress) };
    const value = Math.floor((STEPS * Math.max(0, progress.elapsedMs)) / progress.totalMs);
    if (isStarted) return bar.update(value, payload);
    isStarted = true;
    bar.start(STEPS, value, payload);
  };
  const stop = () => {
    process.off("exit", stop);
    isStopped = true;
    if (isStarted) bar.stop();
  };
  process.on("exit", stop);
  return { show, stop };
}

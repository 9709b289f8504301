/** The settings that `report --advice` prints, to be run as they are printed. */
import type { Setting } from "../../src/recording/advice/advice.ts";
import { changeText } from "../../src/render/advice/change.ts";
import { frameworkOf } from "../../src/render/advice/frameworks/index.ts";

export const ADVISED_TIMEOUT_MS = 7_000;
export const ADVISED_PAGES = 1_234;

export interface AdvisedCode {
  readonly timeout: string;
  readonly immediate: string;
  readonly wal: string;
  readonly checkpoint: string;
  readonly connection: string;
}

/** In the words of this framework: lines of code as they are printed; empty where there are none. */
export function advisedCode(framework: string): AdvisedCode {
  const words = frameworkOf(framework);
  const code = (setting: Setting) => changeText(setting, words).code.join("\n");
  return {
    timeout: code({ id: "busy-timeout", timeoutMs: ADVISED_TIMEOUT_MS }),
    immediate: code({ id: "begin-immediate" }),
    wal: code({ id: "wal-mode" }),
    checkpoint: code({ id: "checkpoint-interval", frames: ADVISED_PAGES }),
    connection: code({ id: "one-writer-connection" }),
  };
}

/** What a program finds that uses these settings. */
export const ADVISED_EFFECTS = {
  timeout: ADVISED_TIMEOUT_MS,
  /** BEGIN IMMEDIATE of another connection is refused, though nothing was written yet. */
  immediate: true,
  wal: "wal",
  checkpoint: ADVISED_PAGES,
} as const;

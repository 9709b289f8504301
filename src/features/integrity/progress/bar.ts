/** A bar on stderr, for a person at a terminal who waits for longer than a second. */

import { basename } from "node:path";
import { makeBar } from "../../../render/bar.ts";
import { cut } from "../../../render/layout.ts";
import { duration } from "../../../text/duration.ts";
import { escapeText } from "../../../text/escape.ts";
import type { Watched } from "./watched.ts";

const AFTER_MS = 1000;
const EVERY_MS = 200;
const NAME_WIDTH = 24;

/** Between these, how long it took says something about how long it will. */
const LEAST_KNOWN = 0.02;
const MOST_KNOWN = 0.97;

export interface Bar {
  /** Nothing of it is left on the terminal. */
  stop(): void;
}

/** `bytes`: of each, its size, so that a great one counts for more. */
export function startBar(
  checks: readonly { readonly path: string; readonly bytes: number; readonly watched: Watched }[],
): Bar {
  const started = performance.now();
  let stopped = false;
  let stopDrawing: (() => void) | null = null;
  const timer = setTimeout(() => {
    void makeBar().then((bar) => {
      if (stopped) return;
      const now = () => stateOf(checks, performance.now() - started);
      const first = now();
      bar.start(1000, first.value, { doing: first.doing });
      const interval = setInterval(() => {
        const { value, doing } = now();
        bar.update(value, { doing });
      }, EVERY_MS);
      stopDrawing = () => {
        clearInterval(interval);
        bar.stop();
      };
    });
  }, AFTER_MS);
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    process.off("exit", stop);
    stopDrawing?.();
    stopDrawing = null;
  };
  process.on("exit", stop);
  return { stop };
}

/** `value` of 1000, and what it does: `2 of 5 databases, shop.db: foreign keys, table 3 of 8, some 12 s more`. */
function stateOf(checks: Parameters<typeof startBar>[0], elapsedMs: number): { value: number; doing: string } {
  const all = checks.reduce((sum, { bytes }) => sum + bytes, 0);
  const fraction = checks.reduce((sum, { bytes, watched }) => sum + watched.fraction * bytes, 0) / Math.max(1, all);
  const ended = checks.filter(({ watched }) => watched.fraction === 1).length;
  const current = checks.find(({ watched }) => watched.running);
  const of = checks.length === 1 ? [] : [`${ended} of ${checks.length} databases`];
  const name =
    current === undefined
      ? []
      : [`${cut(escapeText(basename(current.path)), NAME_WIDTH, "...")}: ${current.watched.doing}`];
  const left =
    fraction > LEAST_KNOWN && fraction < MOST_KNOWN
      ? [`some ${duration((elapsedMs * (1 - fraction)) / fraction)} more`]
      : [];
  return { value: Math.floor(fraction * 1000), doing: [...of, ...name, ...left].join(", ") };
}

/** The alternate screen of a terminal, and its keys; the terminal is left as it was, whatever happens. */

import { offerOut } from "../../terminal.ts";
import type { ScreenSize } from "./interaction.ts";
import { type Key, parseKeys } from "./keys.ts";

/** Alternate screen, no cursor, no automatic wrapping. Source: ctlseqs.txt of xterm. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";

/** Synchronized output (mode 2026): terminals that know it show a frame only when it is complete; others ignore it. */
const BEGIN_FRAME = "\x1b[?2026h\x1b[H";
const END_FRAME = "\x1b[J\x1b[?2026l";

export interface ScreenEvents {
  readonly onKey: (key: Key) => void;
  /** It has to be drawn again: it was resized, or continues after it was stopped. */
  readonly onRedraw: () => void;
}

export class Screen {
  readonly #events: ScreenEvents;
  #entered = false;
  #shown = "";

  constructor(events: ScreenEvents) {
    this.#events = events;
  }

  get size(): ScreenSize {
    const { columns, rows } = process.stdout;
    return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
  }

  /** Begins to listen for keys and signals; `close` ends that. */
  open(): void {
    process.on("exit", this.#leave).on("uncaughtExceptionMonitor", this.#leave);
    process.on("SIGTSTP", this.#onStop).on("SIGCONT", this.#onContinue);
    process.stdout.on("resize", this.#onResize);
    this.enter();
  }

  close(): void {
    this.leave();
    process.off("exit", this.#leave).off("uncaughtExceptionMonitor", this.#leave);
    process.off("SIGTSTP", this.#onStop).off("SIGCONT", this.#onContinue);
    process.stdout.off("resize", this.#onResize);
  }

  enter(): void {
    if (!this.#entered) offerOut(ENTER);
    this.#entered = true;
    this.#shown = "";
    if (!process.stdin.isTTY) return; // no keys: only Ctrl-C ends it
    process.stdin.setRawMode(true);
    process.stdin.off("data", this.#onData).on("data", this.#onData).resume();
  }

  /**
   * `start`: starts another program at the terminal, while Ctrl-Z is still a byte and no signal. SIGTSTP between fork
   * and exec would stop the child, and with it this process, which waits for the exec and could not stop.
   */
  leave(start: () => void = () => undefined): void {
    if (!this.#entered) return;
    this.#entered = false;
    process.stdin.off("data", this.#onData).pause();
    offerOut(LEAVE);
    try {
      start();
    } finally {
      if (process.stdin.isTTY) process.stdin.setRawMode(false);
    }
  }

  /** Writes only what differs from what is shown. @returns false when the terminal is gone */
  draw(lines: readonly string[]): boolean {
    if (!this.#entered) return true;
    const frame = lines.map((line) => `${line}\x1b[K`).join("\r\n");
    if (frame === this.#shown) return true;
    this.#shown = frame;
    return offerOut(BEGIN_FRAME + frame + END_FRAME);
  }

  /**
   * As Ctrl-Z does: the whole job stops here, and continues when the shell says so. Without a shell it continues at
   * once.
   */
  suspend(target: "job" | "self" = "job"): void {
    const entered = this.#entered; // otherwise another program (kill) has the terminal
    this.leave();
    process.off("SIGTSTP", this.#onStop);
    process.kill(target === "job" ? 0 : process.pid, "SIGTSTP");
    process.on("SIGTSTP", this.#onStop);
    if (!entered) return;
    this.enter();
    this.#events.onRedraw();
  }

  readonly #leave = () => this.leave();
  readonly #onStop = () => this.suspend("self");
  readonly #onResize = () => this.#redraw();

  /** Stopped (SIGSTOP) and continued by others: meanwhile the shell has set up the terminal for itself. */
  readonly #onContinue = () => {
    if (!this.#entered) return;
    offerOut(ENTER);
    if (process.stdin.isTTY) process.stdin.setRawMode(false); // Node.js sets no mode that it thinks is set
    this.enter();
    this.#redraw();
  };

  readonly #onData = (data: Buffer | string) => {
    for (const key of parseKeys(data.toString())) this.#events.onKey(key);
  };

  #redraw(): void {
    this.#shown = "";
    this.#events.onRedraw();
  }
}

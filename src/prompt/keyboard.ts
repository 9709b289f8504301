/** The keys of a terminal, one at a time, while a question is asked. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { emitKeypressEvents, type Interface } from "node:readline";
import type { Readable } from "node:stream";
import type { KeyPress } from "./key.ts";
import type { TerminalInput } from "./terminal.ts";

/** Whether Escape was pressed alone, or begins a sequence, is decided after so many ms. */
const ESCAPE_MS = 50;

/** Keys that were typed before `start` or `restart` are never delivered. */
export class Keyboard {
  readonly #input: TerminalInput;
  readonly #onKey: (key: KeyPress) => void;
  readonly #onEnd: () => void;
  #listening = false;
  #stopped = false;

  /** `onEnd`: the input has ended, or its terminal is gone. */
  constructor(input: Readable, onKey: (key: KeyPress) => void, onEnd: () => void) {
    this.#input = input;
    this.#onKey = onKey;
    this.#onEnd = onEnd;
  }

  /** @returns whether Ctrl-C was among the keys that were dropped */
  start(): boolean {
    emitKeypressEvents(this.#input, { escapeCodeTimeout: ESCAPE_MS } as unknown as Interface);
    this.#input.on("end", this.#onEnd).on("close", this.#onEnd).on("error", this.#onEnd);
    this.#setRaw(true);
    const cancelled = discardTyped(this.#input);
    this.#listen();
    return cancelled;
  }

  /** The terminal has its line editing back; with `keepRaw`, it stays in raw mode, for what reads next. */
  stop(keepRaw = false): void {
    this.#stopped = true;
    if (keepRaw) this.#stopListening();
    else this.suspend();
    this.#input.off("end", this.#onEnd).off("close", this.#onEnd).off("error", this.#onEnd);
  }

  /** For the time in which this process is stopped. */
  suspend(): void {
    this.#stopListening();
    this.#setRaw(false);
  }

  /** As `start`, after `suspend`, or after another program has changed the settings of the terminal. */
  restart(): boolean {
    this.suspend(); // Node.js sets no mode that it believes is set
    this.#setRaw(true);
    const cancelled = discardTyped(this.#input);
    setImmediate(() => this.#listen()); // so that the keys that were read together with Ctrl-Z are dropped
    return cancelled;
  }

  #listen(): void {
    if (this.#listening || this.#stopped) return;
    this.#listening = true;
    this.#input.on("keypress", this.#onKeypress).resume();
  }

  #stopListening(): void {
    this.#listening = false;
    this.#input.off("keypress", this.#onKeypress).pause();
  }

  #setRaw(raw: boolean): void {
    if (this.#input.isTTY === true) this.#input.setRawMode?.(raw);
  }

  readonly #onKeypress = (char: string | undefined, { name, ctrl }: { name?: string; ctrl?: boolean }) => {
    this.#onKey({ name, ctrl, char });
  };
}

/**
 * What was typed, and not read yet: it was not meant for the question that is asked now. @returns whether Ctrl-C was
 * among it
 */
function discardTyped(input: TerminalInput): boolean {
  let cancelled = false;
  for (let chunk = input.read(); chunk !== null; chunk = input.read()) cancelled ||= hasCtrlC(chunk);
  if (input.isTTY !== true || input.fd === undefined) return cancelled;
  const fd = openAgain(`/proc/self/fd/${input.fd}`) ?? openAgain("/dev/tty");
  if (fd === null) return cancelled;
  const buffer = Buffer.alloc(1024);
  try {
    for (let got = readSync(fd, buffer); got > 0; got = readSync(fd, buffer))
      cancelled ||= hasCtrlC(buffer.subarray(0, got));
  } catch {
    // EAGAIN: there is no more
  } finally {
    closeSync(fd);
  }
  return cancelled;
}

function hasCtrlC(typed: Buffer | string): boolean {
  return typed.includes("\x03");
}

/** So that reading does not wait. Null for the terminal of another user (su). */
function openAgain(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return null;
  }
}

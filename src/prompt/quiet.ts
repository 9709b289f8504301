/**
 * A terminal between the questions: what is typed is not echoed into the output, and answers no later question.
 * Ctrl-C, Ctrl-\ and Ctrl-Z do what they do in a terminal in its normal mode. Node.js has no way to switch off the echo
 * alone, so the terminal is in raw mode.
 */
import type { TerminalInput } from "./terminal.ts";

const CTRL_C = 3;
const CTRL_Z = 26;
const CTRL_BACKSLASH = 28;

export class QuietInput {
  readonly #input: TerminalInput;
  readonly #signal: (name: NodeJS.Signals) => void;
  #active = false;

  /** `signal`: by default to all of the job, as the terminal itself does. */
  constructor(input: TerminalInput, signal = (name: NodeJS.Signals): void => void process.kill(0, name)) {
    this.#input = input;
    this.#signal = signal;
  }

  start(): void {
    if (this.#active) return;
    this.#active = true;
    process.on("SIGCONT", this.#onContinue);
    this.#setRaw(true);
    this.#input.on("data", this.#onData).resume();
  }

  /** A question reads the keys from now on; the terminal stays in raw mode. */
  leave(): void {
    if (!this.#active) return;
    this.#active = false;
    process.off("SIGCONT", this.#onContinue);
    this.#input.off("data", this.#onData);
  }

  /** The terminal has its line editing and its echo back. */
  stop(): void {
    this.leave();
    this.#input.pause();
    this.#setRaw(false);
  }

  #setRaw(raw: boolean): void {
    if (this.#input.isTTY === true) this.#input.setRawMode?.(raw);
  }

  /** The shell has set the terminal as it needs it; Node.js sets no mode that it believes is set. */
  readonly #onContinue = () => {
    this.#setRaw(false);
    this.#setRaw(true);
  };

  readonly #onData = (data: Buffer) => {
    if (data.includes(CTRL_C)) this.#send("SIGINT");
    else if (data.includes(CTRL_BACKSLASH)) this.#send("SIGQUIT");
    else if (data.includes(CTRL_Z)) this.#send("SIGTSTP");
  };

  /** In its normal mode: the shell, or what is left of the terminal, is to find it so. */
  #send(name: NodeJS.Signals): void {
    this.#setRaw(false);
    this.#signal(name); // after SIGTSTP it continues here
    this.#setRaw(true);
  }
}

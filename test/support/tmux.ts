/** A terminal of a given size with a shell in it, to see what a person sees. */
import { execFileSync } from "node:child_process";
import { onTestFinished } from "vitest";
import { until } from "./until.ts";

let sessions = 0;

export class Terminal {
  readonly #name: string;

  constructor(columns: number, rows: number) {
    this.#name = `sqlock-${process.pid}-${sessions++}`;
    const size = ["-x", String(columns), "-y", String(rows)];
    execFileSync("tmux", ["-f", "/dev/null", "new-session", "-d", "-s", this.#name, ...size, "env PS1='$ ' bash --norc --noprofile"]);
    onTestFinished(() => {
      execFileSync("tmux", ["kill-session", "-t", this.#name]);
    });
  }

  /** Keys as tmux names them (`Enter`, `C-c`, `Down`), or text. */
  type(...keys: readonly string[]): void {
    execFileSync("tmux", ["send-keys", "-t", this.#name, ...keys]);
  }

  screen(): string {
    return execFileSync("tmux", ["capture-pane", "-p", "-t", this.#name], { encoding: "utf8" });
  }

  /** Waits until the screen has it. */
  async shows(text: string | RegExp): Promise<string> {
    const has = () => (typeof text === "string" ? this.screen().includes(text) : text.test(this.screen()));
    await until(`the screen shows ${text}; it is:\n${this.screen()}`, () => Promise.resolve(has()));
    return this.screen();
  }
}

/** A real terminal: tmux, with a shell in it. What is typed goes there, what is on its screen comes back. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { tempFolder } from "./temp.ts";
import { until } from "./until.ts";

/** A look at the screen is a process of its own. */
const LOOK_EVERY_MS = 50;

/** Of the shell. */
const PROMPT = "READY>";

/** To the upper left corner, and erase all: no settings of the terminal change. */
const ERASE = "\x1b[H\x1b[2J";

export class Terminal {
  readonly #socket: string;

  constructor(columns: number, rows: number, env: Readonly<Record<string, string>> = {}) {
    this.#socket = join(tempFolder(), "tmux");
    onTestFinished(() => void this.#tmux("kill-server"));
    const set = Object.entries({ LANG: "C.UTF-8", PS1: `${PROMPT} `, ...env }).map(
      ([name, value]) => `${name}=${value}`,
    );
    execFileSync("tmux", [
      "-S",
      this.#socket,
      "-f",
      "/dev/null",
      "-u",
      "new-session",
      "-d",
      "-x",
      String(columns),
      "-y",
      String(rows),
      "env",
      ...set,
      "sh",
      "-i",
    ]);
  }

  #tmux(...args: string[]): string {
    return execFileSync("tmux", ["-S", this.#socket, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  }

  /**
   * A line and Enter, for the shell: once it reads, and nothing that came before is on the screen any more. So whatever
   * is seen afterwards is of this line.
   */
  async enter(line: string): Promise<void> {
    await this.#wait("the shell asks for a command", () => lastLineOf(this.screen()) === PROMPT);
    writeFileSync(this.flag("pane_tty"), ERASE);
    await this.#wait("the screen is empty", () => this.screen().trim() === "");
    this.#tmux("send-keys", "-l", line, ";", "send-keys", "Enter");
  }

  /** These characters at once; `\n` is what Enter sends. */
  type(text: string): void {
    this.#tmux("send-keys", "-l", text.replaceAll("\n", "\r"));
  }

  /** Keys by tmux's names: `q`, `C-c`, `Down`. */
  press(...keys: string[]): void {
    this.#tmux("send-keys", ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  screen(): string {
    return this.#tmux("capture-pane", "-p");
  }

  /** What tmux says of the pane: `alternate_on`, `cursor_flag`. */
  flag(name: string): string {
    return this.#tmux("display-message", "-p", `#{${name}}`).trim();
  }

  /** Waits until the screen shows this: after `press()` and `type()`, something that it did not show before. */
  async shows(what: RegExp | string): Promise<string> {
    return this.#wait(`the screen shows ${what}`, () => {
      const screen = this.screen();
      return (typeof what === "string" ? screen.includes(what) : what.test(screen)) ? screen : false;
    });
  }

  async #wait<T>(what: string, look: () => T | false): Promise<T> {
    try {
      return await until(what, look, LOOK_EVERY_MS);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}; it shows:\n${this.screen()}`);
    }
  }

  /** The settings of the terminal, as stty has them, by a command typed into the shell. */
  async settings(file: string): Promise<void> {
    await this.enter(`clear; stty -g > ${file}; echo saved-$?`);
    await this.shows(/^saved-0$/m);
  }
}

/** Without the spaces at its end. */
export function lastLineOf(screen: string): string {
  return screen.trimEnd().split("\n").at(-1)?.trimEnd() ?? "";
}

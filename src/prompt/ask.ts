/** Questions at a terminal, whose streams are given. */
import type { Readable, Writable } from "node:stream";
import { ConfirmPrompt, isCancel, Prompt, type PromptOptions } from "@clack/core";
import type { Style } from "../render/style.ts";
import { escapeText } from "../text/escape.ts";
import { type Choice, type PickState, pressed, startPick, submits, takenBy } from "./pick-state.ts";
import { renderPick } from "./pick-view.ts";

/** Asks the person at a terminal. Null as an answer: Ctrl-C, Ctrl-D or Escape. */
export interface Asker {
  pick(title: string, choices: readonly Choice[]): Promise<readonly string[] | null>;
  /** y/N: no, where nothing is typed but Enter. */
  yes(question: string): Promise<boolean | null>;
  say(text: string): void;
}

export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  readonly style: Style;
}

export function askerAt(terminal: Terminal): Asker {
  return {
    pick: (title, choices) => pick(title, choices, terminal),
    yes: (question) => yes(question, terminal),
    say: (text) => {
      terminal.output.write(text);
    },
  };
}

/**
 * Runs a prompt of @clack/core, with what those lack: Ctrl-D cancels, and Ctrl-Z, after which they do not come back,
 * does nothing.
 */
async function answerOf<T>(make: (signal: AbortSignal) => Prompt<T>, output: Writable): Promise<T | null> {
  const ending = new AbortController();
  const prompt = make(ending.signal);
  const showCursor = () => {
    output.write("\u001b[?25h");
  };
  process.once("exit", showCursor);
  try {
    prompt.on("key", (_, key) => {
      if (key.ctrl === true && key.name === "d") ending.abort();
    });
    const answer = prompt.prompt();
    const { rl } = prompt as unknown as { readonly rl?: NodeJS.EventEmitter };
    rl?.on("SIGTSTP", () => undefined);
    rl?.on("close", () => {
      if (prompt.state !== "submit" && prompt.state !== "cancel") ending.abort();
    });
    const given = await answer;
    return isCancel(given) || given === undefined ? null : given;
  } finally {
    process.off("exit", showCursor);
  }
}

function yes(question: string, { input, output }: Terminal): Promise<boolean | null> {
  return answerOf<boolean>(
    (signal) =>
      new ConfirmPrompt({
        input,
        output,
        signal,
        active: "yes",
        inactive: "no",
        initialValue: false,
        render() {
          const answer =
            this.state === "submit" ? (this.value === true ? "yes" : "no") : this.state === "cancel" ? "no" : "";
          return `${escapeText(question)} (y/N) ${answer}`;
        },
      }),
    output,
  );
}

function pick(title: string, choices: readonly Choice[], terminal: Terminal): Promise<readonly string[] | null> {
  return answerOf<readonly string[]>((signal) => new PickPrompt(title, choices, terminal, signal), terminal.output);
}

/**
 * @clack/prompts has no such list: Enter with nothing marked takes the row of the cursor, and letters filter only after
 * a slash.
 */
class PickPrompt extends Prompt<readonly string[]> {
  #list: PickState;

  constructor(title: string, choices: readonly Choice[], { input, output, style }: Terminal, signal: AbortSignal) {
    const options: PromptOptions<readonly string[], Prompt<readonly string[]>> = {
      input,
      output,
      signal,
      render: () =>
        this.state === "submit" || this.state === "cancel"
          ? ""
          : renderPick(title, this.#list, sizedFor(style, output), rowsOf(output)),
    };
    super(options, false);
    this.#list = startPick(choices);
    this.on("key", (char, key) => {
      const submitting = key.name === "return" && submits(this.#list);
      this.#list = pressed(this.#list, { name: key.name, char });
      if (submitting) this._setValue(takenBy(this.#list));
    });
  }

  protected override _shouldSubmit(): boolean {
    return this.value !== undefined;
  }
}

function rowsOf(output: Writable): number {
  return (output as { rows?: number }).rows ?? 24;
}

/** The terminal may have been resized. */
function sizedFor(style: Style, output: Writable): Style {
  const { columns } = output as { columns?: number };
  return columns === undefined ? style : { ...style, width: columns };
}

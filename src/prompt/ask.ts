/** Questions to a person at a terminal. */
import type { Readable, Writable } from "node:stream";
import { ConfirmPrompt, isCancel, Prompt, type PromptOptions } from "@clack/core";
import { cut } from "../render/layout.ts";
import type { Style } from "../render/style.ts";
import { escapeText } from "../text/escape.ts";
import { type Choice, type PickState, pressed, shownChoices, startPick, submits, takenBy } from "./pick-state.ts";

/** A person who can be asked. Null as an answer: Ctrl-C, Ctrl-D or Escape. */
export interface Asker {
  pick(head: string, choices: readonly Choice[]): Promise<readonly string[] | null>;
  /** y/N: nothing but a yes is one. */
  yes(question: string): Promise<boolean | null>;
  say(text: string): void;
}

export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  readonly style: Style;
}

const KEYS = "Space marks, Enter takes the marked or the one at >, / filters, Esc leaves";
const KEYS_OF_FILTER = "type to filter, Enter goes back to the list";

export function askerAt(terminal: Terminal): Asker {
  return {
    pick: (head, choices) => pick(head, choices, terminal),
    yes: (question) => yes(question, terminal),
    say: (text) => {
      terminal.output.write(text);
    },
  };
}

/**
 * What is asked with @clack/core's prompts, with what those lack: Ctrl-D cancels, and Ctrl-Z, after which they do not
 * come back, does nothing.
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

function pick(head: string, choices: readonly Choice[], terminal: Terminal): Promise<readonly string[] | null> {
  return answerOf<readonly string[]>((signal) => new Pick(head, choices, terminal, signal), terminal.output);
}

/**
 * What @clack/prompts has no list for: Enter on a list with nothing marked takes one, and letters filter only behind a
 * slash.
 */
class Pick extends Prompt<readonly string[]> {
  #list: PickState;

  constructor(head: string, choices: readonly Choice[], { input, output, style }: Terminal, signal: AbortSignal) {
    const options: PromptOptions<readonly string[], Prompt<readonly string[]>> = {
      input,
      output,
      signal,
      render: () =>
        this.state === "submit" || this.state === "cancel"
          ? ""
          : renderPick(head, this.#list, sizedFor(style, output), rowsOf(output)),
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

/** The terminal may have another width by now. */
function sizedFor(style: Style, output: Writable): Style {
  const { columns } = output as { columns?: number };
  return columns === undefined ? style : { ...style, width: columns };
}

/** Lines of the list that is shown: no more than the terminal has room for, with the cursor among them. */
export function renderPick(head: string, state: PickState, style: Style, rows: number): string {
  const shown = shownChoices(state);
  const room = Math.max(1, rows - 4);
  const from = Math.max(0, Math.min(state.cursor - Math.floor(room / 2), shown.length - room));
  const width = Math.min(style.width, 200) - 1;
  const lines = shown.slice(from, from + room).map(({ id, label }, i) => {
    const under = from + i === state.cursor;
    const text = cut(
      `${under ? ">" : " "} ${state.marked.has(id) ? "[x]" : "[ ]"} ${escapeText(label)}`,
      width,
      style.ellipsis,
    );
    return under ? (style.chalk?.bold(text) ?? text) : text;
  });
  const more = shown.length > room ? ` (${from + 1} to ${Math.min(from + room, shown.length)} of ${shown.length})` : "";
  const marked = state.marked.size === 0 ? "" : `, ${state.marked.size} marked`;
  const filter =
    state.filtering || state.filter !== ""
      ? [cut(`/${escapeText(state.filter)}${state.filtering ? "_" : ""}`, width, style.ellipsis)]
      : [];
  const keys = cut(state.filtering ? KEYS_OF_FILTER : KEYS, width, style.ellipsis);
  return [
    cut(`${head}${more}${marked}`, width, style.ellipsis),
    ...lines,
    ...(shown.length === 0 ? ["  nobody matches"] : []),
    ...filter,
    style.chalk?.dim(keys) ?? keys,
  ].join("\n");
}

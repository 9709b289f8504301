/** Questions to a person at a terminal. */

import type { Readable, Writable } from "node:stream";
import { isCancel, Prompt } from "@clack/core";
import { confirm } from "@clack/prompts";
import { cut } from "../output/layout.ts";
import type { Style } from "../output/style.ts";
import { type Choice, type PickState, pressed, shownChoices, startPick, submits, takenBy } from "./pick-state.ts";

/** A person who can be asked. Null as an answer: Ctrl-C, or Escape. */
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

export function askerAt({ input, output, style }: Terminal): Asker {
  return {
    pick: (head, choices) => new Pick(head, choices, { input, output, style }).ask(),
    yes: async (question) => {
      const answer = await confirm({ message: question, initialValue: false, input, output, withGuide: false });
      return isCancel(answer) ? null : answer;
    },
    say: (text) => {
      output.write(text);
    },
  };
}

/** What @clack/prompts has no list for: Enter on a list with nothing marked takes one, and letters filter only behind a slash. */
class Pick extends Prompt<readonly string[]> {
  #list: PickState;

  constructor(head: string, choices: readonly Choice[], { input, output, style }: Terminal) {
    super(
      { input, output, render: () => (this.state === "submit" || this.state === "cancel" ? "" : renderPick(head, this.#list, style, rowsOf(output))) },
      false,
    );
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

  async ask(): Promise<readonly string[] | null> {
    const answer = await this.prompt();
    return isCancel(answer) || answer === undefined ? null : answer;
  }
}

function rowsOf(output: Writable): number {
  return (output as { rows?: number }).rows ?? 24;
}

/** Lines of the list that is shown: no more than the terminal has room for, with the cursor among them. */
export function renderPick(head: string, state: PickState, style: Style, rows: number): string {
  const shown = shownChoices(state);
  const room = Math.max(3, rows - 4);
  const from = Math.max(0, Math.min(state.cursor - Math.floor(room / 2), shown.length - room));
  const width = Math.min(style.width, 200) - 1;
  const lines = shown.slice(from, from + room).map(({ id, label }, i) => {
    const under = from + i === state.cursor;
    const text = cut(`${under ? ">" : " "} ${state.marked.has(id) ? "[x]" : "[ ]"} ${label}`, width, style.ellipsis);
    return under ? (style.chalk?.bold(text) ?? text) : text;
  });
  const more = shown.length > room ? ` (${from + 1} to ${Math.min(from + room, shown.length)} of ${shown.length})` : "";
  const filter = state.filtering || state.filter !== "" ? [`/${state.filter}${state.filtering ? "_" : ""}`] : [];
  const keys = cut(state.filtering ? KEYS_OF_FILTER : KEYS, width, style.ellipsis);
  return [`${head}${more}`, ...lines, ...(shown.length === 0 ? ["  nobody matches"] : []), ...filter, style.chalk?.dim(keys) ?? keys].join("\n");
}

/** Questions at a terminal, whose streams are given. */
import { paragraph } from "../render/paragraph.ts";
import type { Style } from "../render/style.ts";
import { escapeText } from "../text/escape.ts";
import { type Choice, type PickState, pressed, startPick, submits, takenBy } from "./pick-state.ts";
import { pageOf, renderPick } from "./pick-view.ts";
import { ask, type Question, type Size } from "./prompt.ts";
import type { Terminal } from "./terminal.ts";

/** Asks the person at a terminal. Null as an answer: Ctrl-C, Ctrl-D or Escape. */
export interface Asker {
  pick(title: string, choices: readonly Choice[]): Promise<readonly string[] | null>;
  /** y/N: no, where nothing is typed but Enter. */
  yes(question: string): Promise<boolean | null>;
  say(text: string): void;
}

export function askerAt(terminal: Terminal): Asker {
  return {
    pick: (title, choices) => ask(pickQuestion(title, choices, terminal.style), terminal),
    yes: (question) => ask(yesQuestion(question), terminal),
    say: (text) => {
      terminal.output.write(text);
    },
  };
}

function yesQuestion(question: string): Question<null, boolean> {
  const lines = (answer: string, { columns }: Size) =>
    paragraph(`${escapeText(question)} (y/N) ${answer}`, "", { width: columns - 1 }).split("\n");
  return {
    start: null,
    onKey: (_, { name, char }) => {
      if (name === "escape") return { kind: "cancelled" };
      if (char === "y" || char === "Y") return { kind: "answered", answer: true };
      if (char === "n" || char === "N" || name === "return") return { kind: "answered", answer: false };
      return { kind: "goes-on", state: null };
    },
    render: (_, size) => lines("", size).slice(-Math.max(1, size.rows - 1)),
    renderAnswer: (answer, size) => `${lines(answer === true ? "yes" : "no", size).join("\n")}\n`,
  };
}

function pickQuestion(title: string, choices: readonly Choice[], style: Style): Question<PickState, readonly string[]> {
  return {
    start: startPick(choices),
    onKey: (state, key, { rows }) => {
      if (key.name === "return" && submits(state)) return { kind: "answered", answer: takenBy(state) };
      const next = pressed(state, key, pageOf(rows));
      return next === null ? { kind: "cancelled" } : { kind: "goes-on", state: next };
    },
    render: (state, { columns, rows }) => renderPick(title, state, { ...style, width: columns }, rows),
    renderAnswer: () => "",
  };
}

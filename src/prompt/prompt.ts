/**
 * Asks one question at a terminal: draws it, gives it the keys, draws it again after a resize, and lets the job stop at
 * Ctrl-Z. What was typed before the question was there (or was there again) is not its answer, but Ctrl-C
 * cancels it.
 */
import type { Writable } from "node:stream";
import { Frame } from "./frame.ts";
import type { KeyPress } from "./key.ts";
import { Keyboard } from "./keyboard.ts";
import type { Terminal } from "./terminal.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What a key did. */
export type Next<State, Answer> =
  | { readonly kind: "goes-on"; readonly state: State }
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "cancelled" };

export interface Question<State, Answer> {
  readonly start: State;
  readonly onKey: (state: State, key: KeyPress, size: Size) => Next<State, Answer>;
  /** Lines narrower than `columns`, fewer than `rows`. */
  readonly render: (state: State, size: Size) => readonly string[];
  /** What stays on the terminal. Null: cancelled. */
  readonly renderAnswer: (answer: Answer | null, size: Size) => string;
}

/** @returns null for Ctrl-C, Ctrl-D, a key that cancels, and an input that ends */
export function ask<State, Answer>(
  question: Question<State, Answer>,
  { input, output, quiet }: Pick<Terminal, "input" | "output" | "quiet">,
): Promise<Answer | null> {
  return new Promise((resolve) => {
    let { start: state } = question;
    const frame = new Frame(output);
    const draw = () => frame.draw(question.render(state, sizeOf(output)));
    const settle = (answer: Answer | null) => {
      process.off("SIGTSTP", onStop).off("SIGCONT", onContinue).off("exit", tidyUp);
      output.off("resize", draw);
      keyboard.stop(quiet !== undefined);
      quiet?.start();
      frame.erase(question.renderAnswer(answer, sizeOf(output)));
      resolve(answer);
    };
    const cancel = () => settle(null);
    const tidyUp = () => {
      keyboard.stop();
      frame.erase();
    };
    /** `target`: 0 for all of the job, as the terminal itself would do. */
    const suspend = (target: number) => {
      keyboard.suspend();
      frame.erase();
      process.off("SIGTSTP", onStop).off("SIGCONT", onContinue);
      process.kill(target, "SIGTSTP"); // goes on here after SIGCONT; at once where there is no shell that could send it
      process.on("SIGTSTP", onStop).on("SIGCONT", onContinue);
      onContinue();
    };
    const onStop = () => suspend(process.pid);
    const onContinue = () => {
      if (keyboard.restart()) cancel();
      else draw();
    };
    const onKey = (key: KeyPress) => {
      if (key.ctrl === true && (key.name === "c" || key.name === "d")) return cancel();
      if (key.ctrl === true && key.name === "z") return suspend(0);
      const next = question.onKey(state, key, sizeOf(output));
      if (next.kind === "cancelled") return cancel();
      if (next.kind === "answered") return settle(next.answer);
      state = next.state;
      draw();
    };
    const keyboard = new Keyboard(input, onKey, cancel);
    process.on("SIGTSTP", onStop).on("SIGCONT", onContinue).on("exit", tidyUp);
    output.on("resize", draw);
    quiet?.leave();
    if (keyboard.start()) cancel();
    else draw();
  });
}

/** The terminal may have been resized. */
function sizeOf(output: Writable): Size {
  const { columns, rows } = output as { columns?: number; rows?: number };
  return {
    columns: columns !== undefined && columns > 0 ? columns : 80,
    rows: rows !== undefined && rows > 0 ? rows : 24,
  };
}

/** The part of the help that commander does not make: what options do not say, examples, exit codes. Pure. */
import { paragraph } from "../render/paragraph.ts";
import type { Example, ExitCode } from "./page.ts";

export interface HelpStyle {
  readonly width: number;
  readonly title: (text: string) => string;
}

export function section(title: string, lines: readonly string[], { title: styled }: HelpStyle): string {
  return `\n${styled(`${title}:`)}\n${lines.join("\n")}`;
}

/** As a person would write them down: the command by itself, to be copied. */
export function exampleLines(examples: readonly Example[], { width }: HelpStyle): string[] {
  return examples.flatMap(({ line, text }) => [paragraph(`  # ${text}`, "  # ", { width }), `  ${line}`]);
}

export function exitCodeLines(codes: readonly ExitCode[], { width }: HelpStyle): string[] {
  return codes.map(({ code, text }) => paragraph(`  ${String(code).padStart(3)}  ${text}`, "       ", { width }));
}

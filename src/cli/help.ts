/** The part of the help that commander does not make: sections, examples, exit codes. Pure. */
import { paragraph } from "../render/paragraph.ts";
import type { Example, ExitCode, HelpSection } from "./description.ts";

export interface HelpStyle {
  readonly width: number;
  readonly title: (text: string) => string;
}

export function section(title: string, lines: readonly string[], { title: styled }: HelpStyle): string {
  return `\n${styled(`${title}:`)}\n${lines.join("\n")}`;
}

/** Paragraphs, and terms in two columns. */
export function sectionLines({ lines, terms = [] }: HelpSection, { width }: HelpStyle): string[] {
  const nameWidth = Math.max(0, ...terms.map(({ name }) => name.length));
  const indent = " ".repeat(2 + nameWidth + 2);
  return [
    ...lines.map((line) => paragraph(`  ${line}`, "  ", { width })),
    ...terms.map(({ name, text }) => paragraph(`  ${name.padEnd(nameWidth)}  ${text}`, indent, { width })),
  ];
}

/** The command is on a separate line, so that it can be copied. */
export function exampleLines(examples: readonly Example[], { width }: HelpStyle): string[] {
  return examples.flatMap(({ line, text }) => [paragraph(`  # ${text}`, "  # ", { width }), `  ${line}`]);
}

export function exitCodeLines(codes: readonly ExitCode[], { width }: HelpStyle): string[] {
  return codes.map(({ code, text }) => paragraph(`  ${String(code).padStart(3)}  ${text}`, "       ", { width }));
}

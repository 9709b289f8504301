/** Sentences for a snapshot: a paragraph each, none wider than a line of code. */
import { paragraph } from "../../src/render/paragraph.ts";

export function block(sentences: readonly string[]): string {
  return `\n${sentences.map((sentence) => paragraph(sentence, "  ", { width: 100 })).join("\n")}\n`;
}

/** Sentences with a label in bold. Pure. */
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";

export function bold(text: string, { chalk }: Style): string {
  return chalk?.bold(text) ?? text;
}

/** `Label: sentences`, the label in bold. */
export function labelled(label: string, text: string, style: Style, indent = ""): string {
  const lines = paragraph(`${label} ${text}`, indent, style, { used: indent.length });
  return indent + bold(label, style) + lines.slice(label.length);
}

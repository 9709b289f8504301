/** The advice for a person: of each database what was seen, what to change, why and where, what is not known. Pure. */
import type { Advice } from "../../recording/advice/advice.ts";
import type { Evidence } from "../../recording/advice/evidence.ts";
import { escapeText } from "../../text/escape.ts";
import { count } from "../../text/list.ts";
import { paragraph } from "../paragraph.ts";
import type { Style } from "../style.ts";
import { changeText, EXPLAIN } from "./change.ts";
import { figuresText } from "./figures.ts";
import type { FrameworkWords } from "./frameworks/framework.ts";
import { headline, reasonTexts } from "./reasons.ts";
import { unknownTexts } from "./unknown.ts";

export interface DatabaseAdvice {
  readonly evidence: Evidence;
  readonly advice: readonly Advice[];
}

export interface AdviceFacts {
  readonly databases: readonly DatabaseAdvice[];
  readonly framework: FrameworkWords;
  /** Events were lost, or it is a sample. */
  readonly atLeast: boolean;
}

export function adviceText({ databases, framework, atLeast }: AdviceFacts, style: Style): string {
  const sections = databases.map((each) => databaseText(each, framework, atLeast, style));
  return `${sections.join("\n\n")}\n`;
}

function databaseText({ evidence, advice }: DatabaseAdvice, framework: FrameworkWords, atLeast: boolean, style: Style) {
  const bold = (text: string) => style.chalk?.bold(text) ?? text;
  const many = advice.length === 0 ? "nothing to change" : count(advice.length, "change");
  const head = `${escapeText(evidence.path)}: ${many}`;
  const numbered = advice.map((each, i) => itemText(each, i + 1, framework, atLeast, style));
  const unknown = unknownTexts(evidence).map((text) => paragraph(text, "", style));
  return [
    bold(paragraph(head, "  ", style)),
    paragraph(figuresText(evidence), "", style),
    ...numbered,
    ...unknown,
  ].join("\n\n");
}

function itemText(advice: Advice, number: number, framework: FrameworkWords, atLeast: boolean, style: Style): string {
  const indent = "   ";
  const bold = (text: string) => style.chalk?.bold(text) ?? text;
  const { where, code, note } = changeText(advice.setting, framework);
  const sentences = reasonTexts(advice, atLeast).map(capitalized).join(" ");
  const lines = [
    bold(paragraph(`${number}. ${headline(advice.setting)}`, indent, style)),
    `${indent}${paragraph(sentences, indent, style, { used: indent.length })}`,
  ];
  if (where !== null) {
    lines.push(`${indent}${paragraph(`${framework.name}: ${where}:`, indent, style, { used: indent.length })}`);
    lines.push(...code.map((line) => (line === "" ? "" : `${indent}    ${line}`)));
  }
  const last = [...(note === null ? [] : [note]), `See: sqlock explain ${EXPLAIN[advice.setting.id]}`].join(" ");
  lines.push(`${indent}${paragraph(last, indent, style, { used: indent.length })}`);
  return lines.join("\n");
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

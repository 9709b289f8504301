/** The pages of the documentation, and the commands that they show. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/root.ts";

export interface Page {
  /** Below the checkout: `docs/ci.md`. */
  readonly path: string;
  readonly text: string;
}

export const PAGES: readonly Page[] = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
].map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));

export interface Block {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page. */
export function blocksOf({ text }: Page): Block[] {
  return [...text.matchAll(/^( *)(```+)(\w*)\n(.*?)^\1\2$/gms)].map(([, , , language = "", inner = ""]) => ({
    language,
    text: inner,
  }));
}

/** What a person would type, line by line: all of an `sh` block, the lines after the prompt in a `console` block. */
export function commandsIn({ language, text }: Block): string[] {
  const lines = text.replaceAll("\\\n", " ").split("\n");
  if (language === "console") return lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2).trim());
  return language === "sh" ? lines.map((line) => line.replace(/(^| )#.*/, "").trim()).filter(Boolean) : [];
}

/** Text in backquotes that begins with `sqlock `. */
export function inlineOf({ text }: Page): string[] {
  const prose = text.replace(/^( *)(```+).*?^\1\2$/gms, "");
  return [...prose.matchAll(/`(sqlock [^`\n]+)`/g)].map(([, command = ""]) => command);
}

/**
 * The name of a command with or without options, such as `sqlock kill --json`; or how it is used, such as `sqlock kill
 * <database>`.
 */
export function isName(command: string): boolean {
  return /^sqlock [a-z-]+( --?[a-z-]+)*$/.test(command) || /<|\[|\||…$/.test(command.replace(/DATABASE…/, ""));
}

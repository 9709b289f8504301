/**
 * A page in one file, which loads nothing: its policy allows its own script and style by their hash, and no network at
 * all. Pure.
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type Content, el, escapeHtml, toHtml } from "./element.ts";

export interface PageParts {
  readonly title: string;
  readonly body: readonly Content[];
  /** The built files of src/page. */
  readonly script: string;
  readonly style: string;
  /** What the script reads: JSON. Null: there is none. */
  readonly data: string | null;
}

export const DATA_ID = "page-data";

export function pageDocument({ title, body, script, style, data }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const head = [
    el("meta", { charset: "utf-8" }),
    el("meta", { "http-equiv": "Content-Security-Policy", content: policy }),
    el("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    el("meta", { name: "color-scheme", content: "light dark" }),
    el("meta", { name: "referrer", content: "no-referrer" }),
    el("link", { rel: "icon", href: "data:," }),
    el("title", {}, title),
  ];
  return [
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n',
    ...head.map((each) => `${toHtml(each)}\n`),
    `<style>${style}</style>\n</head>\n<body>\n`,
    ...body.map((each) => `${toHtml(each)}\n`),
    // In base64 it has no character that would mean something here.
    data === null ? "" : `<script type="text/plain" id="${escapeHtml(DATA_ID)}">${compressed(data)}</script>\n`,
    `<script>${script}</script>\n</body>\n</html>\n`,
  ].join("");
}

function compressed(text: string): string {
  return gzipSync(text, { level: 9 }).toString("base64");
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** Pages and formats that Linux 6.18 has written: see the comment in each test for what made them. */
import { readFileSync } from "node:fs";
import type { Decoder, Page } from "../../src/trace/decode.ts";
import type { DecodedEvent } from "../../src/trace/events.ts";
import { type EventFormat, parseFormat } from "../../src/trace/format.ts";
import { type PageLayout, parseHeaderPage } from "../../src/trace/page.ts";

const read = (name: string): Buffer => readFileSync(new URL(`../fixtures/trace/${name}`, import.meta.url));

export const traceText = (name: string): string => read(name).toString("utf8");
export const formatFixture = (event: string): EventFormat => parseFormat(traceText(`${event}.format`));
export const LAYOUT: PageLayout = parseHeaderPage(traceText("header_page"));

/** Each in memory of its own, as a reader has it. */
export function pagesFixture(name: string): Page[] {
  const all = read(`${name}.pages`);
  return Array.from({ length: all.length / LAYOUT.pageSize }, (_, index) =>
    pageOf(all.subarray(index * LAYOUT.pageSize, (index + 1) * LAYOUT.pageSize)),
  );
}

export function pageOf(content: Uint8Array): Page {
  const memory = new ArrayBuffer(content.length);
  new Uint8Array(memory).set(content);
  return { words: new Uint32Array(memory), bytes: Buffer.from(memory) };
}

/** The decoders by the number of their event. */
export type Decoders = ReadonlyMap<number, Decoder>;

export function decodersOf(pairs: readonly (readonly [EventFormat, Decoder])[]): Decoders {
  return new Map(pairs.map(([format, decoder]) => [format.id, decoder]));
}

/** What `readPage` hands out, decoded. Times are those of the page, in ms. */
export function decoded(page: Page, decoders: Decoders, read: (page: Page, onRecord: Handler) => void): DecodedEvent[] {
  const events: DecodedEvent[] = [];
  read(page, (offset, length, ns) => {
    const decoder = decoders.get((page.words[offset >> 2] ?? 0) & 0xffff);
    if (decoder === undefined || length < decoder.length) return;
    const event = decoder.decode(page, offset, ns / 1e6);
    if (event !== null) events.push(event);
  });
  return events;
}

type Handler = (offset: number, length: number, ns: number) => void;

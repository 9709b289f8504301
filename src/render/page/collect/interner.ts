/** Texts and lines of code once each, by number. What it keeps is bounded, and it counts what it has cut. Pure. */
import type { CallSite } from "../../../recording/lines.ts";
import { siteText } from "../../record/call-site.ts";
import type { SiteData } from "../data.ts";

/** In characters, of all texts together. Above the first, each further text is cut; above the second it is left out. */
const SHORT_FROM = 1_000_000;
const NONE_FROM = 3_000_000;
const SHORT = 100;
const LONGEST = 20_000;
const MOST_SITES = 20_000;

export class Interner {
  readonly strings: string[] = [];
  readonly sites: SiteData[] = [];
  readonly sequences: (readonly number[])[] = [];
  readonly #folder: string | null;
  readonly #strings = new Map<string, number>();
  readonly #sites = new Map<string, number>();
  readonly #sequences = new Map<string, number>();
  #length = 0;
  /** Texts that are not there in full, each time that one was met. */
  cut = 0;

  /** `folder`: files in it are named from there on; null: not known. */
  constructor(folder: string | null) {
    this.#folder = folder;
  }

  /** @returns -1 for null, and for what has no room */
  text(text: string | null | undefined): number {
    if (text == null) return -1;
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const most = this.#length > NONE_FROM ? 0 : this.#length > SHORT_FROM ? SHORT : LONGEST;
    if (text.length <= most) return this.#add(text, text);
    this.cut++;
    if (most === 0) return -1;
    const short = `${text.slice(0, most)} ...`;
    return this.#strings.get(short) ?? this.#add(short, short);
  }

  site(site: CallSite | null | undefined): number {
    if (site == null) return -1;
    const { file, line, function: name, thread, task, sure, calledFrom = [] } = site;
    const key = JSON.stringify([file, line, name, thread, task, sure, calledFrom.map((each) => Object.values(each))]);
    const known = this.#sites.get(key);
    if (known !== undefined) return known;
    if (this.sites.length >= MOST_SITES) {
      this.cut++;
      return -1;
    }
    const callers = calledFrom.slice(0, 5).map((each) => this.text(siteText(each, this.#folder)));
    const entry = { text: this.text(siteText(site, this.#folder)), file: this.text(file), line, calledFrom: callers };
    this.#sites.set(key, this.sites.push(entry) - 1);
    return this.sites.length - 1;
  }

  sequence(statements: readonly number[]): number {
    const key = statements.join(",");
    const known = this.#sequences.get(key);
    if (known !== undefined) return known;
    this.#length += statements.length * 4;
    this.#sequences.set(key, this.sequences.push(statements) - 1);
    return this.sequences.length - 1;
  }

  #add(key: string, text: string): number {
    this.#length += text.length;
    this.#strings.set(key, this.strings.push(text) - 1);
    return this.strings.length - 1;
  }
}

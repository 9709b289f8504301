/** Which line of code has most of something. Its memory is bounded. Pure. */
import type { CallSite } from "../lines.ts";
import { siteKey } from "../program/repeated.ts";

const MOST = 500;

interface Seen {
  /** With its thread and task where all have the same. */
  site: CallSite;
  weight: number;
}

export class Sites {
  /** By file and line: tasks and threads of one line are many. */
  readonly #seen = new Map<string, Seen>();

  #total = 0;

  add(site: CallSite | null | undefined, weight = 1): void {
    this.#total += weight;
    if (site == null) return;
    const key = siteKey(site);
    const seen = this.#seen.get(key);
    if (seen !== undefined) {
      seen.weight += weight;
      seen.site = common(seen.site, site);
    } else if (this.#seen.size < MOST) this.#seen.set(key, { site, weight });
  }

  /** With most of it. Null: no line is known. */
  get first(): CallSite | null {
    return this.#first?.site ?? null;
  }

  /** The same, which says where it is not all of it. */
  get most(): CallSite | null {
    const first = this.#first;
    if (first === null) return null;
    return first.weight < this.#total ? { ...first.site, most: true } : first.site;
  }

  get #first(): Seen | null {
    let first: Seen | null = null;
    for (const seen of this.#seen.values()) if (first === null || seen.weight > first.weight) first = seen;
    return first;
  }
}

/** Of the same line: a thread or task that only one of them has is not told. */
function common(one: CallSite, other: CallSite): CallSite {
  if (one.task === other.task && one.thread === other.thread) return one;
  const task = one.task === other.task ? one.task : null;
  const thread = one.thread === other.thread ? one.thread : null;
  return { ...one, ...(task === undefined ? {} : { task }), ...(thread === undefined ? {} : { thread }) };
}

/** A field of the evidence that is left out where it is not known. */
export function known<Name extends string>(name: Name, site: CallSite | null): { readonly [Key in Name]?: CallSite } {
  return (site === null ? {} : { [name]: site }) as { readonly [Key in Name]?: CallSite };
}

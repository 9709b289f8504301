/** What the messages of one process refer to by numbers: sites, statements, threads. Pure; its memory is bounded. */
import type { CallSite, SqlFacts } from "../lines.ts";
import type { Frame, ProgramMessage } from "./message.ts";

/** Of each kind; more are not remembered. */
const MOST = 20_000;

export interface ProgramWho {
  /** 0: not known. */
  readonly tid: number;
  readonly thread: string | null;
  readonly task: string | null;
}

interface Site {
  readonly frames: readonly Frame[];
  readonly inLibrary: boolean;
}

export const NO_SQL: SqlFacts = { sql: null };

/** How a text is shown: see StatementTexts. */
export type Shown = (sql: { readonly text: string; readonly cut: boolean }) => string;

export class ProgramTables {
  readonly #sites = new Map<number, Site>();
  readonly #texts = new Map<number, SqlFacts>();
  readonly #whos = new Map<number, ProgramWho>();
  /** The same object for the same line of code, thread and task. */
  readonly #callSites = new Map<string, CallSite>();
  readonly #shown: Shown;

  constructor(shown: Shown) {
    this.#shown = shown;
  }

  /** @returns false: it defines nothing */
  define(message: ProgramMessage): boolean {
    switch (message.type) {
      case "site":
        if (this.#sites.size < MOST) this.#sites.set(message.id, message);
        return true;
      case "who":
        if (this.#whos.size >= MOST) this.#whos.clear(); // each task has one
        this.#whos.set(message.id, message);
        return true;
      case "sql": {
        const { id, text, bytes } = message;
        if (this.#texts.size >= MOST) this.#texts.clear(); // texts with literals are many
        const sql = this.#shown({ text, cut: bytes > 0 });
        this.#texts.set(id, bytes > 0 ? { sql, sqlBytes: bytes } : { sql });
        return true;
      }
      default:
        return false;
    }
  }

  sql(id: number): SqlFacts {
    return this.#texts.get(id) ?? NO_SQL;
  }

  who(id: number): ProgramWho | null {
    return this.#whos.get(id) ?? null;
  }

  /** Null: the program does not know, or its message was lost. */
  callSite(siteId: number, whoId: number): CallSite | null {
    const site = this.#sites.get(siteId);
    if (site === undefined) return null;
    const who = this.#whos.get(whoId) ?? null;
    const key = `${siteId} ${who?.thread ?? ""}\n${who?.task ?? ""}`;
    const known = this.#callSites.get(key);
    if (known !== undefined) return known;
    if (this.#callSites.size >= MOST) this.#callSites.clear();
    const made = callSiteOf(site, who);
    this.#callSites.set(key, made);
    return made;
  }
}

function callSiteOf({ frames, inLibrary }: Site, who: ProgramWho | null): CallSite {
  const [first, ...outer] = frames as [Frame, ...Frame[]];
  return {
    ...first,
    ...{ thread: who?.thread ?? null, task: who?.task ?? null },
    ...(inLibrary ? { inLibrary: true } : {}),
    ...(outer.length > 0 ? { calledFrom: outer } : {}),
  };
}

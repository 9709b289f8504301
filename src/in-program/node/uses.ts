/** The texts that a connection runs. */
import { Budget } from "./budget.ts";
import { Group } from "./group.ts";
import { type SqlFacts, sqlFacts } from "./sql.ts";
import type { Definition } from "./stream.ts";
import type { Tracer } from "./tracer.ts";

export interface Use {
  readonly text: Definition;
  readonly facts: SqlFacts;
  readonly fine: Group;
  readonly failed: Group;
  site: Definition | undefined;
  siteAt: number;
  /** What a driver keeps for its statements of this text. Nothing here may hold the connection's own object. */
  bound: unknown;
}

const MOST_USES = 500;

export class Uses {
  readonly #tracer: Tracer;
  readonly #conn: number;
  readonly #byText = new Map<string, Use>();
  readonly #others = new Map<string, Use>();
  readonly #newOnes = new Budget(100);

  constructor(tracer: Tracer, conn: number) {
    this.#tracer = tracer;
    this.#conn = conn;
  }

  /**
   * A program may write its values into the text: of very many texts a second, those of the same kind are told as one
   * of them.
   */
  of(text: string, isScript: boolean, now: number): Use {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const facts = sqlFacts(text, isScript);
    const canBeAnother = facts.controls.length === 0 && facts.statements === 1;
    if (!this.#newOnes.allows(now) && canBeAnother) return this.#other(text, facts);
    const use = this.#make(text, facts);
    if (this.#byText.size >= MOST_USES) this.#byText.clear();
    this.#byText.set(text, use);
    return use;
  }

  clear(): void {
    this.#byText.clear();
    this.#others.clear();
  }

  #other(text: string, facts: SqlFacts): Use {
    const kind = `${facts.isRead} ${facts.isWrite}`;
    const use = this.#others.get(kind) ?? this.#make(text, facts);
    this.#others.set(kind, use);
    return use;
  }

  #make(text: string, facts: SqlFacts): Use {
    const groups = { fine: new Group(this.#tracer, this.#conn), failed: new Group(this.#tracer, this.#conn) };
    const definition = this.#tracer.text(text);
    return { text: definition, facts, ...groups, site: undefined, siteAt: Number.NEGATIVE_INFINITY, bound: undefined };
  }
}

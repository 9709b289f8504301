/** `sqlock explain --json`, with a log on its standard input as people pipe it there. */
import type { WhoHoldsDocument } from "../../src/index.ts";
import { sqlock } from "./sqlock.ts";

/** Of the document, what the tests ask for. */
export interface Explained {
  readonly message: { readonly id: string; readonly library: { readonly id: string } | null } | null;
  readonly waited: {
    readonly elapsedMs: number | null;
    readonly timeoutMs: number | null;
    readonly verdict: string;
  } | null;
  readonly causes: readonly { readonly id: string; readonly standing: string }[];
  readonly thisTime: readonly { readonly finding: string; readonly cause: string | null }[];
  readonly whoHolds: WhoHoldsDocument | null;
}

export async function explain(log: string, args: readonly string[] = []): Promise<Explained> {
  const { stdout, stderr } = await sqlock(["explain", "--json", ...args], { input: log });
  if (stdout === "") throw new Error(`no document: ${stderr}`);
  return JSON.parse(stdout) as Explained;
}

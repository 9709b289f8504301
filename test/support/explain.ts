/** `sqlock explain --json`, with a log on its standard input as people pipe it there. */
import { sqlock } from "./sqlock.ts";

export interface Explained {
  readonly code: number | undefined;
  /** The entry's id, the library that said it, the ids of the causes in their order, and of the one that the evidence shows. */
  readonly entry: string;
  readonly library: string;
  readonly causes: readonly string[];
  readonly ruledOut: readonly string[];
  readonly thisTime: { readonly cause: string; readonly finding: string; readonly pids: readonly number[] } | null;
}

export async function explain(log: string, args: readonly string[] = []): Promise<Explained> {
  const { code, stdout, stderr } = await sqlock(["explain", "--json", ...args], { input: log });
  if (stdout === "") throw new Error(`no document: ${stderr}`);
  const document = JSON.parse(stdout) as Omit<Explained, "code">;
  return { ...document, code };
}

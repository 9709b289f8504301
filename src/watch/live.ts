import type { Style } from "../output/style.ts";
export async function runScreen(_: { paths: readonly string[]; intervalMs: number; forMs: number | null; style: Style }): Promise<number> {
  return 0;
}

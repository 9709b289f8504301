/** Processes of sqlock itself, which no list shows: this one, and the workers that it has started. */

const workers = new Set<number>();

export function isOwn(pid: number | null): boolean {
  return pid === process.pid || (pid !== null && workers.has(pid));
}

/** Until `forget` is called, after its end. */
export function addOwn(pid: number): { readonly forget: () => void } {
  workers.add(pid);
  return { forget: () => workers.delete(pid) };
}

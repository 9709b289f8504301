/** The processes of sqlock itself, which are never listed: this one, and the workers that it has started. */

const workers = new Set<number>();

export function isOwn(pid: number | null): boolean {
  return pid === process.pid || (pid !== null && workers.has(pid));
}

/** Call `forget` when the process has ended. */
export function addOwn(pid: number): { readonly forget: () => void } {
  workers.add(pid);
  return { forget: () => workers.delete(pid) };
}

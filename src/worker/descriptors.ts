/** The regular files that this process has open, by fstat(2): nothing is opened (the close trap). */
import { fstatSync, readdirSync } from "node:fs";

export interface OpenFile {
  readonly fd: number;
  readonly dev: bigint;
  readonly ino: bigint;
}

export function openFiles(): OpenFile[] {
  return readdirSync("/proc/self/fd").flatMap((name): OpenFile[] => {
    const fd = Number(name);
    try {
      const stats = fstatSync(fd, { bigint: true });
      return stats.isFile() ? [{ fd, dev: stats.dev, ino: stats.ino }] : [];
    } catch {
      return []; // that of the folder itself, which is closed by now
    }
  });
}

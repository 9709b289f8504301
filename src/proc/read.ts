/** Reading files of /proc, where between two reads any process may exit and any file may become unreadable. */
import { closeSync, openSync, read, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { uptimeMs } from "../time.ts";

export interface Denied {
  readonly kind: "denied";
  /** Left out where permission is missing, or for another reason. */
  readonly trouble?: Trouble;
}

/** `no-descriptor`: of this process (EMFILE), or of the machine (ENFILE). `io-error`: EIO, as of a failing disk. */
export type Trouble = "no-descriptor" | "io-error";

/** "Gone" and "denied" are results, not exceptions. */
export type Reading<T> = { readonly kind: "ok"; readonly value: T } | { readonly kind: "gone" } | Denied;

const GONE = { kind: "gone" } as const;
const DENIED = { kind: "denied" } as const;
const TROUBLES: Readonly<Record<string, Denied | undefined>> = {
  EMFILE: { kind: "denied", trouble: "no-descriptor" },
  ENFILE: { kind: "denied", trouble: "no-descriptor" },
  EIO: { kind: "denied", trouble: "io-error" },
};

/** The result for an error of a system call on /proc: every error but "no such process or file" counts as denied. */
export function failure(error: unknown): { readonly kind: "gone" } | Denied {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) throw error;
  return code === "ENOENT" || code === "ESRCH" ? GONE : (TROUBLES[code] ?? DENIED);
}

function attempt<T>(read: () => T): Reading<T> {
  try {
    return { kind: "ok", value: read() };
  } catch (error) {
    return failure(error);
  }
}

export const readText = (path: string): Reading<string> => attempt(() => readFileSync(path, "utf8"));

/** The first `maxBytes` of a file whose length is up to another process. */
export function readTextStart(path: string, maxBytes: number): Reading<string> {
  return attempt(() => {
    const fd = openSync(path, "r");
    try {
      const bytes = Buffer.allocUnsafe(maxBytes);
      let filled = 0;
      for (let got = -1; got !== 0 && filled < maxBytes; filled += got)
        got = readSync(fd, bytes, filled, maxBytes - filled, null);
      return bytes.toString("utf8", 0, filled);
    } finally {
      closeSync(fd);
    }
  });
}

export const readLink = (path: string): Reading<string> => attempt(() => readlinkSync(path));
export const readNames = (path: string): Reading<string[]> => attempt(() => readdirSync(path));

/** The target of a link; "" where it cannot be read. */
export function linkOf(path: string): string {
  return valueOr(readLink(path), "");
}

/** The value of a reading, or `otherwise`. */
export function valueOr<T, U>(reading: Reading<T>, otherwise: U): T | U {
  return reading.kind === "ok" ? reading.value : otherwise;
}

/**
 * Reads a file of /proc, and counts the pieces in which it came. The kernel writes such a text page by page (4 KiB).
 * Each piece is consistent in itself, but between two pieces lines may be lost or repeated (`seq_file.c`). `firstBytes`
 * moves the borders. At `untilMs`, by the clock of {@link uptimeMs}, or after `maxBytes`, no further piece is read:
 * then it is not complete. Other work has its turn between two pieces.
 */
export async function readTextInPieces(
  path: string,
  firstBytes: number,
  untilMs: number,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<Reading<{ text: string; pieces: number; complete: boolean }>> {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    return failure(error);
  }
  try {
    const chunks: Buffer[] = [];
    let complete = false;
    let bytesRead = 0;
    while (uptimeMs() < untilMs && bytesRead < maxBytes) {
      const chunk = Buffer.allocUnsafe(chunks.length === 0 ? firstBytes : PIECE_BYTES);
      const bytes = await readAsync(fd, chunk);
      complete = bytes === 0;
      if (complete) break;
      chunks.push(chunk.subarray(0, bytes));
      bytesRead += bytes;
    }
    return { kind: "ok", value: { text: Buffer.concat(chunks).toString("latin1"), pieces: chunks.length, complete } };
  } catch (error) {
    return failure(error);
  } finally {
    closeSync(fd);
  }
}

/** More than the kernel returns at once. */
const PIECE_BYTES = 16384;

function readAsync(fd: number, buffer: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, null, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}

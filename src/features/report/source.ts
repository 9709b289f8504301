/** A file of a recording, as pieces of text: compressed or not, one line a record or one JSON document. */
import { closeSync, constants, createReadStream, fstatSync, openSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { createGunzip, type Gunzip } from "node:zlib";
import { UserError } from "../../errors.ts";
import { escapeText } from "../../text/escape.ts";
import { size } from "../../text/size.ts";

/** Where the bytes are: `bytes` were read from stdin. */
export interface Source {
  readonly name: string;
  readonly path: string | null;
  readonly bytes?: Buffer;
  /** Of the file as it was found. */
  readonly size?: number;
}

const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = constants;
const PIECE = 256 * 1024;
/** Of what is compressed: more than this is unpacked only where it is no more than so many times its size. */
const MUCH = 512 * 1024 * 1024;
const MOST_TIMES = 150;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/**
 * `take` returns false where the rest is not needed. @returns false: what is compressed is cut off, or damaged from
 * there on. @throws UserError, or ENOENT where it is gone
 */
export async function piecesOf(source: Source, take: (piece: string) => boolean): Promise<boolean> {
  const decoder = new StringDecoder("utf8");
  const stream = unpacked(source);
  try {
    for await (const chunk of stream) if (!take(decoder.write(chunk as Buffer))) return true;
    const rest = decoder.end();
    if (rest !== "") take(rest);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith("Z_") === true) return false;
    throw error;
  }
}

async function* unpacked(source: Source): AsyncGenerator<Buffer> {
  const bytes = source.bytes === undefined ? fileBytes(source) : piecesOfBytes(source.bytes);
  const first = await bytes.next();
  if (first.done === true) return;
  const all = prepended(first.value, bytes);
  if (!first.value.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC)) {
    yield* all;
    return;
  }
  const gunzip = createGunzip({ chunkSize: PIECE });
  const fed = { bytes: 0 };
  const feeding = feed(all, gunzip, fed);
  let unpackedBytes = 0;
  try {
    for await (const chunk of gunzip) {
      unpackedBytes += (chunk as Buffer).length;
      if (unpackedBytes > MUCH && unpackedBytes > fed.bytes * MOST_TIMES) throw tooLarge(source);
      yield chunk as Buffer;
    }
  } finally {
    gunzip.destroy();
    await feeding;
  }
}

/** `fed`: so much it got so far. */
async function feed(bytes: AsyncIterable<Buffer>, gunzip: Gunzip, fed: { bytes: number }): Promise<void> {
  let resume = () => {};
  gunzip.on("drain", () => resume()).on("close", () => resume());
  try {
    for await (const piece of bytes) {
      if (gunzip.destroyed) return;
      fed.bytes += piece.length;
      const drained = new Promise<void>((resolve) => {
        resume = resolve;
      });
      if (!gunzip.write(piece)) await drained;
    }
    gunzip.end();
  } catch (error) {
    gunzip.destroy(error as Error);
  }
}

async function* prepended(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

async function* fileBytes({ name, path }: Source): AsyncGenerator<Buffer> {
  const fd = openSync(path ?? "", O_RDONLY | O_NONBLOCK | O_NOCTTY); // a pipe nobody writes to would never open
  if (!fstatSync(fd).isFile()) {
    closeSync(fd);
    throw noFile(name);
  }
  for await (const chunk of createReadStream("", { fd, highWaterMark: PIECE })) yield chunk as Buffer;
}

async function* piecesOfBytes(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}

function tooLarge({ name }: Source): UserError {
  return new UserError(
    "too-large",
    `${escapeText(name)} unpacks to more than ${size(MUCH)}, over ${MOST_TIMES} times its size: no recording does`,
    "if it is one all the same, unpack it with gunzip, and give that",
  );
}

export function noFile(name: string): UserError {
  return new UserError(
    "not-a-recording",
    `${escapeText(name)} is no regular file`,
    "give the file of a recording, or - to read it from stdin",
  );
}

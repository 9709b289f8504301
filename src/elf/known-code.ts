/** Code that is recognised byte by byte. Pure. Source: as x86-64.ts. */
import { MAX_OFFSET } from "./x86-64.ts";

/** Of `entryOf`. */
export const ENTRY_BYTES = 6;

/**
 * How far behind the first byte of a function a probe costs least, where it sees the same: registers, stack and return
 * address. The kernel does `push` itself; endbr64, which stands before it in a function for Intel CET, it has to run
 * step by step, which takes ten times as long on a virtual machine. Source: arch/x86/kernel/uprobes.c
 */
export function entryOf(code: Uint8Array): 0 | 4 {
  if (!ENDBR64.every((byte, index) => code[index] === byte)) return 0;
  const [first = 0, second = 0] = code.subarray(ENDBR64.length);
  return isPush(first) || (first === 0x41 && isPush(second)) ? 4 : 0;
}

const ENDBR64 = [0xf3, 0x0f, 0x1e, 0xfa];

const isPush = (opcode: number): boolean => opcode >= 0x50 && opcode <= 0x57;

/**
 * For `int isBusy(S *s) { return s != 0 && s->state == 2; }`, the offset of that byte: where the code is, byte by byte,
 * what GCC and Clang make of it. Null: it is another function, or another compiler's.
 */
export function comparedByte(code: Uint8Array): number | null {
  for (const { before, after } of IS_BUSY) {
    const place = before.length;
    if (!before.every((byte, index) => code[index] === byte)) continue;
    if (!after.every((byte, index) => code[place + 4 + index] === byte)) continue;
    const offset = new DataView(code.buffer, code.byteOffset).getInt32(place, true);
    return offset >= 0 && offset < MAX_OFFSET ? offset : null;
  }
  return null;
}

/** What stands before and after the offset of four bytes. */
const IS_BUSY = [
  // xor eax,eax; test rdi,rdi; je out; xor eax,eax; cmp byte [rdi+offset],2; sete al; out: ret
  { before: [0x31, 0xc0, 0x48, 0x85, 0xff, 0x74, 0x0c, 0x31, 0xc0, 0x80, 0xbf], after: [0x02, 0x0f, 0x94, 0xc0, 0xc3] },
  // test rdi,rdi; je out; xor eax,eax; cmp byte [rdi+offset],2; sete al; ret; out: xor eax,eax; ret
  {
    before: [0x48, 0x85, 0xff, 0x74, 0x0d, 0x31, 0xc0, 0x80, 0xbf],
    after: [0x02, 0x0f, 0x94, 0xc0, 0xc3, 0x31, 0xc0, 0xc3],
  },
  // mov eax,0; test rdi,rdi; je out; cmp byte [rdi+offset],2; sete al; movzx eax,al; out: ret
  {
    before: [0xb8, 0x00, 0x00, 0x00, 0x00, 0x48, 0x85, 0xff, 0x74, 0x0d, 0x80, 0xbf],
    after: [0x02, 0x0f, 0x94, 0xc0, 0x0f, 0xb6, 0xc0, 0xc3],
  },
].flatMap((shape) => [shape, { before: [...ENDBR64, ...shape.before], after: shape.after }]);

/**
 * What a small function of x86-64 code returns. Pure. The code is not compared with known ones but followed, for a null
 * pointer and for another one: of either the way through it is known. Whatever else it has than the few instructions
 * that compilers make for such a function, nothing is said of it.
 *
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2; System V ABI, AMD64 supplement.
 */

/** Bytes of a function that are enough: that of a compiler that was told not to optimise has 70. */
export const GETTER_BYTES = 96;

/**
 * For `T *get(S *s) { return s ? s->field : 0; }`, the offset of the field: proved, for all of its code was followed.
 * Null: it does something else, or something that is not known.
 *
 * `code`: from its first byte to its last.
 */
export function returnedField(code: Uint8Array): number | null {
  const ofNull = follow(code, "null");
  if (ofNull !== "zero") return null;
  const value = follow(code, "other");
  return typeof value === "number" && value >= 0 && value < MAX_OFFSET && value % 8 === 0 ? value : null;
}

/** A field further behind would be none of sqlite3_stmt (some 300 bytes). */
export const MAX_OFFSET = 1024;

/** `argument`: the pointer that the function got, which is not null. A number: what stands so far behind it. */
type Value = "zero" | "argument" | "frame" | number;

const RAX = 0;
const RSP = 4;
const RBP = 5;
const RDI = 7;

/** Jumps go forward and back: a circle ends, too. */
const MAX_INSTRUCTIONS = 40;

interface State {
  /** By their numbers; what is missing is not known. */
  readonly registers: Map<number, Value>;
  /** On the stack, by their distance from the frame. */
  readonly slots: Map<number, Value>;
  isZero: boolean | null;
  pushed: boolean;
}

/** The value that is in rax at the return; null: not known. */
function follow(code: Uint8Array, argument: "null" | "other"): Value | null {
  const state: State = {
    registers: new Map([[RDI, argument === "null" ? "zero" : "argument"]]),
    slots: new Map(),
    isZero: null,
    pushed: false,
  };
  const bytes = new DataView(code.buffer, code.byteOffset, code.byteLength);
  let at = 0;
  for (let count = 0; count < MAX_INSTRUCTIONS; count++) {
    const next = at < 0 || at >= bytes.byteLength ? null : step(bytes, at, state);
    if (next === null) return null;
    if (next === "return") return state.pushed ? null : (state.registers.get(RAX) ?? null);
    at = next;
  }
  return null;
}

/** One instruction: where the next one is; null: not one of those that are known. */
function step(bytes: DataView, at: number, state: State): number | "return" | null {
  const byte = (index: number) => (at + index < bytes.byteLength ? bytes.getUint8(at + index) : -1);
  const plain = skipped(byte);
  if (plain > 0) return at + plain;
  switch (byte(0)) {
    case 0xc3:
      return "return";
    case 0xf3: // repz ret
      return byte(1) === 0xc3 ? "return" : null;
    case 0x55: // push rbp
      if (state.pushed) return null;
      state.pushed = true;
      return at + 1;
    case 0x5d: // pop rbp
    case 0xc9: // leave
      if (!state.pushed) return null;
      if (byte(0) === 0xc9 && state.registers.get(RBP) !== "frame") return null;
      state.pushed = false;
      state.registers.delete(RBP);
      return at + 1;
    case 0x74: // je
    case 0x75: // jne
      if (state.isZero === null || byte(1) < 0) return null;
      return at + 2 + (state.isZero === (byte(0) === 0x74) ? bytes.getInt8(at + 1) : 0);
    case 0xeb: // jmp
      return byte(1) < 0 ? null : at + 2 + bytes.getInt8(at + 1);
    case 0xb8: // mov eax, 0
      if (at + 5 > bytes.byteLength || bytes.getUint32(at + 1, true) !== 0) return null;
      state.registers.set(RAX, "zero");
      return at + 5;
    case 0x31: // xor of a register with itself
    case 0x33:
      return clear(byte(1), state) ? at + 2 : null;
    case 0x48: {
      const length = wide(bytes, at + 1, state);
      return length === null ? null : at + 1 + length;
    }
    default:
      return null;
  }
}

/** Of an instruction that does nothing here: endbr64, nop. */
function skipped(byte: (index: number) => number): number {
  if (byte(0) === 0xf3 && byte(1) === 0x0f && byte(2) === 0x1e && byte(3) === 0xfa) return 4;
  if (byte(0) === 0x90) return 1;
  return byte(0) === 0x66 && byte(1) === 0x90 ? 2 : 0;
}

function clear(modrm: number, state: State): boolean {
  const { mode, register, base } = fieldsOf(modrm);
  if (mode !== 3 || register !== base || register === RSP || register === RBP) return false;
  state.registers.set(register, "zero");
  state.isZero = true;
  return true;
}

const fieldsOf = (modrm: number) => ({ mode: modrm >> 6, register: (modrm >> 3) & 7, base: modrm & 7 });

/** An instruction of 64 bits (REX.W), from the byte behind its prefix: its length. */
function wide(bytes: DataView, at: number, state: State): number | null {
  if (at + 2 > bytes.byteLength) return null;
  const opcode = bytes.getUint8(at);
  const { mode, register, base } = fieldsOf(bytes.getUint8(at + 1));
  if (mode === 3) {
    switch (opcode) {
      case 0x85: // test of a register with itself
        return register === base && setFlag(state, state.registers.get(register)) ? 2 : null;
      case 0x83: // cmp with 0
        if (register !== 7 || at + 3 > bytes.byteLength || bytes.getUint8(at + 2) !== 0) return null;
        return setFlag(state, state.registers.get(base)) ? 3 : null;
      case 0x89: // mov
        return move(state, register, base) ? 2 : null;
      case 0x8b:
        return move(state, base, register) ? 2 : null;
      default:
        return null;
    }
  }
  // in memory: [base + displacement], without an index, and not from rip
  if (base === RSP || (mode === 0 && base === RBP)) return null;
  const size = mode === 0 ? 0 : mode === 1 ? 1 : 4;
  if (at + 2 + size > bytes.byteLength) return null;
  const displacement = size === 0 ? 0 : size === 1 ? bytes.getInt8(at + 2) : bytes.getInt32(at + 2, true);
  switch (opcode) {
    case 0x8b:
      return load(state, base, displacement, register) ? 2 + size : null;
    case 0x89: {
      const value = state.registers.get(register);
      if (!isSlot(state, base, displacement) || value === undefined || value === "frame") return null;
      state.slots.set(displacement, value);
      return 2 + size;
    }
    case 0x83: {
      if (register !== 7 || !isSlot(state, base, displacement) || at + 3 + size > bytes.byteLength) return null;
      if (bytes.getUint8(at + 2 + size) !== 0) return null;
      return setFlag(state, state.slots.get(displacement)) ? 3 + size : null;
    }
    default:
      return null;
  }
}

/** Whether a value is null: what stands in a field may be. */
function setFlag(state: State, value: Value | undefined): boolean {
  if (value !== "zero" && value !== "argument") return false;
  state.isZero = value === "zero";
  return true;
}

function move(state: State, from: number, to: number): boolean {
  if (from === RSP && to === RBP && state.pushed) {
    state.registers.set(RBP, "frame");
    return true;
  }
  const value = state.registers.get(from);
  if (value === undefined || value === "frame" || to === RSP || to === RBP) return false;
  state.registers.set(to, value);
  return true;
}

/** In the red zone below the frame, whole words of it. */
function isSlot(state: State, base: number, displacement: number): boolean {
  const isFrame = base === RBP && state.registers.get(RBP) === "frame";
  return isFrame && displacement <= -8 && displacement >= -128 && displacement % 8 === 0;
}

function load(state: State, base: number, displacement: number, to: number): boolean {
  if (to === RSP || to === RBP) return false;
  const value = isSlot(state, base, displacement)
    ? state.slots.get(displacement)
    : state.registers.get(base) === "argument"
      ? displacement
      : undefined;
  if (value === undefined) return false;
  state.registers.set(to, value);
  return true;
}

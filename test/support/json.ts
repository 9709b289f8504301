/** A document as its JSON has it: bigint as decimal strings, dates in ISO 8601. */
export type Json<T> = T extends bigint | Date ? string : T extends object ? { readonly [K in keyof T]: Json<T[K]> } : T;

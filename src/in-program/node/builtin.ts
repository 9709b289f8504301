/**
 * node:sqlite, as it is loaded: by require(), import or process.getBuiltinModule(). A wrapper of require() would stand
 * in the stack of every error of a module, and module.registerHooks() sees each import of the program. Node.js notes
 * each module of its own in process.moduleLoadList when it is complete, before the program gets it; the list's
 * prototype hears of it, in the same call.
 */
const NOTE = "NativeModule sqlite";

type Exports = Record<string, unknown>;

export function whenSqliteIsLoaded(
  getBuiltinModule: ((name: string) => unknown) | undefined,
  loaded: (exports: Exports) => void,
): void {
  const list = (process as { moduleLoadList?: unknown }).moduleLoadList;
  if (!Array.isArray(list) || getBuiltinModule === undefined) return;
  const take = () => loaded(getBuiltinModule.call(process, "node:sqlite") as Exports);
  if (list.includes(NOTE)) {
    take();
    return;
  }
  const base = Object.create(Array.prototype, {
    constructor: { value: Array, writable: true, configurable: true },
  }) as object;
  const { defineProperty } = Reflect;
  const { setPrototypeOf } = Object;
  const hearing = new Proxy(base, {
    set(_, key, value, receiver) {
      const isSet = defineProperty(receiver, key, { value, writable: true, enumerable: true, configurable: true });
      if (value !== NOTE) return isSet;
      try {
        setPrototypeOf(list, Array.prototype);
        take();
      } catch {
        // node:sqlite is not traced
      }
      return isSet;
    },
  });
  setPrototypeOf(list, hearing);
}

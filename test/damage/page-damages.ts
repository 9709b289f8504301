/** Pages of an index that stay well formed: in another order, or laid out anew. */
import type { ByteDamage, Tree, Victim } from "./byte-damages.ts";
import { again, someEntry, someIndex, typeOf } from "./damage-target.ts";
import { entriesOf, INDEX_INTERIOR, INDEX_LEAF, readPage, writePage } from "./index-records.ts";

/** Pages of one index whose children are leaves. */
function parents(victim: Victim, tree: Tree): number[] {
  return [...new Set(entriesOf(victim, tree.root).map(({ page }) => page))].filter(
    (page) => typeOf(victim, page) === INDEX_INTERIOR,
  );
}

export const TREE_DAMAGES: readonly ByteDamage[] = [
  {
    name: "children-exchanged",
    apply: (victim) => {
      again(() => {
        const tree = someIndex(victim, (some) => parents(victim, some).length > 0);
        const inner = tree === null ? [] : parents(victim, tree);
        if (inner.length === 0) return false;
        const page = victim.random.pick(inner);
        const old = readPage(victim, page);
        if (old === null || old.cells.length < 1) return false;
        const children = [...old.cells.map(({ child }) => child ?? 0), old.rightChild];
        const a = victim.random.int(0, children.length - 2);
        const b = victim.random.int(a + 1, children.length - 1);
        [children[a], children[b]] = [children[b] ?? 0, children[a] ?? 0];
        return writePage(victim, page, {
          ...old,
          cells: old.cells.map((cell, i) => ({ ...cell, child: children[i] ?? 0 })),
          rightChild: children.at(-1) ?? 0,
        });
      });
    },
  },
  {
    name: "leaf-reversed",
    apply: (victim) => {
      again(() => {
        const tree = someIndex(victim);
        if (tree === null) return false;
        const page = someEntry(victim, tree)?.page ?? 0;
        const old = readPage(victim, page);
        return old?.type === INDEX_LEAF && writePage(victim, page, { ...old, cells: old.cells.toReversed() });
      });
    },
  },
  {
    name: "leaf-laid-out-anew",
    apply: (victim) => {
      const tree = someIndex(victim);
      const page = (tree === null ? null : someEntry(victim, tree)?.page) ?? 0;
      const old = readPage(victim, page);
      if (old !== null) writePage(victim, page, old);
    },
  },
];

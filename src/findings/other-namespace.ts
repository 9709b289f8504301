import { defineFinding, type Rule } from "./shared/record.ts";

/** Part of the machine, or other machines, cannot be seen: "no process" means "no process that can be seen". */
const rule: Rule = ({ database, snapshot }) => {
  if (!snapshot.partialView) return [];
  const network = database.fileSystem?.network === true;
  const host = database.fileSystem?.host === true;
  const container = snapshot.childNamespace;
  if (!network && !container) return []; // another database of the same call is the reason
  const outside = [
    ...(container ? ["processes outside this container (pid namespace)"] : []),
    ...(network ? [host ? "programs on the host of this virtual machine" : "programs on other machines"] : []),
  ].join(", and ");
  return [
    {
      pids: [],
      summary: `Only what is visible from here is shown: ${outside} may also have the database open.`,
      detail: container
        ? "In a child pid namespace, the kernel hides the locks and processes of all other namespaces: whether " +
          "nobody has the database open, and whether a journal is hot, cannot be known here."
        : `A lock held on ${host ? "the host" : "another machine"} appears here neither as a process nor as a lock.`,
      remedy: [
        ...(container
          ? [
              "Run sqlock on the host, with the path that the database has there (docker inspect shows the mounts " +
                "of a container); on the host it also sees processes in containers.",
            ]
          : []),
        ...(network
          ? [
              host
                ? "Check on the host too (Linux, macOS: sqlock who-holds; Windows: the handles in Resource Monitor)."
                : "Run sqlock on the other machines that mount this file system.",
            ]
          : []),
      ].join(" "),
    },
  ];
};

export const otherNamespace = defineFinding({
  id: "other-namespace",
  severity: "info",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: null,
  limitsView: true,
  rule,
});

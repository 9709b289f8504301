/**
 * `/sys/class/bdi`: a name for every file system in use that writes back pages, including those that `umount -l`
 * removed from every list of mounts, and those of other mount namespaces. Source: `mm/backing-dev.c`, `fs/super.c`
 * (super_setup_bdi), `fs/fuse/inode.c`, `fs/nfs/super.c`.
 */
import { type Mount, mayHang } from "./mountinfo.ts";

export const BDI = "/sys/class/bdi";

/**
 * Whether the names include a network or FUSE file system that is not among `mounts`. FUSE and NFS are named by device,
 * others by type.
 */
export function hasUnlistedMounts(names: readonly string[], mounts: readonly Mount[]): boolean {
  const listed = new Set(mounts.map((mount) => mount.device));
  const byType = new Map<string, number>();
  for (const name of names) {
    const [, device, fuseblk] = /^(\d+:\d+)(-fuseblk)?$/.exec(name) ?? [];
    if (device !== undefined) {
      if ((device.startsWith("0:") || fuseblk !== undefined) && !listed.has(device)) return true;
      continue;
    }
    const type = /^(.+)-\d+$/.exec(name)?.[1];
    if (type !== undefined && mayHang(type)) byType.set(type, (byType.get(type) ?? 0) + 1);
  }
  return [...byType].some(
    ([type, count]) => count > new Set(mounts.filter((mount) => mount.type === type).map((mount) => mount.device)).size,
  );
}

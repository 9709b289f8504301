/*
 * SQLITE_ENABLE_LOCKING_STYLE, which brings unix-flock, expects macOS: the type of the file system in struct statfs,
 * and locking by a proxy. Here it gets neither. Included before sqlite3.c.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/vfs.h>

struct mac_statfs {
  char f_fstypename[8];
  long f_flags;
};

#define MNT_LOCAL 1

static int mac_statfs_of(struct mac_statfs *found) {
  found->f_fstypename[0] = 0;
  found->f_flags = MNT_LOCAL;
  return 0;
}

#define statfs mac_statfs
#define mac_statfs(path, found) mac_statfs_of(found)
#define fstatfs(fd, found) mac_statfs_of(found)
#define proxyTransformUnixFile(file, path) SQLITE_ERROR

/* Counts the calls that change files below one folder, and makes the k-th of them go wrong.
 *
 * Loaded with LD_PRELOAD; armed from Python through crash_arm. What is sent to other machines counts too, after
 * crash_sockets: then others see what was done before the kill, and not only the disk. Modes:
 *   kill     SIGKILL instead of the call (which is also SIGKILL after the call before it)
 *   torn     half of a write, or of what is sent, then SIGKILL
 *   eio      the call fails once with EIO
 *   enospc   this write and all later ones fail with ENOSPC, as on a full disk
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { NONE, KILL, TORN, EIO_ONCE, FULL };

static long calls, fatal_call;
static int mode, sockets;
static char folder[4096];

void crash_arm(const char *below, long at, int how) {
    snprintf(folder, sizeof folder, "%s", below);
    calls = 0;
    fatal_call = at;
    mode = how;
    sockets = 0;
}

void crash_sockets(void) { sockets = 1; }

long crash_calls(void) { return calls; }

static void die(void) { kill(getpid(), SIGKILL); }

static int below(const char *path) { return folder[0] && strncmp(path, folder, strlen(folder)) == 0; }

static int mine(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

static int away(int fd) {
    struct sockaddr_storage own;
    socklen_t size = sizeof own;
    if (!sockets || getsockname(fd, (struct sockaddr *)&own, &size)) return 0;
    return own.ss_family == AF_INET || own.ss_family == AF_INET6;
}

static int fresh(const char *path, int flags) {
    return (flags & O_CREAT) && below(path) && access(path, F_OK);
}

/* What to do with this call: NONE for nothing special. */
static int verdict(int counted, int writes) {
    if (!counted) return NONE;
    calls++;
    if (mode == FULL) return writes && calls >= fatal_call ? FULL : NONE;
    if (calls != fatal_call) return NONE;
    if (mode == KILL || (mode == TORN && !writes)) die();
    return mode;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL(code) do { errno = (code); return -1; } while (0)
#define AROUND(counted, writes, whole, half)                   \
    int what = verdict(counted, writes);                       \
    if (what == EIO_ONCE) FAIL(EIO);                           \
    if (what == FULL) FAIL(ENOSPC);                            \
    if (what == TORN) { (void)!(half); die(); }                \
    return (whole)

ssize_t write(int fd, const void *data, size_t size) {
    AROUND(mine(fd), 1, REAL(write)(fd, data, size), REAL(write)(fd, data, size / 2));
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    AROUND(mine(fd), 1, REAL(pwrite)(fd, data, size, at), REAL(pwrite)(fd, data, size / 2, at));
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    AROUND(mine(fd), 1, REAL(pwrite64)(fd, data, size, at), REAL(pwrite64)(fd, data, size / 2, at));
}
int fsync(int fd) { AROUND(mine(fd), 0, REAL(fsync)(fd), 0); }
int fdatasync(int fd) { AROUND(mine(fd), 0, REAL(fdatasync)(fd), 0); }
int ftruncate(int fd, off_t size) { AROUND(mine(fd), 0, REAL(ftruncate)(fd, size), 0); }
int ftruncate64(int fd, off64_t size) { AROUND(mine(fd), 0, REAL(ftruncate64)(fd, size), 0); }
int unlink(const char *path) { AROUND(below(path), 0, REAL(unlink)(path), 0); }
int rename(const char *old, const char *new) { AROUND(below(new), 0, REAL(rename)(old, new), 0); }
int mkdir(const char *path, mode_t how) { AROUND(below(path), 0, REAL(mkdir)(path, how), 0); }
int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t how = va_arg(more, mode_t);
    va_end(more);
    AROUND(fresh(path, flags), 0, REAL(open)(path, flags, how), 0);
}
int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t how = va_arg(more, mode_t);
    va_end(more);
    AROUND(fresh(path, flags), 0, REAL(open64)(path, flags, how), 0);
}
int connect(int fd, const struct sockaddr *to, socklen_t size) {
    AROUND(away(fd), 0, REAL(connect)(fd, to, size), 0);
}
ssize_t send(int fd, const void *data, size_t size, int flags) {
    AROUND(away(fd), 1, REAL(send)(fd, data, size, flags), REAL(send)(fd, data, size / 2, flags));
}

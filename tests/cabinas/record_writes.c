/* Preloaded into a process: every write, truncation, sync and rename under CAC_RECORD_DIR is done and noted in CAC_RECORD, in order.
   A note is one line "op<TAB>offset<TAB>length<TAB>path[<TAB>new path]\n", then `length` bytes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int under(const char *path) {
    const char *dir = getenv("CAC_RECORD_DIR");
    return dir && strncmp(path, dir, strlen(dir)) == 0;
}

static int path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return under(path);
}

static void put(const void *data, size_t length) {
    const char *at = data;
    while (length) {
        ssize_t done = syscall(SYS_write, log_fd, at, length);
        if (done <= 0) _exit(97);
        at += done;
        length -= done;
    }
}

static void note(const char *op, long long offset, size_t length, const char *path, const char *to, const void *data) {
    char line[2 * PATH_MAX + 64];
    if (log_fd < 0) log_fd = open(getenv("CAC_RECORD"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    int used = snprintf(line, sizeof line, "%s\t%lld\t%zu\t%s%s%s\n", op, offset, length, path, to ? "\t" : "", to ? to : "");
    put(line, used);
    if (length) put(data, length);
}

#define DONE_AND_NOTED(call, op, offset, length, data) \
    char path[PATH_MAX]; \
    if (!path_of(fd, path)) return call; \
    pthread_mutex_lock(&turn); \
    __typeof__(call) came = call; \
    if (came >= 0) note(op, offset, length, path, NULL, data); \
    pthread_mutex_unlock(&turn); \
    return came

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { DONE_AND_NOTED(REAL(pwrite)(fd, data, length, at), "write", at, came, data); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) { DONE_AND_NOTED(REAL(pwrite64)(fd, data, length, at), "write", at, came, data); }
ssize_t write(int fd, const void *data, size_t length) { DONE_AND_NOTED(REAL(write)(fd, data, length), "write", (long long)lseek(fd, 0, SEEK_CUR) - came, came, data); }
int ftruncate(int fd, off_t size) { DONE_AND_NOTED(REAL(ftruncate)(fd, size), "truncate", size, 0, NULL); }
int ftruncate64(int fd, off64_t size) { DONE_AND_NOTED(REAL(ftruncate64)(fd, size), "truncate", size, 0, NULL); }
int fsync(int fd) { DONE_AND_NOTED(REAL(fsync)(fd), "sync", 0, 0, NULL); }
int fdatasync(int fd) { DONE_AND_NOTED(REAL(fdatasync)(fd), "sync", 0, 0, NULL); }

int rename(const char *from, const char *to) {
    if (!under(to)) return REAL(rename)(from, to);
    pthread_mutex_lock(&turn);
    int came = REAL(rename)(from, to);
    if (came == 0) note("rename", 0, 0, from, to, NULL);
    pthread_mutex_unlock(&turn);
    return came;
}

int unlink(const char *path) {
    if (!under(path)) return REAL(unlink)(path);
    pthread_mutex_lock(&turn);
    int came = REAL(unlink)(path);
    if (came == 0) note("unlink", 0, 0, path, NULL, NULL);
    pthread_mutex_unlock(&turn);
    return came;
}

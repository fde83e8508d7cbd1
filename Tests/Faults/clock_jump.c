// A time of day that jumps, for a program that this is preloaded into. The file that CLOCK_JUMP names holds a number of eight bytes: the
// nanoseconds by which the clock is off, which whoever tests changes while the program runs. Clocks that nobody sets stay as they are, as where an
// operator or the network sets the time. Waits until a time of day end by the clock as it is then.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
// Of times later than this, all are times of day; a steady clock counts from the machine's start.
#define IS_TIME_OF_DAY(time) ((time)->tv_sec > 1000000000)
// Waits look at the clock so often.
#define SLICE 20000000LL

static volatile int64_t *shared;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CLOCK_JUMP");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *page = file < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ, MAP_SHARED, file, 0);
    if (file >= 0) close(file);
    if (page != MAP_FAILED) shared = page;
}

static struct timespec moved(struct timespec time, int64_t nanoseconds) {
    int64_t whole = (int64_t)time.tv_sec * SECOND + time.tv_nsec + nanoseconds;
    return (struct timespec){whole / SECOND, whole % SECOND};
}

static struct timespec right_time(void) {
    struct timespec time;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &time);
    return time;
}

static int64_t offset(void) { return shared ? *shared : 0; }

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (syscall(SYS_clock_gettime, clock, time) != 0) return -1;
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) *time = moved(*time, offset());
    return 0;
}

int gettimeofday(struct timeval *restrict value, void *restrict zone) {
    (void)zone;
    struct timespec time = moved(right_time(), offset());
    *value = (struct timeval){time.tv_sec, time.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *value) {
    time_t now = moved(right_time(), offset()).tv_sec;
    if (value) *value = now;
    return now;
}

// The end of the next slice of a wait, by the right clock; false where the wait is over.
static int slice(const struct timespec *end, struct timespec *next) {
    struct timespec now = right_time();
    struct timespec right_end = moved(*end, -offset());
    *next = moved(now, SLICE);
    int64_t left = ((int64_t)right_end.tv_sec - now.tv_sec) * SECOND + right_end.tv_nsec - now.tv_nsec;
    if (left < SLICE) *next = right_end;
    return left > 0;
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict end) {
    static int (*real)(sem_t *, const struct timespec *);
    if (!real) real = (int (*)(sem_t *, const struct timespec *))dlsym(RTLD_NEXT, "sem_timedwait");
    struct timespec next;
    while (slice(end, &next)) {
        int result = real(semaphore, &next);
        if (result == 0 || errno != ETIMEDOUT) return result;
    }
    return real(semaphore, &next);
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict end) {
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!real) {
        // On x86-64 there is an older function of this name, for condition variables of another kind, and dlsym would find that.
        void *found = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
        if (!found) found = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
        real = (int (*)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *))found;
    }
    if (!IS_TIME_OF_DAY(end)) return real(condition, mutex, end);
    struct timespec next;
    while (slice(end, &next)) {
        int result = real(condition, mutex, &next);
        if (result != ETIMEDOUT) return result;
    }
    return real(condition, mutex, &next);
}

int timerfd_settime(int timer, int flags, const struct itimerspec *value, struct itimerspec *before) {
    struct itimerspec changed = *value;
    // By the clock as it is when it is set; a later jump does not move it.
    if ((flags & TFD_TIMER_ABSTIME) && IS_TIME_OF_DAY(&changed.it_value)) changed.it_value = moved(changed.it_value, -offset());
    return syscall(SYS_timerfd_settime, timer, flags, &changed, before);
}

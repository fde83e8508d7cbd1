// Tells ThreadSanitizer what Swift's libraries do unseen, for they are built without it. Preloaded by make test SANITIZE=thread.
//
// - A Mutex that nobody else holds is taken and given back by atomic instructions in the code that uses it. Where threads meet, Swift's library has the
//   kernel do it (FUTEX_LOCK_PI).
// - What is stored once and shared (arrays, strings) is written to by whoever finds itself the last one who holds it: that the others have let go of it is
//   told by the count of references, which the library keeps.
// - A task that waits for a continuation goes on at once where that was resumed before it began to wait, or in that moment; only where it had to be put
//   to sleep does the library tell of it.
//
// Without this, what one thread did before, and another after, is reported as a race. That a count goes down is taken to order more than it does: a race
// between two threads that both let go of one object meanwhile, and do nothing else to order themselves, is not seen.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

// ThreadSanitizer's own; absent in programs that are built without it.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

static void acquire(void *address) {
    if (__tsan_acquire) __tsan_acquire(address);
}

static void release(void *address) {
    if (__tsan_release) __tsan_release(address);
}

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

// Synchronization._MutexHandle._lockSlow(UInt32) and _unlockSlow(), by their names in the library.
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) __asm__(LOCK_SLOW);
SWIFT void unlock_slow(SELF void *mutex) __asm__(UNLOCK_SLOW);

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) {
    ((SWIFT void (*)(uint32_t, SELF void *))real(LOCK_SLOW))(thread, mutex);
    acquire(mutex);
}

SWIFT void unlock_slow(SELF void *mutex) {
    release(mutex);
    ((SWIFT void (*)(SELF void *))real(UNLOCK_SLOW))(mutex);
}

// Continuations. The library tells of whoever resumes one, but not of the task that finds it resumed: that goes on through what is put in its way here.

#define ASYNC __attribute__((swiftasynccall))
#define ASYNC_CONTEXT __attribute__((swift_async_context))

/// What a task waits for, as far as it is looked at: struct ContinuationAsyncContext of the runtime's header swift/ABI/Task.h.
struct continuation {
    void *parent;
    ASYNC void (*resume)(ASYNC_CONTEXT struct continuation *);
    uintptr_t flags;
};
/// The task goes on elsewhere, at another time.
enum { executor_switch = 2 };

/// Where the task that this thread runs goes on.
static _Thread_local ASYNC void (*resume)(ASYNC_CONTEXT struct continuation *);

ASYNC static void go_on(ASYNC_CONTEXT struct continuation *continuation) {
    acquire(((void *(*)(void))real("swift_task_getCurrent"))());
    continuation->resume = resume;
    __attribute__((musttail)) return resume(continuation);
}

ASYNC void swift_continuation_await(struct continuation *continuation) {
    // Only a task that does not have to sleep goes on by this: one that sleeps has kept where it goes on.
    if (!(continuation->flags & executor_switch)) {
        resume = continuation->resume;
        continuation->resume = go_on;
    }
    __attribute__((musttail)) return ((ASYNC void (*)(struct continuation *))real("swift_continuation_await"))(continuation);
}

// Counts of references. These are called as C functions are.

typedef bool (*unique_function)(const void *);
typedef void (*release_function)(void *);
typedef void (*release_n_function)(void *, uint32_t);

static unique_function real_unique, real_unique_nonnull;
static release_function real_release, real_bridge_release;
static release_n_function real_release_n, real_bridge_release_n;

__attribute__((constructor)) static void find(void) {
    // Programs without Swift have none of them.
    real_unique = (unique_function)dlsym(RTLD_NEXT, "swift_isUniquelyReferenced_native");
    real_unique_nonnull = (unique_function)dlsym(RTLD_NEXT, "swift_isUniquelyReferenced_nonNull_native");
    real_release = (release_function)dlsym(RTLD_NEXT, "swift_release");
    real_release_n = (release_n_function)dlsym(RTLD_NEXT, "swift_release_n");
    real_bridge_release = (release_function)dlsym(RTLD_NEXT, "swift_bridgeObjectRelease");
    real_bridge_release_n = (release_n_function)dlsym(RTLD_NEXT, "swift_bridgeObjectRelease_n");
}

bool swift_isUniquelyReferenced_native(const void *object) {
    if (!real_unique) find();
    bool isUnique = real_unique(object);
    if (isUnique && object) acquire((void *)object);
    return isUnique;
}

bool swift_isUniquelyReferenced_nonNull_native(const void *object) {
    if (!real_unique_nonnull) find();
    bool isUnique = real_unique_nonnull(object);
    if (isUnique) acquire((void *)object);
    return isUnique;
}

// Whoever lets go last frees it, after all that the others did. What is negative is no object.
static void note(intptr_t bits) {
    if (bits <= 0) return;
    // The upper byte, and the lowest bits, of a reference that a string has say something else.
    void *object = (void *)(bits & 0x00fffffffffffff8);
    release(object);
    acquire(object);
}

void swift_release(void *object) {
    if (!real_release) find();
    note((intptr_t)object);
    real_release(object);
}

void swift_release_n(void *object, uint32_t count) {
    if (!real_release_n) find();
    note((intptr_t)object);
    real_release_n(object, count);
}

void swift_bridgeObjectRelease(void *object) {
    if (!real_bridge_release) find();
    note((intptr_t)object);
    real_bridge_release(object);
}

void swift_bridgeObjectRelease_n(void *object, uint32_t count) {
    if (!real_bridge_release_n) find();
    note((intptr_t)object);
    real_bridge_release_n(object, count);
}

#include "mapping_guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { slot_count = 1024 };

// What a slot is at, and in the bits above how often it was taken: so that whoever reads a slot knows whether it was given to another mapping meanwhile.
enum slot_state { slot_free, slot_claimed, slot_watched, slot_damaged, slot_state_mask = 3, slot_generation = 4 };

struct slot {
    atomic_uint_least64_t tag;
    atomic_uintptr_t base;
    atomic_size_t size;
};

// A signal handler has no other way to know of them.
static struct slot slots[slot_count];
static struct sigaction previous;
static uintptr_t page_size;
static pthread_once_t installation = PTHREAD_ONCE_INIT;

// Puts zeros where the file ends now: from the page that was touched to the mapping's end, for a file is cut short at its end. Only calls that a handler
// may make: mmap is one system call. Whoever touched the page holds the mapping, so its own slot stays what it is.
static bool heal(uintptr_t address) {
    for (int number = 0; number < slot_count; number++) {
        struct slot *slot = &slots[number];
        uint_least64_t tag = atomic_load(&slot->tag);
        if ((tag & slot_state_mask) != slot_watched && (tag & slot_state_mask) != slot_damaged) continue;
        uintptr_t base = atomic_load(&slot->base);
        size_t size = atomic_load(&slot->size);
        if (address < base || address - base >= size) continue;
        // Marked first, so that nobody takes a zero for the file's. It fails where the slot was given away, or another thread marked it.
        if (!atomic_compare_exchange_strong(&slot->tag, &tag, (tag & ~(uint_least64_t)slot_state_mask) | slot_damaged)) {
            number--;
            continue;
        }
        uintptr_t start = address / page_size * page_size;
        void *page = mmap((void *)start, base + size - start, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        return page != MAP_FAILED;
    }
    return false;
}

static void handle(int signal_number, siginfo_t *information, void *context) {
    int saved = errno;
    bool is_healed = information->si_code > 0 && heal((uintptr_t)information->si_addr);
    errno = saved;
    if (is_healed) return;
    if ((previous.sa_flags & SA_SIGINFO) && previous.sa_sigaction) {
        previous.sa_sigaction(signal_number, information, context);
    } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN && previous.sa_handler) {
        previous.sa_handler(signal_number);
    } else {
        // Touched again, the page now ends the process. A signal that somebody sent has no page: it is sent again.
        signal(signal_number, SIG_DFL);
        if (information->si_code <= 0) raise(signal_number);
    }
}

static void install(void) {
    page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    struct sigaction action = {0};
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}

int mapping_guard_add(const void *base, size_t size) {
    pthread_once(&installation, install);
    for (int number = 0; number < slot_count; number++) {
        struct slot *slot = &slots[number];
        uint_least64_t tag = atomic_load(&slot->tag);
        if ((tag & slot_state_mask) != slot_free) continue;
        uint_least64_t generation = (tag & ~(uint_least64_t)slot_state_mask) + slot_generation;
        if (!atomic_compare_exchange_strong(&slot->tag, &tag, generation | slot_claimed)) continue;
        atomic_store(&slot->base, (uintptr_t)base);
        atomic_store(&slot->size, size);
        atomic_store(&slot->tag, generation | slot_watched);
        return number;
    }
    return -1;
}

void mapping_guard_remove(int number) {
    if (number < 0 || number >= slot_count) return;
    uint_least64_t tag = atomic_load(&slots[number].tag);
    // A handler may be marking it.
    while (!atomic_compare_exchange_weak(&slots[number].tag, &tag, tag & ~(uint_least64_t)slot_state_mask)) {}
}

bool mapping_guard_is_damaged(int number) {
    return number >= 0 && number < slot_count && (atomic_load(&slots[number].tag) & slot_state_mask) == slot_damaged;
}

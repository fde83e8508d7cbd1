#ifndef RUDDER_PAUSE_H
#define RUDDER_PAUSE_H

/// Tells the processor that this is a spin loop.
static inline void rudder_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif

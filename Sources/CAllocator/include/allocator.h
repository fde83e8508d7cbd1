// How the C library's allocator keeps memory.
#ifndef ALLOCATOR_H
#define ALLOCATOR_H

// Has glibc's malloc give back what was freed: for a process that works for weeks, on many threads, for many at once. To be called first of all.
//
// - By default each thread takes what it needs from an arena of its own, up to eight for each processor, and each keeps what its busiest moment took.
//   Here there are two.
// - By default the size from which a block gets pages of its own, which go back to the system when it is freed, grows with every such block, up to
//   32 MiB. Here it stays at 1 MiB.
//
// What the environment or GLIBC_TUNABLES says of either is overridden. Other C libraries keep their ways.
void allocator_give_back(void);

#endif

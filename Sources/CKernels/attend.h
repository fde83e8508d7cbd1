// The walk over a sequence's keys and values, one for all vector instruction sets. To be included behind score_keys, weigh and add_values, with
// QUERIES, the most queries that those take at once (3 or 6), and TARGET, the attribute of the instruction set.

/// One group of sixteen positions for `count` queries, each of which sees positions from[q] ..< to[q] of it, at least one. `next_keys`
/// are those of the group that will follow.
INLINE void attend_group(const uint16_t *keys, const uint16_t *values, const uint16_t *next_keys, int64_t size, float scale, const float *const *queries, float *const *outs,
                         rudder_running_softmax *states, const int *from, const int *to, int count) {
    float scores[QUERIES][16], corrections[QUERIES];
    int is_whole = 1;
    score_keys(keys, values, size, queries, count, scale, scores);
    UNROLL for (int q = 0; q < count; q++) {
        corrections[q] = weigh(scores[q], from[q], to[q], states + q);
        is_whole &= from[q] == 0 && to[q] == 16;
    }
    if (is_whole) {
        add_values(values, next_keys, size, 0, 16, scores, corrections, outs, count);
    } else {
        for (int q = 0; q < count; q++) add_values(values, next_keys, size, from[q], to[q], scores + q, corrections + q, outs + q, 1);
    }
}

TARGET static void attend_chunk(const rudder_cache_pages *pages, const rudder_queries *q, int64_t chunk, const rudder_attention_part *part) {
    int64_t size = pages->head_size, count = q->rows * q->heads;
    for (int64_t i = 0; i < count; i++) {
        part->states[i] = (rudder_running_softmax){-INFINITY, 0};
        memset(part->out + i / q->heads * part->stride + i % q->heads * part->head_stride, 0, (size_t)size * 4);
    }
    int64_t last_end = q->position + q->rows, first_end = q->position + 1;
    int64_t start = first_end > q->window ? first_end - q->window : 0, chunk_start = chunk * RUDDER_ATTENTION_CHUNK;
    int64_t group = start > chunk_start ? start / 16 * 16 : chunk_start;
    int64_t chunk_end = last_end < chunk_start + RUDDER_ATTENTION_CHUNK ? last_end : chunk_start + RUDDER_ATTENTION_CHUNK;
    for (; group < chunk_end; group += 16) {
        int64_t offset = rudder_group_offset(pages, group);
        const uint16_t *keys = pages->keys + offset, *values = pages->values + offset;
        const uint16_t *next_keys = group + 16 < last_end ? pages->keys + rudder_group_offset(pages, group + 16) : q->next_keys ? q->next_keys : keys;
        const float *queries[QUERIES];
        float *outs[QUERIES];
        int from[QUERIES], to[QUERIES], seen = 0;
        rudder_running_softmax tile[QUERIES];
        int64_t indices[QUERIES];
        for (int64_t i = 0; i < count; i++) {
            int64_t row = i / q->heads, end = q->position + row + 1, begin = end > q->window ? end - q->window : 0;
            if (end > group && begin < group + 16) {
                queries[seen] = q->queries + row * q->stride + i % q->heads * size;
                outs[seen] = part->out + row * part->stride + i % q->heads * part->head_stride;
                from[seen] = group < begin ? (int)(begin - group) : 0;
                to[seen] = end - group < 16 ? (int)(end - group) : 16;
                tile[seen] = part->states[i];
                indices[seen++] = i;
            }
            if (seen < QUERIES && i + 1 < count) continue;
            switch (seen) {
#if QUERIES >= 6
            case 6: attend_group(keys, values, next_keys, size, q->scale, queries, outs, tile, from, to, 6); break;
            case 5: attend_group(keys, values, next_keys, size, q->scale, queries, outs, tile, from, to, 5); break;
            case 4: attend_group(keys, values, next_keys, size, q->scale, queries, outs, tile, from, to, 4); break;
#endif
            case 3: attend_group(keys, values, next_keys, size, q->scale, queries, outs, tile, from, to, 3); break;
            case 2: attend_group(keys, values, next_keys, size, q->scale, queries, outs, tile, from, to, 2); break;
            case 1: attend_group(keys, values, next_keys, size, q->scale, queries, outs, tile, from, to, 1); break;
            default: break;
            }
            for (int k = 0; k < seen; k++) part->states[indices[k]] = tile[k];
            seen = 0;
        }
    }
}

#include "attention_chunks.h"

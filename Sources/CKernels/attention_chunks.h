// Sums of chunks of positions, joined in order. To be included behind TARGET, the attribute of the instruction set. Every set gives the same bits:
// each number is one fused multiply-add of one product.

/// Adds the sums of the chunk that follows. Never inlined: whoever joins chunks joins them by the same instructions.
__attribute__((noinline)) TARGET static void add_chunk(float *out, rudder_running_softmax *state, const float *later, rudder_running_softmax added, int64_t size) {
    if (added.sum == 0) return;
    if (state->sum == 0) {
        memcpy(out, later, (size_t)size * 4);
        *state = added;
        return;
    }
    float largest = fmaxf(state->largest, added.largest);
    float kept = largest == state->largest ? 1 : exponential(state->largest - largest);
    float gained = largest == added.largest ? 1 : exponential(added.largest - largest);
    for (int64_t d = 0; d < size; d++) out[d] = __builtin_fmaf(later[d], gained, out[d] * kept);
    state->sum = __builtin_fmaf(added.sum, gained, state->sum * kept);
    state->largest = largest;
}

/// Divides by the sum of the weights.
__attribute__((noinline)) TARGET static void divide(float *out, rudder_running_softmax state, int64_t size) {
    float inverse = 1 / state.sum;
    for (int64_t d = 0; d < size; d++) out[d] *= inverse;
}

TARGET static void join_chunks(const float *parts, const rudder_running_softmax *states, int64_t count, int64_t size, float *out) {
    rudder_running_softmax state = {-INFINITY, 0};
    memset(out, 0, (size_t)size * 4);
    for (int64_t chunk = 0; chunk < count; chunk++) add_chunk(out, &state, parts + chunk * size, states[chunk], size);
    divide(out, state, size);
}

TARGET static void attend(const rudder_cache_pages *pages, const rudder_queries *q) {
    int64_t size = pages->head_size, count = q->rows * q->heads, first_end = q->position + 1;
    int64_t chunk = (first_end > q->window ? first_end - q->window : 0) / RUDDER_ATTENTION_CHUNK;
    int64_t last = (q->position + q->rows - 1) / RUDDER_ATTENTION_CHUNK;
    rudder_running_softmax states[RUDDER_ATTENTION_QUERIES], added[RUDDER_ATTENTION_QUERIES];
    rudder_attention_part whole = {q->out, q->stride, size, states}, later = {q->scratch, q->heads * size, size, added};
    attend_chunk(pages, q, chunk, &whole);
    while (++chunk <= last) {
        attend_chunk(pages, q, chunk, &later);
        for (int64_t i = 0; i < count; i++) {
            add_chunk(q->out + i / q->heads * q->stride + i % q->heads * size, states + i, q->scratch + i * size, added[i], size);
        }
    }
    for (int64_t i = 0; i < count; i++) divide(q->out + i / q->heads * q->stride + i % q->heads * size, states[i], size);
}

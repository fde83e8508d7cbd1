/// GGUF's names of a family's tensors.
struct HuggingFaceNames: Sendable {
    /// What all names begin with that belong to the language model; others are left out, such as a vision tower's.
    var prefix = ""
    /// Before a block's number.
    let block: String
    /// Names outside blocks.
    let outer: [String: String]
    /// Names within a block, without `.weight` or `.bias`.
    let inner: [String: String]

    /// GGUF's name; the same where there is none, and nil for a tensor that the model computes anyway.
    func translate(_ name: String) -> String? {
        guard name.hasPrefix(prefix) else { return nil }
        let name = String(name.dropFirst(prefix.count))
        if name.hasSuffix(".rotary_emb.inv_freq") { return nil }
        guard let dot = name.lastIndex(of: ".") else { return name }
        let (stem, kind) = (String(name[..<dot]), name[dot...])
        if let known = outer[stem] { return known + kind }
        guard stem.hasPrefix(block) else { return name }
        let parts = stem.dropFirst(block.count).split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let number = Int(parts[0]), number >= 0, let known = inner[String(parts[1])] else { return name }
        return "blk.\(number).\(known)\(kind)"
    }

    /// What a tensor that is missing may be called, by GGUF's name: several names where several kinds of model differ.
    func original(of name: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return name }
        let (stem, kind) = (String(name[..<dot]), String(name[dot...]))
        let parts = stem.split(separator: ".", maxSplits: 2)
        let isInner = parts.count == 3 && parts[0] == "blk"
        let wanted = isInner ? String(parts[2]) : stem
        let found = (isInner ? inner : outer).filter { $0.value == wanted }.map {
            prefix + (isInner ? "\(block)\(parts[1])." : "") + $0.key + kind
        }
        return found.isEmpty ? name : found.sorted().joined(separator: "' or '")
    }

    /// Llama and those that are called like it.
    static let llama = Self(
        block: "model.layers.",
        outer: ["model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"],
        inner: [
            "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
            "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
            "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
        ]
    )

    /// Phi 3, whose matrices are fused.
    static let phi3 = Self(
        block: llama.block,
        outer: llama.outer,
        inner: [
            "input_layernorm": "attn_norm", "self_attn.qkv_proj": "attn_qkv", "self_attn.o_proj": "attn_output",
            "post_attention_layernorm": "ffn_norm", "mlp.gate_up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
        ]
    )

    /// Gemma, whose blocks have a norm behind each sublayer, too.
    static let gemma = Self(
        block: llama.block,
        outer: llama.outer,
        inner: llama.inner.merging([
            "post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
            "post_feedforward_layernorm": "post_ffw_norm",
        ]) { $1 }
    )

    static let falcon = Self(
        block: "transformer.h.",
        outer: ["transformer.word_embeddings": "token_embd", "transformer.ln_f": "output_norm", "lm_head": "output"],
        inner: [
            "input_layernorm": "attn_norm", "ln_mlp": "attn_norm", "ln_attn": "attn_norm_2", "self_attention.query_key_value": "attn_qkv",
            "self_attention.dense": "attn_output", "mlp.dense_h_to_4h": "ffn_up", "mlp.dense_4h_to_h": "ffn_down",
        ]
    )
}

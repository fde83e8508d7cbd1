/// What a golden model's tensor is called in safetensors, by its name in GGUF.
struct GoldenTensorName {
    let safetensors: String

    init?(gguf: String, model: String) {
        let isFalcon = model == "falcon"
        let top =
            isFalcon
            ? ["token_embd": "transformer.word_embeddings", "output_norm": "transformer.ln_f"]
            : ["token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"]
        var parts = gguf.split(separator: ".").map(String.init)
        guard let kind = parts.popLast() else { return nil }
        if parts.count == 1, let name = top[parts[0]] {
            safetensors = "\(name).\(kind)"
            return
        }
        guard parts.count == 3, parts[0] == "blk" else { return nil }
        var names =
            isFalcon
            ? [
                "attn_qkv": "self_attention.query_key_value", "attn_output": "self_attention.dense", "attn_norm": "input_layernorm",
                "ffn_up": "mlp.dense_h_to_4h", "ffn_down": "mlp.dense_4h_to_h",
            ]
            : [
                "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
                "attn_qkv": "self_attn.qkv_proj", "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm",
                "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj",
                "ffn_up": "mlp.up_proj",
                "ffn_down": "mlp.down_proj",
            ]
        if model == "phi3" { names["ffn_up"] = "mlp.gate_up_proj" }
        if model == "gemma3" {
            names["post_attention_norm"] = "post_attention_layernorm"
            names["ffn_norm"] = "pre_feedforward_layernorm"
            names["post_ffw_norm"] = "post_feedforward_layernorm"
        }
        guard let name = names[parts[2]] else { return nil }
        safetensors = "\(isFalcon ? "transformer.h" : "model.layers").\(parts[1]).\(name).\(kind)"
    }
}

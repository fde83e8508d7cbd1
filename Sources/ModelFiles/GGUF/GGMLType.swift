/// The numbers by which GGUF names the types of tensors (ggml.h).
enum GGMLType {
    /// The supported type of that number.
    static func supported(_ number: UInt32) -> TensorType? {
        switch number {
        case 0: .f32
        case 1: .f16
        case 2: .q4_0
        case 3: .q4_1
        case 6: .q5_0
        case 7: .q5_1
        case 8: .q8_0
        case 12: .q4_K
        case 13: .q5_K
        case 14: .q6_K
        case 30: .bf16
        default: nil
        }
    }

    /// The name of any type that ggml has or had, for a refusal.
    static func name(_ number: UInt32) -> String {
        supported(number)?.rawValue ?? others[number] ?? "number \(number)"
    }

    private static let others: [UInt32: String] = [
        4: "Q4_2", 5: "Q4_3", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
        20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M",
        31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 34: "TQ1_0", 35: "TQ2_0", 36: "IQ4_NL_4_4", 37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8",
        39: "MXFP4", 40: "NVFP4", 41: "Q1_0",
    ]
}

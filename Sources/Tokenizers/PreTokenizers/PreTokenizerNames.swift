/// The pre-tokenizers that GGUF files name, as llama.cpp knows them (`llama-vocab.cpp`), with the expressions that their models were trained with.
struct PreTokenizerNames {
    let names: [String]
    let expressions: [String]
    let prefersWholeWords: Bool
    let addsBeginning: Bool

    private init(_ names: [String], _ expressions: [String], prefersWholeWords: Bool = false, addsBeginning: Bool = false) {
        self.names = names
        self.expressions = expressions
        self.prefersWholeWords = prefersWholeWords
        self.addsBeginning = addsBeginning
    }

    /// The entry of a name; nil where none has it.
    static func named(_ name: String) -> Self? {
        all.first { $0.names.contains { $0.utf8.elementsEqual(name.utf8) } }
    }

    static let all: [Self] = [
        Self(
            [
                "gpt-2", "phi-2", "gigachat", "a.x-4.0", "mellum", "modern-bert", "exaone4", "mpt", "olmo", "jais", "trillion",
                "granite-docling",
            ],
            [PatternSources.gpt2]
        ),
        Self(
            ["starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2"],
            [PatternSources.number, PatternSources.gpt2]
        ),
        Self(
            ["llama-bpe", "llama-v3", "llama3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"],
            [PatternSources.llama3],
            prefersWholeWords: true,
            addsBeginning: true
        ),
        Self(["dbrx", "smaug-bpe", "chatglm-bpe"], [PatternSources.llama3]),
        Self(["glm4", "glm5"], [PatternSources.llama3], prefersWholeWords: true),
        Self(
            ["qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2", "hunyuan", "solar-open", "grok-2"],
            [PatternSources.qwen2]
        ),
        Self(["qwen35"], [PatternSources.qwen35]),
        Self(["ufakzeka"], [PatternSources.withoutContractions]),
        Self(["laguna"], [PatternSources.lines, PatternSources.qwen2]),
        Self(["seed-coder"], [PatternSources.seedCoder]),
        Self(["minicpm5"], [PatternSources.threeNumbers, PatternSources.miniCPM5], prefersWholeWords: true),
        Self(["bailingmoe", "bailingmoe2", "llada-moe"], [PatternSources.bailingMoe]),
        Self(["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"], [PatternSources.gpt4o]),
        Self(["tekken"], [PatternSources.tekken], prefersWholeWords: true, addsBeginning: true),
        Self(["kimi-k2"], [PatternSources.kimiK2]),
        Self(
            ["deepseek-llm"],
            [
                PatternSources.lineBreak, PatternSources.deepSeekLetters, PatternSources.deepSeekSymbols, PatternSources.spacesAtEnd,
                PatternSources.deepSeekIdeographs, PatternSources.numbers,
            ]
        ),
        Self(
            ["deepseek-coder"],
            [
                PatternSources.lineBreak, PatternSources.spaceLetters, PatternSources.spacePunctuation, PatternSources.deepSeekIdeographs,
                PatternSources.number,
            ]
        ),
        Self(
            ["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"],
            [PatternSources.threeNumbers, PatternSources.ideographsAndKana, PatternSources.deepSeek3]
        ),
        Self(
            ["falcon"],
            [PatternSources.falconPunctuation, PatternSources.gpt2, PatternSources.threeDigits]
        ),
        Self(
            ["default"],
            [PatternSources.defaultPunctuation, PatternSources.gpt2, PatternSources.numbers, PatternSources.threeDigits]
        ),
        Self(["bloom", "poro-chat", "gpt3-finnish"], [PatternSources.bloom]),
        Self(["viking"], [PatternSources.bloom, PatternSources.number]),
    ]
}

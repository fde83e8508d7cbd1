import Yams

/// What is wrong with a document, without a line of it: those of configurations may hold secrets.
enum YAMLProblem {
    static func text(_ error: any Error) -> String {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            "it is not YAML at line \(mark.line), column \(mark.column): \(problem)"
        case YamlError.reader(let problem, _, _, _): "it is not YAML: \(problem)"
        default: "it is not YAML that can be read"
        }
    }
}

import ModelFiles

extension ValueFunction {
    /// Reads a value function from a safetensors file.
    ///
    /// Layers are named as RE-Control's code names them: `fc1` is the first, the others follow in ascending order of their numbers, of
    /// which some may be left out (two layers are fc1 and fc3). Each has a `weight` [outputs, inputs] and a `bias` [outputs]; the last has
    /// one output. There are two layers or more, and no other tensors. Metadata may be absent; what is there must agree with the tensors
    /// and the format.
    ///
    /// - Throws: ``ValueFunctionError`` that names the tensor or metadata key which is wrong.
    public init(file: SafetensorsFile) throws(ValueFunctionError) {
        var numbers: Set<Int> = []
        for name in file.tensors.keys.sorted() {
            guard let number = Self.layerNumber(name) else { throw .unknownTensor(name) }
            numbers.insert(number)
        }
        // Without the first layer the rest would still fit together where all layers are as wide as the state, and compute something else.
        guard numbers.contains(1) else { throw .missingTensor("fc1.weight") }
        var layers: [DenseLayer] = []
        let ordered = numbers.sorted()
        for number in ordered {
            layers.append(try Self.layer(number, isLast: number == ordered.last, inputs: layers.last?.rows, file))
        }
        guard layers.count >= 2 else { throw .missingTensor("fc3.weight") }
        try self.init(layers: layers, metadata: file.metadata)
        try checkMetadata()
    }

    /// The value function as a safetensors file, its parameters in F32.
    ///
    /// - Throws: ``ModelFileError`` never for a value function that was read from a file.
    public func serialized() throws(ModelFileError) -> [UInt8] {
        var tensors: [SafetensorsWriter.Tensor] = []
        for (index, layer) in layers.enumerated() {
            let number = index + 1 == layers.count ? max(layers.count, 3) : index + 1
            tensors.append(.init(name: "fc\(number).weight", shape: [layer.rows, layer.columns], floats: layer.weight.floats))
            tensors.append(.init(name: "fc\(number).bias", shape: [layer.rows], floats: Array(layer.bias.values)))
        }
        var metadata = metadata
        metadata["format"] = Self.format
        metadata["activation"] = "relu"
        metadata["site"] = site.description
        metadata["hidden_size"] = "\(hiddenSize)"
        return try SafetensorsWriter.encode(tensors: tensors, metadata: metadata)
    }

    /// The n of `fcn.weight` and `fcn.bias`; nil for any other name.
    private static func layerNumber(_ name: String) -> Int? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1] == "weight" || parts[1] == "bias", parts[0].hasPrefix("fc") else { return nil }
        let digits = parts[0].dropFirst(2)
        guard digits.count <= 3, digits.first != "0", digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(digits)
    }

    private static func layer(
        _ number: Int,
        isLast: Bool,
        inputs: Int?,
        _ file: SafetensorsFile
    ) throws(ValueFunctionError) -> DenseLayer {
        let (weightName, biasName) = ("fc\(number).weight", "fc\(number).bias")
        guard let weight = file.tensors[weightName] else { throw .missingTensor(weightName) }
        guard let bias = file.tensors[biasName] else { throw .missingTensor(biasName) }
        let expectedColumns = inputs.map { "\($0)" } ?? "D"
        guard weight.shape.count == 2, weight.shape[0] > 0, weight.shape[1] > 0, inputs == nil || weight.shape[1] == inputs,
            !isLast || weight.shape[0] == 1
        else {
            throw .badShape(tensor: weightName, found: weight.shape, expected: "[\(isLast ? "1" : "H"), \(expectedColumns)]")
        }
        let rows = weight.shape[0]
        guard bias.shape == [rows] else { throw .badShape(tensor: biasName, found: bias.shape, expected: "[\(rows)]") }
        return DenseLayer(
            rows: rows,
            columns: weight.shape[1],
            weight: try matrix(weight, file),
            bias: ParameterBuffer(try numbers(bias, file))
        )
    }

    private static func matrix(_ tensor: SafetensorsTensor, _ file: SafetensorsFile) throws(ValueFunctionError) -> ParameterMatrix {
        guard [.f32, .f16, .bf16].contains(tensor.type) else { throw .badType(tensor: tensor.name, found: tensor.type.rawValue) }
        let matrix: ParameterMatrix
        do {
            matrix = try file.withBytes(of: tensor.name) {
                ParameterMatrix($0, type: tensor.type, rows: tensor.shape[0], columns: tensor.shape[1])
            }
        } catch {
            throw .file(error)
        }
        // After the copy, so that what changed meanwhile is noticed.
        _ = try numbers(tensor, file)
        return matrix
    }

    private static func numbers(_ tensor: SafetensorsTensor, _ file: SafetensorsFile) throws(ValueFunctionError) -> [Float] {
        guard [.f32, .f16, .bf16].contains(tensor.type) else { throw .badType(tensor: tensor.name, found: tensor.type.rawValue) }
        let values: [Float]
        do { values = try file.floats(tensor.name) } catch { throw .file(error) }
        if let index = values.firstIndex(where: { !$0.isFinite }) { throw .notFinite(tensor: tensor.name, index: index) }
        return values
    }

    private func checkMetadata() throws(ValueFunctionError) {
        let fixed = [("format", Self.format), ("activation", "relu"), ("hidden_size", "\(hiddenSize)")]
        for (key, expected) in fixed {
            if let found = metadata[key], found.word != expected { throw .badMetadata(key: key, found: found, expected: "'\(expected)'") }
        }
        do throws(ControlSettingsError) {
            try ControlSettings.from(metadata: metadata).validate(site: site)
        } catch {
            throw .badMetadata(key: error.field, found: metadata[error.field] ?? "", expected: error.expected)
        }
    }
}

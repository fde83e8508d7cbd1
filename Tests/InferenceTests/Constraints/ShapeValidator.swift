import Foundation
import Inference

/// Says whether a parsed value is of a shape, by another way than the engine's.
struct ShapeValidator {
    let shape: JSONShape
    /// The range of each node of numbers, as the test that made the shape knows it.
    let ranges: [Int: ClosedRange<Double>]

    func isValid(_ text: String) throws -> Bool {
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        return fits(value, shape.root)
    }

    private func fits(_ value: Any, _ node: Int) -> Bool {
        switch shape.nodes[node] {
        case .literals(let texts):
            let values = texts.compactMap { try? JSONSerialization.jsonObject(with: Data($0), options: .fragmentsAllowed) as? NSObject }
            return values.contains { $0.isEqual(value) }
        case .string(let limits):
            guard let string = value as? String else { return false }
            let count = string.unicodeScalars.count
            return count >= limits.minimum && count <= limits.maximum ?? .max
        case .number(let limits):
            guard let number = value as? NSNumber else { return false }
            let isWhole = number.doubleValue.rounded() == number.doubleValue
            return (!limits.isInteger || isWhole) && (ranges[node]?.contains(number.doubleValue) ?? true)
        case .array(let array):
            guard let items = value as? [Any] else { return false }
            return items.count >= array.minimum && items.count <= array.maximum ?? .max && items.allSatisfy { fits($0, array.items) }
        case .object(let object):
            guard let members = value as? [String: Any] else { return false }
            let declared = object.properties.map { String(decoding: $0.name, as: UTF8.self) }
            for (property, name) in zip(object.properties, declared) {
                guard let member = members[name] else {
                    if property.isRequired { return false }
                    continue
                }
                if !fits(member, property.value) { return false }
            }
            return members.allSatisfy { name, member in
                declared.contains(name) || object.additional.map { fits(member, $0) } ?? false
            }
        case .choice(let nodes): return nodes.contains { fits(value, $0) }
        }
    }
}
